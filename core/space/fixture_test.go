package space_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// table is an embedder that looks vectors up: texts by themselves, images by their bytes.
type table struct {
	dimension int
	texts     map[string][]float32
	images    map[string][]float32
	maxTokens int
	failure   error
}

func (t *table) info() embed.Info {
	return embed.Info{Name: "table", Dimension: t.dimension, MaxTokens: t.maxTokens}
}

func look(vectors map[string][]float32, key string) embed.Outcome {
	if vector, ok := vectors[key]; ok {
		return embed.Outcome{Vector: slices.Clone(vector)}
	}
	return embed.Outcome{Err: errs.New(errs.InvalidInput, "no vector for %q", key)}
}

func (t *table) Texts(_ context.Context, texts []string, progress func(int)) ([]embed.Outcome, error) {
	var outcomes []embed.Outcome
	for _, text := range texts {
		outcome := look(t.texts, text)
		if t.maxTokens > 0 && len(text) > t.maxTokens {
			outcome.Tokens, outcome.Truncated = len(text), true
		}
		outcomes = append(outcomes, outcome)
	}
	if progress != nil {
		progress(len(texts))
	}
	return outcomes, t.failure
}

func (t *table) Images(_ context.Context, images []blob.Content, progress func(int)) ([]embed.Outcome, error) {
	var outcomes []embed.Outcome
	for _, image := range images {
		outcomes = append(outcomes, look(t.images, string(image.Encoded)))
	}
	if progress != nil {
		progress(len(images))
	}
	return outcomes, t.failure
}

// rows are rows by field; "" is a value too.
type rows []map[string]string

func (r rows) Len() int { return len(r) }

func (r rows) Text(row int, field string) (string, bool) {
	text, ok := r[row][field]
	return text, ok
}

func (r rows) Texts(row int, field string) ([]string, bool) {
	text, ok := r[row][field]
	return []string{text}, ok
}

func (r rows) Number(int, string) (float64, bool) { return 0, false }

func (r rows) Numbers(int, string) ([]float64, bool) { return nil, false }

func (r rows) Now() int64 { return 0 }

func (r rows) Image(row int, field string) (blob.Content, bool) {
	bytes, ok := r[row][field]
	return blob.Content{Encoded: []byte(bytes)}, ok
}

var imageSchema = &schema.Schema{Name: "Image", Fields: []schema.Field{
	{Name: "id", Type: schema.ID}, {Name: "image", Type: schema.Blob}, {Name: "description", Type: schema.String},
}}

func schemas(name string) (*schema.Schema, bool) { return imageSchema, name == "Image" }

// read reads a space's definition.
func read(t *testing.T, text string) (space.Definition, error) {
	parsed, err := document.Parse([]byte(text), 1<<20)
	require.NoError(t, err)
	definition := space.Read(parsed.Root(), schemas)
	return definition, parsed.Err()
}

// build makes an image space over image and description.
func build(t *testing.T, name string, embedder *table) space.Space {
	definition, err := read(t, `{"type": "image_space", "name": "`+name+`", "model": {"name": "table", "path": "/table"},
		"fields": [{"schema": "Image", "image": "image", "description": "description"}]}`)
	require.NoError(t, err)
	built, err := definition.Build(embedder, embedder.info())
	require.NoError(t, err)
	return built
}

type goldenQuery struct {
	Params struct {
		Image       string   `json:"image"`
		Text        string   `json:"text"`
		ImageWeight *float64 `json:"image_weight"`
		TextWeight  *float64 `json:"text_weight"`
	} `json:"params"`
	SearchVector []float32 `json:"search_vector"`
	Rows         []struct {
		ID    string  `json:"id"`
		Score float64 `json:"score"`
	} `json:"rows"`
}

// golden is the part of testdata/goldens/tiny_clip_image_space.json that says what the reference made of which raw embeddings.
type golden struct {
	Descriptions map[string]string `json:"descriptions"`
	Tiny         map[string]struct {
		Squash struct {
			Images map[string][]float32 `json:"raw_image"`
			Texts  map[string][]float32 `json:"raw_text"`
		} `json:"direct_squash"`
		Reference struct {
			Queries         []goldenQuery        `json:"queries"`
			ImageOnly       map[string][]float32 `json:"index_vectors_image_only"`
			WithDescription map[string][]float32 `json:"index_vectors_image_plus_description"`
		} `json:"reference"`
	} `json:"tiny"`
}

func loadGolden(t *testing.T) golden {
	data, err := os.ReadFile("../../testdata/goldens/tiny_clip_image_space.json")
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(data, &g))
	return g
}
