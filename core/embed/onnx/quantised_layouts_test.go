package onnx_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/imaging"
)

// Every architecture whose graph is written here can be made int8: the graphs refer to float32, float16 and bfloat16
// weights in other files, and are of a newer opset than exported ones. The models are so small that a byte is coarse
// for them; what counts is that their vectors stay near and do not depend on company.
func TestInt8OfWrittenGraphs(t *testing.T) {
	entries, err := os.ReadDir(smallModel(t, ""))
	require.NoError(t, err)
	var dirs []string
	for _, entry := range entries {
		if entry.IsDir() {
			dirs = append(dirs, smallModel(t, entry.Name()))
		}
	}
	checkInt8(t, dirs)
}

// So can exported ones that keep their weights beside the graph, fix the batch, or take bytes.
func TestInt8OfExportedGraphs(t *testing.T) {
	var dirs []string
	for _, name := range []string{"clip-external-data", "immich", "immich-bytes", "immich-siglip", "jina-clip", "siglip2"} {
		dirs = append(dirs, filepath.Join(embedtest.Root(t), "testdata", "models", "exported", name))
	}
	checkInt8(t, dirs)
}

func checkInt8(t *testing.T, dirs []string) {
	texts := sentences(8)
	pictures := collection(t, 0)[:5]
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			exact, rough := uncached(load(t, dir), imaging.Faithful), uncached(loadInt8(t, dir, 2), imaging.Faithful)
			compare := func(run func(embedder *embed.Embedder, first, last int) []embed.Outcome, n int) {
				want, got := run(exact, 0, n), run(rough, 0, n)
				for i := range want {
					assert.GreaterOrEqual(t, cosine(t, want[i].Vector, got[i].Vector), 0.99, i)
					assert.Equal(t, got[i].Vector, run(rough, i, i+1)[0].Vector, i)
				}
				assert.NotEqual(t, want[0].Vector, got[0].Vector, "it must be int8 that is measured")
			}
			compare(func(embedder *embed.Embedder, first, last int) []embed.Outcome {
				out, err := embedder.Texts(context.Background(), texts[first:last], nil)
				require.NoError(t, err)
				return out
			}, len(texts))
			if rough.Model().Preprocessing().Width == 0 {
				return
			}
			compare(func(embedder *embed.Embedder, first, last int) []embed.Outcome {
				out, err := embedder.Images(context.Background(), pictures[first:last], nil)
				require.NoError(t, err)
				return out
			}, len(pictures))
		})
	}
}
