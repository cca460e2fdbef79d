package onnx

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// assemble makes a model directory of two of the graphs in testdata/models/graphs.
func assemble(t testing.TB, text, image, tokenizer, output string, dimension int) string {
	t.Helper()
	dir := t.TempDir()
	graphs := filepath.Join(embedtest.Root(t), "testdata", "models", "graphs")
	copyFile := func(from, name string) {
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	copyFile(filepath.Join(graphs, text+".onnx"), "text.onnx")
	copyFile(filepath.Join(graphs, image+".onnx"), "image.onnx")
	copyFile(filepath.Join(tokenizer, "tokenizer.json"), "tokenizer.json")
	model := fmt.Sprintf(`{"name": "made", "dimension": %d,
 "image": {"file": "image.onnx", "preprocessing": {"mode": "RGB", "resize": "squash to 16x16, bilinear with antialias", "scale": "x/255",
  "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}},
 "text": {"file": "text.onnx", "output": %q, "max_tokens": 77}}`, dimension, output)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.json"), []byte(model), 0o644))
	return dir
}

func wordPiece(t testing.TB) string { return embedtest.EmbeddedModel(t) }

// sum is what the masked graphs make of a text.
func sum(ids []int64) float64 {
	total := 0.0
	for _, id := range ids {
		total += float64(id)
	}
	return total
}

// Five texts of different lengths, one over the fixed length of eight tokens, through each kind of text graph.
func TestTextGraphs(t *testing.T) {
	texts := []string{"red", "a red circle", "blue", "the blue square in a black frame on white paper", ""}
	for _, graph := range []string{"text_int64", "text_int32_fixed"} {
		t.Run(graph, func(t *testing.T) {
			m := loadShared(t, assemble(t, graph, "image", wordPiece(t), "", 4))
			out, err := m.texts(context.Background(), texts)
			require.NoError(t, err)
			for i, text := range texts {
				encoding := m.tokenizer.Encode(text)
				assert.InDelta(t, sum(encoding.IDs), out[i].Vector[0], 0.5, text)
				assert.EqualValues(t, len(encoding.IDs), out[i].Vector[1], text)
				assert.Equal(t, encoding.Tokens, out[i].Tokens)
				assert.Equal(t, graph == "text_int32_fixed" && i == 3, out[i].Truncated, text)
			}
		})
	}
}

func TestACausalGraphOfFixedLengthIsPadded(t *testing.T) {
	m := loadShared(t, assemble(t, "text_causal_fixed", "image", embedtest.TinyCLIP(t), "embedding", 4))
	assert.Equal(t, 8, m.tokenizer.MaxTokens())
	out, err := m.texts(context.Background(), []string{"red"})
	require.NoError(t, err)
	encoding := m.tokenizer.Encode("red")
	padding := float64(8-len(encoding.IDs)) * float64(m.tokenizer.PadID())
	assert.InDelta(t, sum(encoding.IDs)+padding, out[0].Vector[0], 0.5)
}

func TestImageGraphs(t *testing.T) {
	for _, graph := range []string{"image", "image_open", "image_fixed"} {
		t.Run(graph, func(t *testing.T) {
			m := loadShared(t, assemble(t, "text_int64", graph, wordPiece(t), "", 4))
			const n = 20
			size := m.preprocessing.TensorLen()
			tensor := make([]float32, n*size)
			for i := range tensor {
				tensor[i] = float32(i/size) + float32(i%size/256)/10 // picture number and channel
			}
			out, err := m.images(context.Background(), tensor, n)
			require.NoError(t, err)
			for i := range n {
				want := []float32{float32(i), float32(i) + 0.1, float32(i) + 0.2, float32(i) + 0.1}
				assert.InDeltaSlice(t, want, out[i], 1e-4, i)
			}
			none, err := m.images(context.Background(), nil, 0)
			require.NoError(t, err)
			assert.Empty(t, none)
			_, err = m.images(context.Background(), tensor[:size+1], 1)
			assert.Equal(t, errs.Internal, errs.StatusOf(err))
		})
	}
}

func TestModelsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		dir    string
		status errs.Status
		says   []string
	}{
		"no projection":     {assemble(t, "text_unprojected", "image", wordPiece(t), "", 4), errs.Unsupported, []string{"text.onnx", "last_hidden_state", "projection"}},
		"no such output":    {assemble(t, "text_int64", "image", wordPiece(t), "embeddings", 4), errs.Unsupported, []string{"no output embeddings", "sentence_embedding"}},
		"different lengths": {assemble(t, "text_six_numbers", "image", wordPiece(t), "", 6), errs.InvalidInput, []string{"6", "4", "do not belong together"}},
		"another length":    {assemble(t, "text_int64", "image_open", wordPiece(t), "", 5), errs.InvalidInput, []string{"5", "4"}},
		"no mask for BERT":  {assemble(t, "text_causal_fixed", "image", wordPiece(t), "", 4), errs.Unsupported, []string{"attention_mask"}},
		"custom operator":   {assemble(t, "text_int64", "image_custom_operator", wordPiece(t), "", 4), errs.Unsupported, []string{"image.onnx", "example.org.Magic"}},
		"towers swapped":    {assemble(t, "image", "text_int64", wordPiece(t), "", 4), errs.Unsupported, []string{"text.onnx", "pixel_values"}},
		"two text towers":   {assemble(t, "text_int64", "text_int64", wordPiece(t), "", 4), errs.Unsupported, []string{"image.onnx", "one input"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(context.Background(), test.dir, Options{Library: embedtest.Library(t)})
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
	assert.Zero(t, models.count())
}

// A graph or tokenizer that is garbage must be an error that names the file, whatever kind of garbage it is.
func TestGarbageFiles(t *testing.T) {
	graph, err := os.ReadFile(filepath.Join(embedtest.TinyCLIP(t), "onnx", "vision_model.onnx"))
	require.NoError(t, err)
	flipped := append([]byte(nil), graph...)
	for i := 1000; i < 20000; i += 37 {
		flipped[i] ^= 0x55
	}
	for name, garbage := range map[string][]byte{
		"text": []byte("version https://git-lfs.github.com/spec/v1\n"), "page": []byte("<html>404</html>"), "zeros": make([]byte, 5000),
		"head": graph[:3000], "half": graph[:len(graph)/2], "flipped": flipped,
	} {
		for _, file := range []string{"onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json"} {
			t.Run(name+" as "+file, func(t *testing.T) {
				dir := t.TempDir()
				require.NoError(t, os.CopyFS(dir, os.DirFS(embedtest.TinyCLIP(t))))
				require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(file)), garbage, 0o644))
				_, err := Load(context.Background(), dir, Options{Library: embedtest.Library(t)})
				require.Error(t, err)
				assert.Contains(t, []errs.Status{errs.InvalidInput, errs.Unsupported}, errs.StatusOf(err), "%v", err)
				assert.ErrorContains(t, err, filepath.Base(file))
			})
		}
	}
}

