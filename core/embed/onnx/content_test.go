package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
)

// message writes a field that holds other fields, or a text.
func message(number int, parts ...[]byte) []byte {
	var m onnxproto.Message
	m.Bytes(number, bytes.Join(parts, nil))
	return m
}

func textField(number int, text string) []byte { return message(number, []byte(text)) }

func numberField(number int, value int64) []byte {
	var m onnxproto.Message
	m.Integer(number, value)
	return m
}

func node(operator, domain string, inputs, outputs []string, attributes ...[]byte) []byte {
	var parts [][]byte
	for _, name := range inputs {
		parts = append(parts, textField(onnxproto.NodeInput, name))
	}
	for _, name := range outputs {
		parts = append(parts, textField(onnxproto.NodeOutput, name))
	}
	parts = append(parts, textField(onnxproto.NodeOperator, operator), textField(onnxproto.NodeDomain, domain))
	return message(onnxproto.GraphNode, append(parts, attributes...)...)
}

func entry(key, value string) []byte {
	return message(onnxproto.TensorExternal, textField(onnxproto.ExternalKey, key), textField(onnxproto.ExternalValue, value))
}

func read(t testing.TB, ids string, parts ...[]byte) (content, error) {
	t.Helper()
	file := bytes.Join(parts, nil)
	return readContent(bytes.NewReader(file), int64(len(file)), ids)
}

func TestContentOfExportedGraphs(t *testing.T) {
	exported := filepath.Join(embedtest.Root(t), "testdata", "models", "exported")
	for path, want := range map[string]content{
		"clip/onnx/text_model.onnx":             {vocabulary: 610},
		"clip/onnx/text_model_fp16.onnx":        {vocabulary: 610},
		"clip/onnx/text_model_quantized.onnx":   {vocabulary: 610, quantises: true},
		"immich/textual/model.onnx":             {vocabulary: 610},
		"siglip2/onnx/text_model.onnx":          {vocabulary: 1102},
		"jina-clip/onnx/text_model.onnx":        {vocabulary: 149},
		"clip/onnx/vision_model_quantized.onnx": {quantises: true},
		"clip/onnx/vision_model.onnx":           {},
	} {
		graph := source{path: filepath.Join(exported, filepath.FromSlash(path))}
		s, err := graph.signature()
		require.NoError(t, err, path)
		ids := ""
		if want.vocabulary > 0 {
			ids = s.inputs[0].name
		}
		found, err := graph.content(ids)
		require.NoError(t, err, path)
		found.external = nil
		assert.Equal(t, want, found, path)
	}
	found, err := source{path: filepath.Join(exported, "clip-external-data", "onnx", "text_model.onnx")}.content("input_ids")
	require.NoError(t, err)
	assert.EqualValues(t, 610, found.vocabulary)
	require.NotEmpty(t, found.external)
	for _, data := range found.external {
		assert.Equal(t, "text_model.onnx_data", data.location)
		assert.Positive(t, data.length)
	}
}

func TestOperatorsThatNoFileBrings(t *testing.T) {
	foreign := node("Magic", "example.org", nil, nil)
	inside := node("If", "", nil, nil, message(onnxproto.NodeAttribute, message(onnxproto.AttributeGraph, node("Hidden", "example.org", nil, nil))))
	own := message(onnxproto.ModelFunctions, textField(onnxproto.FunctionDomain, "local"), message(onnxproto.FunctionNode, textField(onnxproto.NodeOperator, "Deep"), textField(onnxproto.NodeDomain, "far.away")))
	found, err := read(t, "", own, message(onnxproto.ModelGraph, foreign, foreign, inside, node("Mine", "local", nil, nil), node("Attention", "com.microsoft", nil, nil)))
	require.NoError(t, err)
	assert.Equal(t, []string{"example.org.Hidden", "example.org.Magic", "far.away.Deep"}, found.operators)
}

func TestExternalDataIsFoundWhereverItHides(t *testing.T) {
	tensor := func(location string) []byte { return entry("location", location) }
	found, err := read(t, "", message(onnxproto.ModelGraph,
		message(onnxproto.GraphInitializer, tensor("a"), entry("offset", "8"), entry("length", "4"), entry("checksum", "x")),
		message(onnxproto.GraphSparse, message(onnxproto.SparseValues, tensor("b")), message(onnxproto.SparseIndices, tensor("c"))),
		node("Constant", "", nil, nil, message(onnxproto.NodeAttribute, message(onnxproto.AttributeTensor, tensor("d")))),
		node("Constant", "", nil, nil, message(onnxproto.NodeAttribute, message(onnxproto.AttributeTensors, tensor("e")), message(onnxproto.AttributeSparse, message(onnxproto.SparseValues, tensor("f"))))),
		node("If", "", nil, nil, message(onnxproto.NodeAttribute, message(onnxproto.AttributeGraphs, message(onnxproto.GraphInitializer, tensor("g"))))),
	), message(onnxproto.ModelFunctions, message(onnxproto.FunctionNode, message(onnxproto.NodeAttribute, message(onnxproto.AttributeTensor, tensor("h"))))))
	require.NoError(t, err)
	var locations []string
	for _, data := range found.external {
		locations = append(locations, data.location)
	}
	assert.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", "h"}, locations)
	assert.Equal(t, externalData{"a", 8, 4}, found.external[0])
}

