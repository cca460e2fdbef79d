package onnx_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
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

// writtenModels are the models in testdata/models/small with their dimensions.
var writtenModels = map[string]int{
	"clip": 24, "clip-old-config-float16-shards": 24, "clip-bfloat16": 24,
	"sentence-transformers-clip": 24,
	"open-clip":                  24, "open-clip-quick-gelu": 24, "open-clip-text-tower": 24,
	"siglip":              48,
	"bert-mean-normalize": 32, "bert-cls-dense": 20, "mpnet-mean-normalize": 32,
}

// Every architecture whose graph is written here, from texts and picture files to
// vectors, against the library that the model comes from. docs/models.md has this table.
func TestWrittenGraphsGiveTheNumbersOfTheirLibraries(t *testing.T) {
	for name, dimension := range writtenModels {
		t.Run(name, func(t *testing.T) {
			var g smallGoldens
			readJSON(t, &g, "models", "small", name, "goldens.json")
			model := load(t, smallModel(t, name))
			assert.Equal(t, dimension, model.Info().Dimension)
			embedder := uncached(model, imaging.Faithful)
			compareTexts(t, g, embedder)
			if len(g.Images) > 0 {
				compareImages(t, g, embedder)
				return
			}
			_, err := model.Images(context.Background(), nil, 0)
			assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
			_, err = embedder.Images(context.Background(), []blob.Content{encoded(readImage(t, "red-circle.png"))}, nil)
			assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
			assert.ErrorContains(t, err, "texts only")
		})
	}
}

// A layout without a passing row in the table, or a row without a model, is not done.
func TestTheTableOfModelsIsComplete(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(embedtest.Root(t), "docs", "models.md"))
	require.NoError(t, err)
	entries, err := os.ReadDir(smallModel(t, ""))
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.IsDir() {
			assert.Contains(t, string(table), "| `"+entry.Name()+"` |")
			assert.Contains(t, writtenModels, entry.Name())
		}
	}
}

func compareTexts(t *testing.T, g smallGoldens, embedder *embed.Embedder) {
	require.Len(t, g.Texts, 6)
	texts, want := make([]string, len(g.Texts)), make([][]float32, len(g.Texts))
	for i, golden := range g.Texts {
		texts[i], want[i] = golden.Text, golden.Vector
	}
	out, err := embedder.Texts(context.Background(), texts, nil)
	require.NoError(t, err)
	assert.True(t, out[4].Truncated, "the long text")
	compare(t, want, out)
}

func compareImages(t *testing.T, g smallGoldens, embedder *embed.Embedder) {
	require.Len(t, g.Images, 6)
	contents, want := make([]blob.Content, len(g.Images)), make([][]float32, len(g.Images))
	for i, golden := range g.Images {
		contents[i], want[i] = encoded(readImage(t, golden.File)), golden.Vector
	}
	out, err := embedder.Images(context.Background(), contents, nil)
	require.NoError(t, err)
	compare(t, want, out)
}

// compare holds vectors to 1e-5 of their largest number, and makes sure that it could have failed: vectors of different things differ.
func compare(t *testing.T, want [][]float32, got []embed.Outcome) {
	worst := 0.0
	for i := range want {
		require.NoError(t, got[i].Err)
		difference := relative(t, want[i], got[i].Vector)
		assert.LessOrEqual(t, difference, 1e-5, i)
		worst = max(worst, difference)
		for j := range i {
			assert.Greater(t, relative(t, want[i], want[j]), 1e-3, "%d and %d", i, j)
		}
	}
	t.Logf("%d vectors, largest difference %.1e of the largest number", len(want), worst)
}

// relative is the largest difference over the largest number of the first vector.
func relative(t testing.TB, want, got []float32) float64 {
	t.Helper()
	largest := farthest(t, want, make([]float32, len(want)))
	require.NotZero(t, largest)
	return farthest(t, want, got) / largest
}
