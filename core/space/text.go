package space

import (
	"context"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// textSpace compares texts by meaning, with a model that has a text tower.
//
// At ingest a text's vector is the model's output brought to length 1; an empty or missing text has zeros, a blank one
// is embedded like any other. At query each input is embedded, an empty text too, and brought to length 1; they are
// added by weight, and the sum is brought to length 1.
type textSpace struct {
	single
	model ModelReference
	embedding
}

const maxCacheSize = 1 << 40

func readTextSpace(node document.Node, schemas Schemas) Definition {
	object := node.Object(append(singleKeys, "model", "cache_size")...)
	s := &textSpace{single: readSingle(object, schemas, "text", []schema.Type{schema.String}, nil, nil)}
	s.needField(object, "TextSimilaritySpace")
	s.model = readModel(object.Need("model"))
	if size, ok := object.Get("cache_size"); ok && !size.IsNull() {
		_ = size.Integer(0, maxCacheSize) // the content cache of the process does this work for all spaces
	}
	return s
}

func (s *textSpace) Identity() string {
	return s.identity("text_similarity_space", s.model.identity())
}

// Model names the model.
func (s *textSpace) Model() (ModelReference, bool) { return s.model, true }

func (s *textSpace) Build(embedder Embedder, info embed.Info) (Space, error) {
	if embedder == nil {
		return nil, errs.New(errs.Internal, "the text space %s was built without its model", s.name)
	}
	built := *s
	built.embedding = embedding{embedder, info}
	return &built, nil
}

func (s *textSpace) Dimension() int { return s.info.Dimension }

func (s *textSpace) Missing() vector.Vector { return vector.Plain(make([]float32, s.Dimension())) }

func (s *textSpace) Protected([]float32) []bool { return nil }

func (s *textSpace) Target(name string) (Target, error) {
	return s.oneTarget("text space", name, TextValue)
}

func (s *textSpace) Encode(ctx context.Context, schema string, rows Rows, progress func(int)) (*Encoding, error) {
	field := s.fields[schema]
	texts := gatherTexts(rows, field)
	outcomes, err := s.embedTexts(ctx, texts.values, progress)
	if err != nil {
		return nil, err
	}
	result := &Encoding{Vectors: make([]vector.Vector, rows.Len())}
	for row := range result.Vectors {
		result.Vectors[row] = s.Missing()
	}
	for i, outcome := range outcomes {
		row := texts.rows[i]
		if outcome.Err != nil {
			result.Failures = append(result.Failures, Failure{Row: row, Field: field, Err: outcome.Err})
			continue
		}
		if outcome.Truncated {
			result.Truncated = append(result.Truncated, Truncation{Row: row, Field: field, Tokens: outcome.Tokens, Limit: s.info.MaxTokens})
		}
		vector.Normalize(outcome.Vector)
		result.Vectors[row] = vector.Plain(outcome.Vector)
	}
	return result, nil
}

func (s *textSpace) Query(ctx context.Context, inputs []Input, _ int64) (*QueryVector, error) {
	var texts gathered[string]
	for i, input := range inputs {
		if input.Stored == nil {
			texts.rows, texts.values = append(texts.rows, i), append(texts.values, input.Text)
		}
	}
	outcomes, err := s.embedTexts(ctx, texts.values, nil)
	if err != nil {
		return nil, err
	}
	byInput := make([]embed.Outcome, len(inputs))
	for i, outcome := range outcomes {
		if outcome.Err != nil {
			return nil, &InputError{Input: texts.rows[i], Err: outcome.Err}
		}
		byInput[texts.rows[i]] = outcome
	}
	return s.sum(inputs, byInput)
}