func TestLoadRefusesItsArguments(t *testing.T) {
	library := embedtest.Library(t)
	for _, threads := range []int{-1, 1025} {
		_, err := Load(context.Background(), embedtest.TinyCLIP(t), Options{Library: library, Threads: threads})
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	}
	_, err := Load(context.Background(), t.TempDir(), Options{Library: library})
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	_, err = Load(cancelledContext(), embedtest.TinyCLIP(t), Options{Library: library})
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err), "%v", err)
}

func TestReadTowersFromSignatures(t *testing.T) {
	tower := source{path: "graph.onnx"}
	p := imaging.Preprocessing{Width: 16, Height: 16}
	pixels := func(element int, shape ...int64) []value { return []value{{"pixels", element, shape}} }
	matrix := func(names ...string) (out []value) {
		for _, name := range names {
			out = append(out, value{name, onnxproto.Float32, []int64{anyLength, 4}})
		}
		return out
	}
	good := pixels(onnxproto.Float32, anyLength, 3, anyLength, 16)
	for name, test := range map[string]struct {
		s      signature
		output string // what is picked, or part of the error
		status errs.Status
	}{
		"by name":           {signature{good, matrix("pooler_output", "other", "image_embeds")}, "image_embeds", errs.OK},
		"by ending":         {signature{good, matrix("other", "pooler_output", "image_embedding")}, "image_embedding", errs.OK},
		"the only matrix":   {signature{good, append(matrix("x"), value{"tokens", onnxproto.Float32, []int64{1, 2, 3}})}, "x", errs.OK},
		"two matrices":      {signature{good, matrix("x", "y")}, "projection", errs.Unsupported},
		"pooler only":       {signature{good, matrix("pooler_output")}, "projection", errs.Unsupported},
		"no output":         {signature{good, nil}, "outputs none", errs.Unsupported},
		"half precision":    {signature{pixels(onnxproto.Float16, 1, 3, 16, 16), []value{{"image_embeds", onnxproto.Float16, []int64{1, 4}}}}, "image_embeds", errs.OK},
		"whole numbers":     {signature{good, []value{{"image_embeds", onnxproto.Int32, []int64{1, 4}}}}, "int32", errs.Unsupported},
		"bytes":             {signature{pixels(onnxproto.Uint8, 1, 3, 16, 16), matrix("x")}, "x", errs.OK},
		"bytes, rows first": {signature{pixels(onnxproto.Uint8, anyLength, 16, 16, 3), matrix("x")}, "x", errs.OK},
		"bytes, no colours": {signature{pixels(onnxproto.Uint8, 1, 16, 16, 1), matrix("x")}, "uint8", errs.Unsupported},
		"bytes, other size": {signature{pixels(onnxproto.Uint8, 1, 32, 16, 3), matrix("x")}, "[16, 16, 3]", errs.InvalidInput},
		"channels last":     {signature{pixels(onnxproto.Float32, 1, 16, 16, 3), matrix("x")}, "[3, 16, 16]", errs.InvalidInput},
		"another size":      {signature{pixels(onnxproto.Float32, 1, 3, 32, 32), matrix("x")}, "[3, 16, 16]", errs.InvalidInput},
		"another rank":      {signature{pixels(onnxproto.Float32, 1, 3, 16), matrix("x")}, "graph.onnx", errs.Unsupported},
		"an unknown number": {signature{pixels(99, 1, 3, 16, 16), matrix("x")}, "type 99", errs.Unsupported},
	} {
		t.Run("image, "+name, func(t *testing.T) {
			got, err := readImageTower(test.s, tower, outputChoice{}, p)
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			if err == nil {
				assert.Equal(t, test.output, got.output.name)
			} else {
				assert.ErrorContains(t, err, test.output)
			}
		})
	}
	ids := func(name string, element int, shape ...int64) value { return value{name, element, shape} }
	for name, test := range map[string]struct {
		inputs []value
		status errs.Status
	}{
		"any name":        {[]value{ids("whatever", onnxproto.Int32, 1, 77)}, errs.OK},
		"unknown input":   {[]value{ids("input_ids", onnxproto.Int64, 1, 2), ids("position_ids", onnxproto.Int64, 1, 2)}, errs.Unsupported},
		"twice":           {[]value{ids("input_ids", onnxproto.Int64, 1, 2), ids("text", onnxproto.Int64, 1, 2)}, errs.Unsupported},
		"no ids":          {[]value{ids("attention_mask", onnxproto.Int64, 1, 2), ids("token_type_ids", onnxproto.Int64, 1, 2)}, errs.Unsupported},
		"floats":          {[]value{ids("input_ids", onnxproto.Float32, 1, 2)}, errs.Unsupported},
		"different fixed": {[]value{ids("input_ids", onnxproto.Int64, 1, 77), ids("attention_mask", onnxproto.Int64, 1, 64)}, errs.Unsupported},
		"none":            {nil, errs.Unsupported},
	} {
		t.Run("text, "+name, func(t *testing.T) {
			_, err := readTextTower(signature{test.inputs, matrix("text_embeds")}, tower, outputChoice{})
			assert.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			if err != nil {
				assert.True(t, strings.Contains(err.Error(), "graph.onnx"))
			}
		})
	}
}

// A tower that reads its padding attends to it, whether it takes a mask or not.
func TestATowerThatReadsItsPadding(t *testing.T) {
	columns := map[textRole][]int64{tokenIDs: make([]int64, 4), attentionMask: make([]int64, 4)}
	textTower{readsPadding: true}.fillRow(columns, 0, 4, []int64{7, 8}, 9)
	assert.Equal(t, map[textRole][]int64{tokenIDs: {7, 8, 9, 9}, attentionMask: {1, 1, 1, 1}}, columns)
}
