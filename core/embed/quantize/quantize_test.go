package quantize

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
)

var eightBits = Options{WeightBits: 8}

// requireClose holds each number to within half a step of its column's scale.
func requireClose(t *testing.T, want, got array, limit float32) {
	t.Helper()
	require.Equal(t, want.shape, got.shape)
	columns := int(want.shape[1])
	for column := range columns {
		most := float32(0)
		for i := column; i < len(want.numbers); i += columns {
			most = max(most, float32(math.Abs(float64(want.numbers[i]))))
		}
		for i := column; i < len(want.numbers); i += columns {
			require.InDelta(t, want.numbers[i], got.numbers[i], float64(most/limit)*0.501, "number %d", i)
		}
	}
}

// However an exporter hides the weights of a product, they are found.
func TestWeightsAreFound(t *testing.T) {
	const in, out = 64, 80
	want := array{[]int64{in, out}, ramp(in, out)}
	bytes := make([]byte, in*out)
	for i := range bytes {
		bytes[i] = byte(int8(i%255 - 127))
	}
	scaled := func(along string) array {
		scales := ramp(1, out)
		a := array{[]int64{in, out}, make([]float32, in*out)}
		for i := range a.numbers {
			a.numbers[i] = float32(int8(bytes[i])) * scales[i%out]
		}
		if along == "zero point" {
			for i := range a.numbers {
				a.numbers[i] = (float32(int8(bytes[i])) - 3) * scales[i%out]
			}
		}
		return a
	}
	weights := floatTensor("w", want.shape, want.numbers...)
	flipped := floatTensor("w", []int64{out, in}, transposed(want).numbers...)
	small := testTensor{"w", onnxproto.Int8, want.shape, bytes}
	scales := floatTensor("s", []int64{out}, ramp(1, out)...)
	half := testTensor{"w", onnxproto.BFloat16, []int64{in, out}, nil}
	rounded := array{want.shape, nil}
	for _, number := range want.numbers {
		bits := math.Float32bits(number) >> 16
		half.raw = append(half.raw, byte(bits), byte(bits>>8))
		rounded.numbers = append(rounded.numbers, math.Float32frombits(bits<<16))
	}
	for name, test := range map[string]struct {
		graph *testGraph
		want  array
	}{
		"an initializer":          {newTestGraph().tensors(weights).node("MatMul", "y", []string{"x", "w"}), want},
		"shared through Identity": {newTestGraph().tensors(weights).node("Identity", "i", []string{"w"}).node("MatMul", "y", []string{"x", "i"}), want},
		"transposed in the graph": {newTestGraph().tensors(flipped).node("Transpose", "i", []string{"w"}, onnxproto.Set("perm", []int{1, 0})).node("MatMul", "y", []string{"x", "i"}), want},
		"Gemm, transposed":        {newTestGraph().tensors(flipped).node("Gemm", "y", []string{"x", "w"}, onnxproto.Set("transB", 1)), want},
		"bfloat16, cast":          {newTestGraph().tensors(half).node("Cast", "i", []string{"w"}, onnxproto.Set("to", 1)).node("MatMul", "y", []string{"x", "i"}), rounded},
		"int8, cast and scaled": {newTestGraph().tensors(small, scales).node("Cast", "i", []string{"w"}, onnxproto.Set("to", 1)).
			node("Mul", "m", []string{"i", "s"}).node("MatMul", "y", []string{"x", "m"}), scaled("columns")},
		"scale first": {newTestGraph().tensors(small, scales).node("Cast", "i", []string{"w"}, onnxproto.Set("to", 1)).
			node("Mul", "m", []string{"s", "i"}).node("MatMul", "y", []string{"x", "m"}), scaled("columns")},
		"dequantised": {newTestGraph().tensors(small, scales).node("DequantizeLinear", "m", []string{"w", "s"}, onnxproto.Set("axis", 1)).
			node("MatMul", "y", []string{"x", "m"}), scaled("columns")},
		"dequantised with a zero point": {newTestGraph().tensors(small, scales, testTensor{"z", onnxproto.Int8, nil, []byte{3}}).
			node("DequantizeLinear", "m", []string{"w", "s", "z"}, onnxproto.Set("axis", -1)).node("MatMul", "y", []string{"x", "m"}), scaled("zero point")},
	} {
		for bits, limit := range map[int]float32{8: 127, 7: 63} {
			t.Run(name+" "+strconv.Itoa(bits), func(t *testing.T) {
				g, result := rewritten(t, test.graph.testCopy().model(17, 0, in), Options{WeightBits: bits})
				assert.Equal(t, 1, result.Products)
				requireClose(t, test.want, weightsOf(t, g), limit)
				for _, initializer := range g.initializers {
					assert.NotEqual(t, "w", initializer.name, "the float32 weights are left out")
				}
			})
		}
	}
}