func TestTheVocabularyBehindACast(t *testing.T) {
	table := message(onnxproto.GraphInitializer, textField(onnxproto.TensorName, "table"), message(onnxproto.TensorLength, []byte{0x90, 0x03, 0x10}))
	found, err := read(t, "text", message(onnxproto.ModelGraph, node("Cast", "", []string{"text"}, []string{"wide"}),
		node("Gather", "", []string{"positions", "text_length"}, nil), node("Gather", "", []string{"table", "wide"}, nil), table))
	require.NoError(t, err)
	assert.EqualValues(t, 400, found.vocabulary)
}

func TestContentThatIsRefused(t *testing.T) {
	deep := node("If", "", nil, nil)
	for range mostGraphsInside + 2 {
		deep = node("If", "", nil, nil, message(onnxproto.NodeAttribute, message(onnxproto.AttributeGraph, deep)))
	}
	for name, file := range map[string][]byte{
		"too deep":        message(onnxproto.ModelGraph, deep),
		"negative offset": message(onnxproto.ModelGraph, message(onnxproto.GraphInitializer, entry("offset", "-1"))),
		"no number":       message(onnxproto.ModelGraph, message(onnxproto.GraphInitializer, entry("length", "9223372036854775808"))),
		"no message":      message(onnxproto.ModelGraph, message(onnxproto.GraphInitializer, numberField(onnxproto.TensorExternal, 7))),
		"cut off":         message(onnxproto.ModelGraph, deep)[:40],
	} {
		_, err := read(t, "", file)
		assert.Error(t, err, name)
	}
}

func FuzzContent(f *testing.F) {
	for _, name := range []string{"text_int64.onnx", "image_custom_operator.onnx"} {
		data, err := os.ReadFile(filepath.Join(embedtest.Root(f), "testdata", "models", "graphs", name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := read(t, "input_ids", file)
		if err != nil {
			return
		}
		for _, data := range found.external {
			assert.GreaterOrEqual(t, data.offset, int64(0))
			assert.GreaterOrEqual(t, data.length, int64(0))
		}
	})
}

// externalModel copies the model with external data and writes a location of the same length into its text graph.
func externalModel(t testing.TB, location string) string {
	t.Helper()
	const real = "text_model.onnx_data"
	require.Len(t, location, len(real))
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(embedtest.Root(t), "testdata", "models", "exported", "clip-external-data"))))
	path := filepath.Join(dir, "onnx", "text_model.onnx")
	graph, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.ReplaceAll(graph, []byte(real), []byte(location)), 0o644))
	return dir
}

func TestExternalDataThatIsRefused(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(elsewhere, make([]byte, 1<<20), 0o644))
	for name, test := range map[string]struct {
		location string
		prepare  func(dir string) error // dir is that of the graphs
		status   errs.Status
		says     string
	}{
		"above":       {"../text_model.onnx_d", nil, errs.Forbidden, "not inside"},
		"roundabout":  {"a/../../../etc/passw", nil, errs.Forbidden, "not inside"},
		"absolute":    {"/etc/../etc/./passwd", nil, errs.Forbidden, "not inside"},
		"backslashes": {`..\text_model.onnx_d`, nil, errs.Forbidden, "not inside"},
		"missing":     {"text_model.onnx_datb", nil, errs.NotFound, "cut off"},
		"a link out":  {"text_model.onnx_link", func(dir string) error { return os.Symlink(elsewhere, filepath.Join(dir, "text_model.onnx_link")) }, errs.Forbidden, "not inside"},
		"a folder":    {"text_model.onnx_fold", func(dir string) error { return os.Mkdir(filepath.Join(dir, "text_model.onnx_fold"), 0o755) }, errs.InvalidInput, "regular file"},
		"short":       {"text_model.onnx_data", func(dir string) error { return os.Truncate(filepath.Join(dir, "text_model.onnx_data"), 1000) }, errs.InvalidInput, "cut off"},
		"a link inside": {"text_model.onnx_link", func(dir string) error {
			return os.Symlink("text_model.onnx_data", filepath.Join(dir, "text_model.onnx_link"))
		}, errs.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := externalModel(t, test.location)
			if test.prepare != nil {
				require.NoError(t, test.prepare(filepath.Join(dir, "onnx")))
			}
			model, err := Load(t.Context(), dir, Options{Library: embedtest.Library(t)})
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			if err == nil {
				require.NoError(t, model.Close())
				return
			}
			assert.ErrorContains(t, err, "text_model.onnx")
			assert.ErrorContains(t, err, test.says)
		})
	}
}

// What a graph keeps outside is a part of the model.
func TestTheFingerprintCoversExternalData(t *testing.T) {
	dir := externalModel(t, "text_model.onnx_data")
	before := mustLoad(t, dir, Options{})
	defer before.Close()
	path := filepath.Join(dir, "onnx", "text_model.onnx_data")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[len(data)-1] ^= 1
	require.NoError(t, os.WriteFile(path, data, 0o644))
	after := mustLoad(t, dir, Options{})
	defer after.Close()
	assert.NotEqual(t, before.Info().Fingerprint, after.Info().Fingerprint)
}
