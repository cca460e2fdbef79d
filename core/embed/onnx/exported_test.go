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
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/imaging"
)

func exportedModel(t testing.TB, name string) string {
	return filepath.Join(embedtest.Root(t), "testdata", "models", "exported", filepath.FromSlash(name))
}

func loadWith(t testing.TB, dir string, options onnx.Options) embed.Model {
	t.Helper()
	options.Library = embedtest.Library(t)
	model, err := onnx.Load(context.Background(), dir, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, model.Close()) })
	return model
}

// exportedGoldens are embeddings by the library that a model was exported from (testdata/models/make_exported.py).
func exportedGoldens(t testing.TB, name string) (g smallGoldens) {
	readJSON(t, &g, "models", "exported", name, "goldens.json")
	require.Len(t, g.Texts, 6)
	require.Len(t, g.Images, 6)
	return g
}

// Every layout with ONNX graphs, from texts and picture files to vectors, against the library that the model was
// exported from. docs/models.md has this table.
func TestExportedGraphsGiveTheNumbersOfTheirLibraries(t *testing.T) {
	for name, test := range map[string]struct {
		dir, text, goldens string
		precision          embed.Precision
		dimension          int
		tolerance          float64 // of the largest number
	}{
		"transformers.js, fp32":         {dir: "clip", goldens: "clip", dimension: 24, tolerance: 1e-5},
		"transformers.js, fp16":         {dir: "clip", goldens: "clip/goldens_fp16", precision: embed.FP16, dimension: 24, tolerance: 2e-3},
		"transformers.js, int8":         {dir: "clip", goldens: "clip/goldens_quantized", precision: embed.INT8, dimension: 24, tolerance: 1e-5},
		"external data":                 {dir: "clip-external-data", goldens: "clip-external-data", dimension: 24, tolerance: 1e-5},
		"two directories":               {dir: "clip-pair/vision", text: "clip-pair/text", goldens: "clip-pair", dimension: 24, tolerance: 1e-5},
		"two directories in one":        {dir: "clip-pair", goldens: "clip-pair", dimension: 24, tolerance: 1e-5},
		"immich":                        {dir: "immich", goldens: "immich", dimension: 24, tolerance: 1e-5},
		"immich, bytes":                 {dir: "immich-bytes", goldens: "immich-bytes", dimension: 24, tolerance: 1e-5},
		"immich, SigLIP":                {dir: "immich-siglip", goldens: "immich-siglip", dimension: 24, tolerance: 1e-5},
		"immich, XLM-RoBERTa":           {dir: "immich-xlm-roberta", goldens: "immich-xlm-roberta", dimension: 24, tolerance: 1e-5},
		"transformers.js, SigLIP":       {dir: "siglip", goldens: "siglip", dimension: 32, tolerance: 1e-5},
		"transformers.js, SigLIP 2":     {dir: "siglip2", goldens: "siglip2", dimension: 32, tolerance: 1e-5},
		"transformers.js, jina-clip-v1": {dir: "jina-clip", goldens: "jina-clip", dimension: 24, tolerance: 1e-5},
	} {
		t.Run(name, func(t *testing.T) {
			options := onnx.Options{Precision: test.precision}
			if test.text != "" {
				options.TextDir = exportedModel(t, test.text)
			}
			model := loadWith(t, exportedModel(t, test.dir), options)
			assert.Equal(t, test.dimension, model.Info().Dimension)
			embedder := uncached(model, imaging.Faithful)
			g := exportedGoldens(t, test.goldens)
			texts, images := embedGoldens(t, g, embedder)
			assert.True(t, texts[4].Truncated, "the long text")
			worstText, worstImage := 0.0, 0.0
			for i, golden := range g.Texts {
				difference := relative(t, golden.Vector, texts[i].Vector)
				assert.LessOrEqual(t, difference, test.tolerance, "%q", golden.Text)
				worstText = max(worstText, difference)
				for j := range i {
					assert.Greater(t, relative(t, golden.Vector, g.Texts[j].Vector), 1e-3, "%d and %d", i, j)
				}
			}
			for i, golden := range g.Images {
				difference := relative(t, golden.Vector, images[i].Vector)
				assert.LessOrEqual(t, difference, test.tolerance, golden.File)
				worstImage = max(worstImage, difference)
			}
			t.Logf("%s: largest difference of texts %.1e, of pictures %.1e of the largest number", name, worstText, worstImage)
		})
	}
}

func embedGoldens(t testing.TB, g smallGoldens, embedder *embed.Embedder) (texts, images []embed.Outcome) {
	t.Helper()
	words := make([]string, len(g.Texts))
	for i, golden := range g.Texts {
		words[i] = golden.Text
	}
	texts, err := embedder.Texts(context.Background(), words, nil)
	require.NoError(t, err)
	contents := make([]blob.Content, len(g.Images))
	for i, golden := range g.Images {
		contents[i] = encoded(readImage(t, golden.File))
	}
	images, err = embedder.Images(context.Background(), contents, nil)
	require.NoError(t, err)
	for i := range images {
		require.NoError(t, images[i].Err, g.Images[i].File)
	}
	return texts, images
}

// A graph that quantises activations takes one scale for all of a batch. A vector must not show in which company it was made.
func TestQuantisedVectorsDoNotDependOnTheirBatch(t *testing.T) {
	embedder := uncached(loadWith(t, exportedModel(t, "clip"), onnx.Options{Precision: embed.INT8}), imaging.Faithful)
	g := exportedGoldens(t, "clip")
	texts, images := embedGoldens(t, g, embedder)
	for i := range g.Texts {
		alone := smallGoldens{Texts: g.Texts[i : i+1], Images: g.Images[i : i+1]}
		text, image := embedGoldens(t, alone, embedder)
		assert.Equal(t, texts[i].Vector, text[0].Vector, "to the bit")
		assert.Equal(t, images[i].Vector, image[0].Vector, "to the bit")
	}
}

// The Hugging Face cache holds a snapshot as links to files that are named by their hash.
func TestASnapshotOfLinks(t *testing.T) {
	source := exportedModel(t, "clip-external-data")
	cache := t.TempDir()
	blobs, snapshot := filepath.Join(cache, "blobs"), filepath.Join(cache, "snapshots", "main")
	require.NoError(t, os.MkdirAll(blobs, 0o755))
	number := 0
	require.NoError(t, filepath.WalkDir(source, func(path string, entry os.DirEntry, err error) error {
		relative, relErr := filepath.Rel(source, path)
		require.NoError(t, relErr)
		if err != nil || entry.IsDir() {
			return os.MkdirAll(filepath.Join(snapshot, relative), 0o755)
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		number++
		target := filepath.Join(blobs, string(rune('a'+number)))
		require.NoError(t, os.WriteFile(target, data, 0o644))
		return os.Symlink(target, filepath.Join(snapshot, relative))
	}))
	linked, plain := loadWith(t, snapshot, onnx.Options{}), loadWith(t, source, onnx.Options{})
	assert.Equal(t, plain.Info().Fingerprint, linked.Info().Fingerprint)
	want, err := plain.Texts(context.Background(), []string{"red"})
	require.NoError(t, err)
	got, err := linked.Texts(context.Background(), []string{"red"})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestPrecisionsAreDifferentModels(t *testing.T) {
	dir := exportedModel(t, "clip")
	seen := map[string]embed.Precision{}
	for _, precision := range []embed.Precision{embed.FP32, embed.FP16, embed.INT8} {
		info := loadWith(t, dir, onnx.Options{Precision: precision}).Info()
		assert.Empty(t, seen[info.Fingerprint])
		seen[info.Fingerprint] = precision
	}
}