// testCopy lets one graph of a table be finished twice.
func (g *testGraph) testCopy() *testGraph {
	c := *g
	c.nodes, c.initializers, c.head = slices.Clone(g.nodes), onnxproto.Rope{}, slices.Clone(g.head)
	c.initializers.Append(&g.initializers)
	return &c
}

func TestWhatIsLeftAlone(t *testing.T) {
	const in, out = 64, 80
	w := floatTensor("w", []int64{in, out}, ramp(in, out)...)
	broken := ramp(in, out)
	broken[5] = float32(math.NaN())
	for name, g := range map[string]*testGraph{
		"two activations":             newTestGraph().node("MatMul", "y", []string{"x", "x"}),
		"few weights":                 newTestGraph().tensors(floatTensor("w", []int64{16, 16}, ramp(16, 16)...)).node("MatMul", "y", []string{"x", "w"}),
		"a column":                    newTestGraph().tensors(floatTensor("w", []int64{8192, 1}, ramp(8192, 1)...)).node("MatMul", "y", []string{"x", "w"}),
		"weights of three axes":       newTestGraph().tensors(floatTensor("w", []int64{1, in, out}, ramp(in, out)...)).node("MatMul", "y", []string{"x", "w"}),
		"weights on the left":         newTestGraph().tensors(w).node("MatMul", "y", []string{"w", "x"}),
		"weights that are given":      newTestGraph().tensors(w).value(onnxproto.GraphInput, "w", in, out).node("MatMul", "y", []string{"x", "w"}),
		"half precision":              newTestGraph().tensors(testTensor{"w", onnxproto.Float16, []int64{in, out}, make([]byte, 2*in*out)}).node("MatMul", "y", []string{"x", "w"}),
		"weights that are no numbers": newTestGraph().tensors(floatTensor("w", []int64{in, out}, broken...)).node("MatMul", "y", []string{"x", "w"}),
		"a transposed activation":     newTestGraph().tensors(w).node("Gemm", "y", []string{"x", "w"}, onnxproto.Set("transA", 1)),
		"another's MatMul": func() *testGraph {
			g := newTestGraph().tensors(w)
			g.add("example.org", "MatMul", "y", []string{"x", "w"})
			return g
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			before := g.operatorsOf()
			rewrittenGraph, result := rewritten(t, g.model(17, 0, in), eightBits)
			assert.Zero(t, result.Products)
			assert.Equal(t, before, rewrittenGraph.operators())
		})
	}
}

func (g *testGraph) operatorsOf() []string { return (&graph{nodes: g.nodes}).operators() }

func TestOneQuantisationServesAllWhoShareAnInput(t *testing.T) {
	g := newTestGraph().tensors(floatTensor("q", []int64{64, 64}, ramp(64, 64)...), floatTensor("k", []int64{64, 64}, ramp(64, 64)...)).
		node("MatMul", "a", []string{"x", "q"}).node("MatMul", "b", []string{"x", "k"}).node("Add", "y", []string{"a", "b"})
	got, result := rewritten(t, g.model(17, 0, 64), eightBits)
	assert.Equal(t, 2, result.Products)
	assert.Equal(t, []string{"Abs", "ReduceMax", "Max", "Div", "QuantizeLinear", "MatMulIntegerToFloat", "Mul", "MatMulIntegerToFloat", "Mul", "Add"}, got.operators())
	assert.True(t, got.contribKnown, "the model imports ONNX Runtime's operators")
}

