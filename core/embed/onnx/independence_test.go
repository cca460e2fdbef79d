package onnx_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/imaging"
)

// sentences has texts of many lengths, several of each.
func sentences(n int) []string {
	words := strings.Fields("red blue circle square with a black frame around the dog runs over green grass tiny huge")
	source := rand.New(rand.NewPCG(1, 2))
	texts := make([]string, n)
	for i := range texts {
		parts := []string{fmt.Sprint(i)}
		for range source.IntN(30) {
			parts = append(parts, words[source.IntN(len(words))])
		}
		texts[i] = strings.Join(parts, " ")
	}
	return texts
}

// noise is a picture that no other seed gives.
func noise(t testing.TB, seed uint64, width, height int) *image.NRGBA {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	source := rand.New(rand.NewPCG(seed, 7))
	for i := range img.Pix {
		if img.Pix[i] = byte(source.Uint32()); i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image, level png.CompressionLevel) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: level}).Encode(&out, img))
	return out.Bytes()
}

func models(t testing.TB) map[string]string {
	return map[string]string{"tiny CLIP": embedtest.TinyCLIP(t), "embedded": embedtest.EmbeddedModel(t)}
}

// A vector must not depend on what is embedded beside it. The cache is off throughout.
func TestBatchIndependence(t *testing.T) {
	ctx := context.Background()
	for name, dir := range models(t) {
		t.Run(name, func(t *testing.T) {
			model := load(t, dir)
			embedder := uncached(model, imaging.Faithful)

			texts := sentences(60)
			together, err := embedder.Texts(ctx, texts, nil)
			require.NoError(t, err)
			for i := 0; i < len(texts); i += 4 {
				alone, err := embedder.Texts(ctx, texts[i:i+1], nil)
				require.NoError(t, err)
				assert.GreaterOrEqual(t, cosine(t, alone[0].Vector, together[i].Vector), 1-1e-6, texts[i])
			}
			company, err := embedder.Texts(ctx, append([]string{texts[59]}, texts[:20]...), nil)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, cosine(t, company[0].Vector, together[59].Vector), 1-1e-6)
			assert.Less(t, cosine(t, together[0].Vector, together[1].Vector), 0.9999, "different texts must differ")

			var pictures []blob.Content
			for seed := range 11 {
				pictures = append(pictures, encoded(asPNG(t, noise(t, uint64(seed), 60+10*seed, 80), png.DefaultCompression)))
			}
			mixed, err := embedder.Images(ctx, pictures, nil)
			require.NoError(t, err)
			for i := range pictures {
				alone, err := embedder.Images(ctx, pictures[i:i+1], nil)
				require.NoError(t, err)
				assert.GreaterOrEqual(t, cosine(t, alone[0].Vector, mixed[i].Vector), 1-1e-6, i)
			}
			assert.Less(t, cosine(t, mixed[0].Vector, mixed[10].Vector), 0.99999, "different pictures must differ")
		})
	}
}

// The same pixels in other bytes are another content to every cache, and the same picture to the model.
func TestTheSamePixelsInDifferentBytes(t *testing.T) {
	img := noise(t, 99, 300, 260)
	stored, packed := asPNG(t, img, png.NoCompression), asPNG(t, img, png.BestCompression)
	require.NotEqual(t, len(stored), len(packed))
	raw := dropAlpha(img)
	for name, dir := range models(t) {
		t.Run(name, func(t *testing.T) {
			out, err := uncached(load(t, dir), imaging.Faithful).Images(context.Background(),
				[]blob.Content{encoded(stored), encoded(asPNG(t, noise(t, 3, 50, 50), png.DefaultCompression)), encoded(packed), {Pixels: raw}}, nil)
			require.NoError(t, err)
			assert.Equal(t, out[0].Vector, out[2].Vector)
			assert.Equal(t, out[0].Vector, out[3].Vector)
			assert.NotEqual(t, out[0].Vector, out[1].Vector)
		})
	}
}
