package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

func TestReadSignature(t *testing.T) {
	for path, want := range map[string]string{
		"testdata/models/tiny-clip/onnx/text_model.onnx":    "inputs input_ids int64[any, any]; outputs text_embeds float32[any, 64]",
		"testdata/models/tiny-clip/onnx/vision_model.onnx":  "inputs pixel_values float32[any, 3, 224, 224]; outputs image_embeds float32[any, 64]",
		"python/innerspace/models/embedded/text.onnx":       "inputs input_ids int64[any, any], attention_mask int64[any, any]; outputs embedding float32[any, any]",
		"python/innerspace/models/embedded/image.onnx":      "inputs pixel_values float32[any, 3, 224, 224]; outputs embedding float32[any, any]",
		"testdata/models/graphs/text_int32_fixed.onnx":      "inputs input_ids int32[3, 8], attention_mask int32[3, 8], token_type_ids int32[3, 8]; outputs sentence_embedding float32[3, 4]",
		"testdata/models/graphs/text_unprojected.onnx":      "inputs input_ids int64[any, any]; outputs last_hidden_state float32[any, any, 1], pooler_output float32[any, 1]",
		"testdata/models/graphs/image_custom_operator.onnx": "inputs pixel_values float32[any, 3, 16, 16]; outputs image_embeds float32[any, 4]",
	} {
		s, err := source{path: filepath.Join(embedtest.Root(t), filepath.FromSlash(path))}.signature()
		require.NoError(t, err, path)
		assert.Equal(t, want, s.String(), path)
	}
}

func TestSignatureOfGarbage(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(embedtest.Root(t), "testdata/models/graphs/text_int64.onnx"))
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"empty": {}, "text": []byte("<!DOCTYPE html><html>"), "zeros": make([]byte, 100), "half": whole[:len(whole)/2], "all but a byte": whole[:len(whole)-1],
		"endless number": bytes.Repeat([]byte{0xff}, 64), "no graph": {0x08, 0x08}, "length over the end": {0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"a graph that is a number": {0x38, 0x01},
	} {
		path := filepath.Join(t.TempDir(), "graph.onnx")
		require.NoError(t, os.WriteFile(path, data, 0o644))
		_, err := source{path: path}.signature()
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%s: %v", name, err)
		assert.ErrorContains(t, err, path)
	}
	_, err = source{path: filepath.Join(t.TempDir(), "none.onnx")}.signature()
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
}

func FuzzParseSignature(f *testing.F) {
	graphs, err := filepath.Glob(filepath.Join(embedtest.Root(f), "testdata/models/graphs/*.onnx"))
	require.NoError(f, err)
	require.NotEmpty(f, graphs)
	for _, graph := range graphs {
		data, err := os.ReadFile(graph)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSignature(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, v := range append(s.inputs, s.outputs...) {
			assert.LessOrEqual(t, len(v.name), 1<<10)
			assert.LessOrEqual(t, len(v.shape), 16)
			for _, length := range v.shape {
				assert.True(t, length == anyLength || length > 0)
			}
		}
	})
}