func TestManyInputsCountFromTheirLowest(t *testing.T) {
	g := newTestGraph().tensors(floatTensor("w", []int64{128, 32}, ramp(128, 32)...), floatTensor("b", []int64{32}, ramp(1, 32)...)).
		node("Gemm", "y", []string{"x", "w", "b"})
	got, _ := rewritten(t, g.model(18, 0, 128), eightBits)
	assert.Equal(t, []string{"ReduceMin", "Sub", "ReduceMax", "Max", "Div", "QuantizeLinear", "MatMulIntegerToFloat", "Mul", "Mul", "Add", "Add"}, got.operators())
	assert.Len(t, got.nodes[0].inputs, 2, "from opset 18 on the axes are an input")
	assert.Equal(t, []string{"y"}, got.nodes[len(got.nodes)-1].outputs)
}

func TestPatches(t *testing.T) {
	const out, channels, side = 32, 3, 8
	weights := floatTensor("w", []int64{out, channels, side, side}, ramp(out, channels*side*side)...)
	strides := onnxproto.Set("strides", []int{side, side})
	convolution := func(settings ...onnxproto.Attribute) *testGraph {
		return newTestGraph().tensors(weights, floatTensor("b", []int64{out}, ramp(1, out)...)).node("Conv", "y", []string{"x", "w", "b"}, settings...)
	}
	square := Options{WeightBits: 8, Height: 32, Width: 32}
	got, result := rewritten(t, convolution(strides).model(17, 0, 3, 0, 0), square)
	require.Equal(t, 1, result.Products)
	assert.Equal(t, "SpaceToDepth", got.nodes[0].operator)
	assert.Equal(t, "Transpose", got.nodes[len(got.nodes)-1].operator)
	order := patchMatrix(array{[]int64{1, 2, 2, 2}, []float32{0, 1, 2, 3, 4, 5, 6, 7}})
	assert.Equal(t, array{[]int64{8, 1}, []float32{0, 4, 1, 5, 2, 6, 3, 7}}, order, "channels of a pixel lie together")

	for name, c := range map[string]struct {
		graph   *testGraph
		options Options
	}{
		"windows that overlap":           {convolution(onnxproto.Set("strides", []int{4, 4})), square},
		"padding":                        {convolution(strides, onnxproto.Set("pads", []int{1, 1, 1, 1})), square},
		"dilation":                       {convolution(strides, onnxproto.Set("dilations", []int{2, 2})), square},
		"groups":                         {convolution(strides, onnxproto.Set("group", 3)), square},
		"pictures with a rest":           {convolution(strides), Options{WeightBits: 8, Height: 36, Width: 32}},
		"a size that is not known":       {convolution(strides), eightBits},
		"something other than a picture": {newTestGraph().tensors(weights).node("Relu", "r", []string{"x"}).node("Conv", "y", []string{"r", "w"}, strides), square},
	} {
		t.Run(name, func(t *testing.T) {
			_, result := rewritten(t, c.graph.model(17, 0, 3, 0, 0), c.options)
			assert.Zero(t, result.Products)
		})
	}
}

func TestWeightsInAnotherFile(t *testing.T) {
	folder := t.TempDir()
	numbers := ramp(64, 64)
	content := append(make([]byte, 5), littleEndian(numbers)...)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "weights.bin"), content, 0o644))
	data := newTestGraph().external("w", []int64{64, 64}, "weights.bin", "5", "").external("bias", []int64{4}, "weights.bin", "5", "16").
		node("MatMul", "m", []string{"x", "w"}).node("Add", "y", []string{"m", "bias"}).model(17, 0, 64)
	result, err := Graph(Source{Name: "g", Bytes: data, Folder: folder}, eightBits)
	require.NoError(t, err)
	g, err := parseModel(result.Bytes)
	require.NoError(t, err)
	requireClose(t, array{[]int64{64, 64}, numbers}, weightsOf(t, g), 127)
	at := slices.IndexFunc(g.initializers, func(t *tensor) bool { return t.name == "bias" })
	require.GreaterOrEqual(t, at, 0)
	bias, err := g.initializers[at].floats(nil)
	require.NoError(t, err, "the result holds all of its weights")
	assert.Equal(t, numbers[:4], bias)

	for name, c := range map[string]struct {
		location, offset, length string
		status                   errs.Status
	}{
		"outside":                  {"../weights.bin", "0", "", errs.Forbidden},
		"absolute":                 {"/etc/hostname", "0", "", errs.Forbidden},
		"missing":                  {"other.bin", "0", "", errs.NotFound},
		"behind the end":           {"weights.bin", "16000", "", errs.InvalidInput},
		"another length":           {"weights.bin", "5", "16", errs.InvalidInput},
		"a negative place":         {"weights.bin", "-1", "", errs.InvalidInput},
		"a place that is no place": {"weights.bin", "far", "", errs.InvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			data := newTestGraph().external("w", []int64{64, 64}, c.location, c.offset, c.length).node("MatMul", "y", []string{"x", "w"}).model(17, 0, 64)
			_, err := Graph(Source{Name: "g", Bytes: data, Folder: folder}, eightBits)
			assert.Equal(t, c.status, errs.StatusOf(err), "%v", err)
		})
	}
}

