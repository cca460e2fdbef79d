package onnx_test

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/modelcache"
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/imaging"
)

// loadInt8 loads a directory as int8, with a cache of the test's own unless it has set one.
func loadInt8(t testing.TB, dir string, threads int) embed.Model {
	t.Helper()
	if os.Getenv(modelcache.DirectoryVariable) == "" {
		t.Setenv(modelcache.DirectoryVariable, t.TempDir())
	}
	model, err := onnx.Load(context.Background(), dir, onnx.Options{Library: embedtest.Library(t), Threads: threads, Precision: embed.INT8})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, model.Close()) })
	return model
}

// collection is pictures of many colours and forms.
func collection(t testing.TB, n int) []blob.Content {
	var pictures []blob.Content
	entries, err := os.ReadDir(filepath.Join(embedtest.Root(t), "testdata", "images"))
	require.NoError(t, err)
	for _, entry := range entries {
		pictures = append(pictures, encoded(readImage(t, entry.Name())))
	}
	for seed := range n {
		pictures = append(pictures, encoded(asPNG(t, drawing(uint64(seed)), -2)))
	}
	return pictures
}

// An int8 vector is the same to the last bit whatever is embedded beside it, with however many threads, and whether
// the weights are mapped from the cache or held in memory.
func TestInt8IsIndependentOfCompany(t *testing.T) {
	ctx := context.Background()
	texts := sentences(30)
	pictures := collection(t, 2)
	for name, dir := range models(t) {
		t.Run(name, func(t *testing.T) {
			embedAll := func(model embed.Model, texts []string, pictures []blob.Content) (vectors [][]float32) {
				embedder := uncached(model, imaging.Faithful)
				ofTexts, err := embedder.Texts(ctx, texts, nil)
				require.NoError(t, err)
				ofPictures, err := embedder.Images(ctx, pictures, nil)
				require.NoError(t, err)
				for _, outcome := range append(ofTexts, ofPictures...) {
					require.NoError(t, outcome.Err)
					vectors = append(vectors, outcome.Vector)
				}
				return vectors
			}
			model := loadInt8(t, dir, 2)
			together := embedAll(model, texts, pictures)
			for i, text := range texts {
				require.Equal(t, together[i], embedAll(model, []string{text}, nil)[0], text)
			}
			for i := range pictures {
				require.Equal(t, together[len(texts)+i], embedAll(model, nil, pictures[i:i+1])[0], i)
			}
			require.Equal(t, together[20:30], embedAll(model, texts[20:30], nil))
			require.Equal(t, together[len(texts)+3:], embedAll(model, nil, pictures[3:]))
			require.Equal(t, together, embedAll(loadInt8(t, dir, 1), texts, pictures), "one thread")

			readOnly := filepath.Join(t.TempDir(), "file")
			require.NoError(t, os.WriteFile(readOnly, nil, 0o644))
			t.Setenv(modelcache.DirectoryVariable, readOnly)
			require.Equal(t, together, embedAll(loadInt8(t, dir, 3), texts, pictures), "without a cache")
		})
	}
}

// What int8 costs in quality, on weights that were trained: how many of the ten nearest stay the same.
func TestInt8KeepsTheRanking(t *testing.T) {
	ctx := context.Background()
	dir := embedtest.EmbeddedModel(t)
	exact, rough := uncached(load(t, dir), imaging.Faithful), uncached(loadInt8(t, dir, 0), imaging.Faithful)
	assert.NotEqual(t, exact.Model().Info().Fingerprint, rough.Model().Info().Fingerprint)

	vectors := func(embedder *embed.Embedder) (texts, pictures [][]float32) {
		ofTexts, err := embedder.Texts(ctx, captions(), nil)
		require.NoError(t, err)
		ofPictures, err := embedder.Images(ctx, collection(t, 30), nil)
		require.NoError(t, err)
		for _, outcome := range ofTexts {
			texts = append(texts, outcome.Vector)
		}
		for _, outcome := range ofPictures {
			pictures = append(pictures, outcome.Vector)
		}
		return texts, pictures
	}
	exactTexts, exactPictures := vectors(exact)
	roughTexts, roughPictures := vectors(rough)
	for name, c := range map[string]struct {
		exactQueries, roughQueries, exactRows, roughRows [][]float32
		least                                            float64
	}{
		"texts by text":       {exactTexts[:40], roughTexts[:40], exactTexts, roughTexts, 0.9},
		"pictures by text":    {exactTexts[:40], roughTexts[:40], exactPictures, roughPictures, 0.9},
		"pictures by picture": {exactPictures, roughPictures, exactPictures, roughPictures, 0.9},
	} {
		overlap := 0.0
		for i := range c.exactQueries {
			overlap += shared(nearest(c.exactQueries[i], c.exactRows), nearest(c.roughQueries[i], c.roughRows)) / float64(len(c.exactQueries))
		}
		t.Logf("%s: %d queries, %d rows, overlap of the first ten %.3f", name, len(c.exactQueries), len(c.exactRows), overlap)
		assert.GreaterOrEqual(t, overlap, c.least, name)
	}
	least := 1.0
	for i := range exactTexts {
		least = min(least, cosine(t, exactTexts[i], roughTexts[i]))
	}
	assert.GreaterOrEqual(t, least, 0.995)
	assert.NotEqual(t, exactTexts[0], roughTexts[0], "it must be int8 that is measured")
}

func nearest(query []float32, rows [][]float32) []int {
	order := make([]int, len(rows))
	scores := make([]float64, len(rows))
	for i, row := range rows {
		order[i] = i
		for k := range row {
			scores[i] += float64(query[k]) * float64(row[k])
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return scores[order[a]] > scores[order[b]] })
	return order[:10]
}

// shared is the part of a that is in b.
func shared(a, b []int) float64 {
	in := map[int]bool{}
	for _, i := range b {
		in[i] = true
	}
	n := 0.0
	for _, i := range a {
		if in[i] {
			n++
		}
	}
	return n / float64(len(a))
}

// Int8 graphs are made once, verified, and made again where they were damaged.
func TestInt8IsKept(t *testing.T) {
	root := t.TempDir()
	t.Setenv(modelcache.DirectoryVariable, root)
	text := []string{"a red circle"}
	vector := func() []float32 {
		model, err := onnx.Load(context.Background(), embedtest.TinyCLIP(t), onnx.Options{Library: embedtest.Library(t), Precision: embed.INT8})
		require.NoError(t, err)
		defer model.Close()
		out, err := model.Texts(context.Background(), text)
		require.NoError(t, err)
		return out[0].Vector
	}
	want := vector()
	weights, err := filepath.Glob(filepath.Join(root, "models", "*", "weights.bin"))
	require.NoError(t, err)
	require.Len(t, weights, 2, "one entry a tower")
	before, err := os.Stat(weights[0])
	require.NoError(t, err)
	assert.Equal(t, want, vector())
	after, err := os.Stat(weights[0])
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after), "the files are those of the first load")

	content, err := os.ReadFile(weights[0])
	require.NoError(t, err)
	content[len(content)/2] ^= 0xff
	require.NoError(t, os.WriteFile(weights[0], content, 0o644))
	assert.Equal(t, want, vector())
	repaired, err := os.ReadFile(weights[0])
	require.NoError(t, err)
	content[len(content)/2] ^= 0xff
	assert.True(t, string(content) == string(repaired))
}
