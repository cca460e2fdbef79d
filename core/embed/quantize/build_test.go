package quantize

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// The tests write small ONNX files with the package's own writer and read the results with its own reader; that ONNX
// Runtime agrees is tested in core/embed/onnx.

type testTensor struct {
	name    string
	element int64
	shape   []int64
	raw     []byte
}

func floatTensor(name string, shape []int64, numbers ...float32) testTensor {
	return testTensor{name, onnxproto.Float32, shape, littleEndian(numbers)}
}

// ramp is a matrix whose numbers are all different and of both signs.
func ramp(rows, columns int64) []float32 {
	numbers := make([]float32, rows*columns)
	for i := range numbers {
		numbers[i] = float32(math.Sin(float64(i)*1.7)) * float32(1+i%7)
	}
	return numbers
}

// testGraph is a model under construction.
type testGraph struct {
	emitter
	head onnxproto.Message
}

func newTestGraph() *testGraph { return &testGraph{} }

func (g *testGraph) tensors(tensors ...testTensor) *testGraph {
	for _, t := range tensors {
		addTensor(&g.initializers, onnxproto.Tensor{Name: t.name, Element: t.element, Shape: t.shape}, t.raw)
	}
	return g
}

func (g *testGraph) node(operator, output string, inputs []string, settings ...onnxproto.Attribute) *testGraph {
	g.add("", operator, output, inputs, settings...)
	return g
}

// external adds a tensor that lies in another file.
func (g *testGraph) external(name string, shape []int64, location, offset, length string) *testGraph {
	var m onnxproto.Message
	for _, n := range shape {
		m.Integer(onnxproto.TensorLength, n)
	}
	m.Integer(onnxproto.TensorElement, onnxproto.Float32)
	m.Text(onnxproto.TensorName, name)
	m.Integer(onnxproto.TensorLocation, onnxproto.IsExternal)
	for _, entry := range [][2]string{{"location", location}, {"offset", offset}, {"length", length}} {
		if entry[1] == "" {
			continue
		}
		var pair onnxproto.Message
		pair.Text(onnxproto.ExternalKey, entry[0])
		pair.Text(onnxproto.ExternalValue, entry[1])
		m.Bytes(onnxproto.TensorExternal, pair)
	}
	var whole onnxproto.Message
	whole.Bytes(onnxproto.GraphInitializer, m)
	g.initializers.Add(whole)
	return g
}

func (g *testGraph) value(field int, name string, shape ...int64) *testGraph {
	var lengths onnxproto.Message
	for _, n := range shape {
		var dimension onnxproto.Message
		if n > 0 {
			dimension.Integer(onnxproto.DimensionLength, n)
		}
		lengths.Bytes(onnxproto.ShapeDimension, dimension)
	}
	var tensorType, valueKind, m onnxproto.Message
	tensorType.Integer(1, onnxproto.Float32)
	tensorType.Bytes(onnxproto.TypeShape, lengths)
	valueKind.Bytes(onnxproto.TypeTensor, tensorType)
	m.Text(onnxproto.ValueName, name)
	m.Bytes(onnxproto.ValueType, valueKind)
	g.head.Bytes(field, m)
	return g
}

// model is the file, with one input x and one output y.
func (g *testGraph) model(opset int64, input ...int64) []byte {
	g.value(onnxproto.GraphInput, "x", input...).value(onnxproto.GraphOutput, "y", 0, 0)
	var inner onnxproto.Rope
	for _, n := range g.nodes {
		inner.Add(n.whole)
	}
	inner.Add(g.head)
	inner.Append(&g.initializers)
	var model onnxproto.Rope
	var version onnxproto.Message
	version.Integer(onnxproto.OpsetVersion, opset)
	var head onnxproto.Message
	head.Integer(1, 9)
	head.Bytes(onnxproto.ModelOpset, version)
	model.Add(head)
	model.Child(onnxproto.ModelGraph, &inner)
	return model.Join()
}

// rewritten is a result, taken apart.
func rewritten(t *testing.T, data []byte, options Options) (*graph, Result) {
	t.Helper()
	result, err := Graph(Source{Name: "the graph", Bytes: data, Folder: t.TempDir()}, options)
	require.NoError(t, err)
	g, err := parseModel(result.Bytes)
	require.NoError(t, err)
	return g, result
}

// operators are those of a graph, in order.
func (g *graph) operators() []string {
	var names []string
	for _, n := range g.nodes {
		names = append(names, n.operator)
	}
	return names
}

// weightsOf finds the int8 weights of the only product and puts their scales back on.
func weightsOf(t *testing.T, g *graph) array {
	t.Helper()
	for _, n := range g.nodes {
		if n.operator != "MatMulIntegerToFloat" {
			continue
		}
		var weights, scales array
		for _, initializer := range g.initializers {
			numbers, err := initializer.floats(nil)
			switch initializer.name {
			case n.inputs[1]:
				require.NoError(t, err)
				weights = array{initializer.shape, numbers}
			case n.inputs[3]:
				require.NoError(t, err)
				scales = array{initializer.shape, numbers}
			}
		}
		require.Len(t, weights.shape, 2)
		return combined(weights, scales, func(a, b float32) float32 { return a * b })
	}
	t.Fatal("there is no product in bytes")
	return array{}
}

func int64Bytes(numbers ...int64) []byte {
	var out []byte
	for _, n := range numbers {
		out = binary.LittleEndian.AppendUint64(out, uint64(n))
	}
	return out
}