func TestGarbage(t *testing.T) {
	whole := newTestGraph().tensors(floatTensor("w", []int64{64, 64}, ramp(64, 64)...)).node("MatMul", "y", []string{"x", "w"}).model(17, 0, 64)
	old := newTestGraph().tensors(floatTensor("w", []int64{64, 64}, ramp(64, 64)...)).node("MatMul", "y", []string{"x", "w"}).model(9, 0, 64)
	short := newTestGraph().tensors(testTensor{"w", onnxproto.Float32, []int64{64, 64}, []byte{1}}).node("MatMul", "y", []string{"x", "w"}).model(17, 0, 64)
	huge := newTestGraph().tensors(testTensor{"w", onnxproto.Float32, []int64{1 << 40, 1 << 40}, []byte{1}}).node("MatMul", "y", []string{"x", "w"}).model(17, 0, 64)
	for name, c := range map[string]struct {
		data   []byte
		status errs.Status
	}{
		"empty":              {nil, errs.InvalidInput},
		"text":               {[]byte("what is this"), errs.InvalidInput},
		"cut off":            {whole[:len(whole)-100], errs.InvalidInput},
		"an old opset":       {old, errs.Unsupported},
		"too few bytes":      {short, errs.InvalidInput},
		"an impossible size": {huge, errs.InvalidInput},
		"two graphs":         {append(slices.Clone(whole), whole...), errs.InvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Graph(Source{Name: "the graph g", Bytes: c.data, Folder: t.TempDir()}, eightBits)
			assert.Equal(t, c.status, errs.StatusOf(err), "%v", err)
		})
	}
	_, err := Graph(Source{Bytes: whole}, Options{WeightBits: 9})
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
}

func TestHalfPrecision(t *testing.T) {
	for bits, want := range map[uint16]float32{
		0: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: 1.0 / (1 << 24), 0x83ff: -1023.0 / (1 << 24), 0x7c00: float32(math.Inf(1)),
	} {
		assert.Equal(t, want, halfOf(bits), "%#x", bits)
	}
	assert.True(t, math.IsNaN(float64(halfOf(0x7e00))))
}

func FuzzGraph(f *testing.F) {
	f.Add(newTestGraph().tensors(floatTensor("w", []int64{64, 64}, ramp(64, 64)...)).node("MatMul", "y", []string{"x", "w"}).model(17, 0, 64))
	f.Add(newTestGraph().tensors(testTensor{"w", onnxproto.Int8, []int64{64, 80}, make([]byte, 64*80)}, floatTensor("s", []int64{80}, ramp(1, 80)...), testTensor{"a", onnxproto.Int64, []int64{1}, int64Bytes(-1)}).
		node("DequantizeLinear", "m", []string{"w", "s"}).node("MatMul", "y", []string{"x", "m"}).model(13, 0, 64))
	f.Add(newTestGraph().tensors(floatTensor("w", []int64{32, 3, 8, 8}, ramp(32, 192)...)).node("Conv", "y", []string{"x", "w"}, onnxproto.Set("strides", []int{8, 8})).model(17, 0, 3, 32, 32))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := Graph(Source{Name: "fuzzed", Bytes: data, Folder: folder}, Options{WeightBits: 8, Height: 32, Width: 32})
		if err != nil {
			assert.NotEqual(t, errs.Internal, errs.StatusOf(err), "%v", err)
			return
		}
		_, err = parseModel(result.Bytes)
		assert.NoError(t, err, "what is written can be read")
	})
}
