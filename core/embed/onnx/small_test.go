package onnx_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// smallGoldens are embeddings by the library that made a small model (testdata/models/make_small.py).
type smallGoldens struct {
	Texts []struct {
		Text   string    `json:"text"`
		Vector []float32 `json:"vector"`
	} `json:"texts"`
	Images []struct {
		File   string    `json:"file"`
		Vector []float32 `json:"vector"`
	} `json:"images"`
}

func smallModel(t testing.TB, name string) string {
	return filepath.Join(embedtest.Root(t), "testdata", "models", "small", name)
}

// Every architecture whose graph is written here, from texts and picture files to
// vectors, against the library that the model comes from. docs/models.md has this table.
func TestWrittenGraphsGiveTheNumbersOfTheirLibraries(t *testing.T) {
	for name, dimension := range map[string]int{
		"clip": 24, "clip-old-config-float16-shards": 24, "clip-bfloat16": 24,
		"open-clip": 24, "open-clip-quick-gelu": 24, "open-clip-text-tower": 24,
	} {
		t.Run(name, func(t *testing.T) {
			var g smallGoldens
			readJSON(t, &g, "models", "small", name, "goldens.json")
			require.Len(t, g.Texts, 6)
			model := load(t, smallModel(t, name))
			assert.Equal(t, dimension, model.Info().Dimension)
			embedder := uncached(model, imaging.Faithful)
			texts := make([]string, len(g.Texts))
			for i, golden := range g.Texts {
				texts[i] = golden.Text
			}
			out, err := embedder.Texts(context.Background(), texts, nil)
			require.NoError(t, err)
			worst := 0.0
			for i, golden := range g.Texts {
				difference := relative(t, golden.Vector, out[i].Vector)
				assert.LessOrEqual(t, difference, 1e-5, "%q", golden.Text)
				worst = max(worst, difference)
			}
			assert.True(t, out[4].Truncated, "the long text")
			contents := make([]blob.Content, len(g.Images))
			for i, golden := range g.Images {
				contents[i] = encoded(readImage(t, golden.File))
			}
			out, err = embedder.Images(context.Background(), contents, nil)
			require.NoError(t, err)
			for i, golden := range g.Images {
				require.NoError(t, out[i].Err)
				difference := relative(t, golden.Vector, out[i].Vector)
				assert.LessOrEqual(t, difference, 1e-5, golden.File)
				worst = max(worst, difference)
			}
			if len(g.Images) > 0 {
				assert.Less(t, cosine(t, g.Images[0].Vector, g.Images[2].Vector), 0.999, "the weights are such that pictures differ")
			}
			assert.Less(t, cosine(t, g.Texts[1].Vector, g.Texts[2].Vector), 0.999, "the weights are such that texts differ")
			t.Logf("%d texts, %d pictures, largest difference %.1e of the largest number", len(texts), len(contents), worst)
			if len(g.Images) == 0 {
				_, err = model.Images(context.Background(), nil, 0)
				assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
			}
		})
	}
}

// relative is the largest difference over the largest number of the first vector.
func relative(t testing.TB, want, got []float32) float64 {
	t.Helper()
	largest := farthest(t, want, make([]float32, len(want)))
	require.NotZero(t, largest)
	return farthest(t, want, got) / largest
}
