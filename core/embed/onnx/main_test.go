package onnx_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/imaging"
)

// TestMain runs the program of silent_test.go instead of the tests where that test started us.
func TestMain(m *testing.M) {
	if dir := os.Getenv(silentVariable); dir != "" {
		os.Exit(runSilently(dir))
	}
	os.Exit(m.Run())
}

func load(t testing.TB, dir string) embed.Model {
	t.Helper()
	model, err := onnx.Load(context.Background(), dir, onnx.Options{Library: embedtest.Library(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, model.Close()) })
	return model
}

// uncached embeds with the cache off.
func uncached(model embed.Model, policy imaging.Policy) *embed.Embedder {
	return embed.NewEmbedder(model, embed.Options{Policy: policy})
}

func readJSON(t testing.TB, value any, names ...string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{embedtest.Root(t), "testdata"}, names...)...))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, value))
}

func readImage(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(embedtest.Root(t), "testdata", "images", name))
	require.NoError(t, err)
	return data
}

func encoded(data []byte) blob.Content { return blob.Content{Encoded: data} }

// farthest is the largest difference between two vectors.
func farthest(t testing.TB, a, b []float32) float64 {
	t.Helper()
	require.Len(t, b, len(a))
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i])))
	}
	return most
}

func cosine(t testing.TB, a, b []float32) float64 {
	t.Helper()
	require.Len(t, b, len(a))
	var dot, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	return dot / math.Sqrt(aa*bb)
}
