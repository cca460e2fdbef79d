package onnx_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/imaging"
)

// clipGoldens are embeddings by torch and transformers.
type clipGoldens struct {
	Texts []struct {
		Text   string    `json:"text"`
		IDs    []int     `json:"ids"`
		Vector []float32 `json:"text_embed"`
	} `json:"texts"`
	Padded struct {
		Texts   []string    `json:"texts"`
		Vectors [][]float32 `json:"text_embeds"`
	} `json:"padded_batch"`
	Images []struct {
		File     string    `json:"file"`
		Size     [2]int    `json:"size"`
		RGB      string    `json:"rgb_sha256"`
		Vector   []float32 `json:"image_embed"`
		Squashed struct {
			Vector []float32 `json:"image_embed"`
		} `json:"squashed"`
	} `json:"images"`
}

func readCLIPGoldens(t testing.TB) (g clipGoldens) {
	readJSON(t, &g, "goldens", "tiny_clip.json")
	return g
}

func TestTinyCLIPTexts(t *testing.T) {
	g := readCLIPGoldens(t)
	require.NotEmpty(t, g.Texts)
	texts := make([]string, len(g.Texts))
	for i, golden := range g.Texts {
		texts[i] = golden.Text
	}
	out, err := uncached(load(t, embedtest.TinyCLIP(t)), imaging.Faithful).Texts(context.Background(), texts, nil)
	require.NoError(t, err)
	worst := 0.0
	for i, golden := range g.Texts {
		difference := farthest(t, golden.Vector, out[i].Vector)
		assert.LessOrEqual(t, difference, 1e-4, "%q", golden.Text)
		worst = max(worst, difference)
		assert.Equal(t, len(golden.IDs), min(out[i].Tokens, 77), "%q", golden.Text)
		assert.Equal(t, out[i].Tokens > 77, out[i].Truncated)
	}
	t.Logf("%d texts, largest difference from torch %.2g", len(texts), worst)
}

// transformers padded these texts to 77 tokens; we leave the padding away.
func TestLeavingThePaddingAwayIsExact(t *testing.T) {
	g := readCLIPGoldens(t)
	require.NotEmpty(t, g.Padded.Texts)
	out, err := load(t, embedtest.TinyCLIP(t)).Texts(context.Background(), g.Padded.Texts)
	require.NoError(t, err)
	for i, text := range g.Padded.Texts {
		assert.LessOrEqual(t, farthest(t, g.Padded.Vectors[i], out[i].Vector), 1e-5, text)
	}
}

func TestTinyCLIPImages(t *testing.T) {
	embedder := uncached(load(t, embedtest.TinyCLIP(t)), imaging.Faithful)
	compared := 0
	for _, golden := range readCLIPGoldens(t).Images {
		if golden.Vector == nil {
			continue // one pixel: transformers refuses it
		}
		content := encoded(readImage(t, golden.File))
		if pixels := plainRGB(t, golden.File, content.Encoded); pixels != nil {
			sum := sha256.Sum256(pixels.Data)
			require.Equal(t, golden.RGB, hex.EncodeToString(sum[:]), golden.File)
			content = blob.Content{Pixels: pixels}
		}
		out, err := embedder.Images(context.Background(), []blob.Content{content}, nil)
		require.NoError(t, err)
		require.NoError(t, out[0].Err, golden.File)
		assert.LessOrEqual(t, farthest(t, golden.Vector, out[0].Vector), 1e-4, golden.File)
		compared++
	}
	assert.Equal(t, 16, compared)
}

func TestTinyCLIPImagesUnderTheReferencePolicy(t *testing.T) {
	embedder := uncached(load(t, embedtest.TinyCLIP(t)), imaging.Reference)
	var contents []blob.Content
	var want [][]float32
	for _, golden := range readCLIPGoldens(t).Images {
		if golden.Squashed.Vector != nil {
			contents = append(contents, encoded(readImage(t, golden.File)))
			want = append(want, golden.Squashed.Vector)
		}
	}
	require.Len(t, contents, 16)
	out, err := embedder.Images(context.Background(), contents, nil)
	require.NoError(t, err)
	for i := range out {
		require.NoError(t, out[i].Err)
		assert.LessOrEqual(t, farthest(t, want[i], out[i].Vector), 1e-4, i)
	}
}

func TestEmbeddedModel(t *testing.T) {
	var g struct {
		Texts  map[string][]float32 `json:"texts"`
		Images map[string][]float32 `json:"images"`
	}
	readJSON(t, &g, "goldens", "embedded.json")
	require.Len(t, g.Images, 5)
	require.Len(t, g.Texts, 3)
	embedder := uncached(load(t, embedtest.EmbeddedModel(t)), imaging.Faithful)
	assert.Equal(t, embed.Info{
		Name: "innerspace-default", Dimension: 384, MaxTokens: 128, Fingerprint: embedder.Model().Info().Fingerprint, Format: "innerspace",
		Device: embed.CPU, Calibration: embedder.Model().Info().Calibration,
	}, embedder.Model().Info())
	require.NotNil(t, embedder.Model().Info().Calibration)

	texts, images := sorted(g.Texts), sorted(g.Images)
	contents := make([]blob.Content, len(images))
	for i, name := range images {
		contents[i] = encoded(readImage(t, name+".png"))
	}
	out, err := embedder.Texts(context.Background(), texts, nil)
	require.NoError(t, err)
	for i, text := range texts {
		assert.LessOrEqual(t, farthest(t, g.Texts[text], out[i].Vector), 1e-4, text)
	}
	out, err = embedder.Images(context.Background(), contents, nil)
	require.NoError(t, err)
	for i, name := range images {
		require.NoError(t, out[i].Err)
		assert.LessOrEqual(t, farthest(t, g.Images[name], out[i].Vector), 1e-4, name)
	}
}

func sorted(m map[string][]float32) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
