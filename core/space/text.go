package space

import (
	"context"
	"slices"

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
// added by weight, and the sum is brought to length 1. Where a field is chunked, each chunk has a vector beside that
// of the whole text.
type textSpace struct {
	single
	model     ModelReference
	chunkings map[string]*chunking // by schema; none for texts that stay whole
	embedding
}

const maxCacheSize = 1 << 40

func readTextSpace(node document.Node, schemas Schemas) Definition {
	object := node.Object(append(singleKeys, "model", "cache_size")...)
	s := &textSpace{chunkings: map[string]*chunking{}}
	s.single = readSingle(object, schemas, "text", []schema.Type{schema.String}, []string{"chunk"}, func(schema string, entry document.Object) {
		if chunk, ok := entry.Get("chunk"); ok && !chunk.IsNull() {
			s.chunkings[schema] = readChunking(chunk)
		}
	})
	s.needField(object, "TextSimilaritySpace")
	s.model = readModel(object.Need("model"))
	if size, ok := object.Get("cache_size"); ok && !size.IsNull() {
		_ = size.Integer(0, maxCacheSize) // the content cache of the process does this work for all spaces
	}
	return s
}

func (s *textSpace) Identity() string {
	chunkings := make([]string, 0, len(s.chunkings))
	for schema, c := range s.chunkings {
		chunkings = append(chunkings, schema+" "+c.identity())
	}
	slices.Sort(chunkings)
	return s.identity("text_similarity_space", s.model.identity(), chunkings)
}

// IdentityFor leaves the fields of other schemas out.
func (s *textSpace) IdentityFor(schema string) string {
	restricted := *s
	restricted.fields = only(s.fields, schema)
	restricted.chunkings = only(s.chunkings, schema)
	return restricted.Identity()
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
	return result, s.addChunks(ctx, schema, texts, result)
}

// addChunks cuts and embeds the texts of a schema that has them cut.
func (s *textSpace) addChunks(ctx context.Context, schema string, texts gathered[string], result *Encoding) error {
	chunker := s.chunkings[schema]
	if chunker == nil {
		return nil
	}
	var pieces gathered[string]
	for i, text := range texts.values {
		row := texts.rows[i]
		chunks, err := chunker.chunks(text)
		if err != nil {
			result.Failures = append(result.Failures, Failure{Row: row, Field: s.fields[schema], Err: err})
		}
		for _, chunk := range chunks {
			pieces.rows, pieces.values = append(pieces.rows, row), append(pieces.values, chunk)
		}
	}
	outcomes, err := s.embedTexts(ctx, pieces.values, nil)
	if err != nil {
		return err
	}
	for i, outcome := range outcomes {
		if outcome.Err != nil {
			result.Failures = append(result.Failures, Failure{Row: pieces.rows[i], Field: s.fields[schema], Err: outcome.Err})
			continue
		}
		vector.Normalize(outcome.Vector)
		result.Chunks = append(result.Chunks, Chunk{Row: pieces.rows[i], Vector: vector.Plain(outcome.Vector)})
	}
	return nil
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
