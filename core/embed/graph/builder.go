package graph

import (
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// edge is the name of a value between two nodes.
type edge string

// absent stands for an optional input that is left out.
const absent edge = ""

// irVersion and opset are the newest that every operator here needs: LayerNormalization came with 17,
// Gelu with 20.
const (
	irVersion = 9
	opset     = 20
)

// builder collects a graph. The first failure is kept and makes all that follows idle.
type builder struct {
	weights *safetensors.Weights
	folder  string
	graph   onnxproto.Message // nodes and initializers, in any order: protocol buffers do not mind
	known   map[string]edge
	values  int // how many edges have been named
	err     error
}

func newBuilder(weights *safetensors.Weights) *builder {
	return &builder{weights: weights, folder: folderOf(weights.Paths()), known: map[string]edge{}}
}

// model finishes the graph: output is given its name and declared as float32 [batch, dimension].
func (b *builder) model(output edge, name string, dimension int) (Model, error) {
	if b.err != nil {
		return Model{}, b.err
	}
	b.emit("", "Identity", []edge{output}, edge(name))
	b.graph.Text(onnxproto.GraphName, name)
	b.graph.Child(onnxproto.GraphOutput, func(m *onnxproto.Message) {
		onnxproto.WriteValue(m, name, onnxproto.Float32, []int{0, dimension}, []string{"batch", ""})
	})
	var m onnxproto.Message
	m.Integer(onnxproto.ModelIRVersion, irVersion)
	m.Text(onnxproto.ModelProducer, "innerspace")
	m.Bytes(onnxproto.ModelGraph, b.graph)
	m.Child(onnxproto.ModelOpset, func(m *onnxproto.Message) { m.Integer(onnxproto.OpsetVersion, opset) })
	m.Child(onnxproto.ModelOpset, func(m *onnxproto.Message) {
		m.Text(onnxproto.OpsetDomain, onnxproto.Contrib)
		m.Integer(onnxproto.OpsetVersion, 1)
	})
	return Model{Bytes: m, Folder: b.folder}, nil
}

func (b *builder) input(name string, element int64, lengths []int, axes ...string) edge {
	b.graph.Child(onnxproto.GraphInput, func(m *onnxproto.Message) { onnxproto.WriteValue(m, name, element, lengths, axes) })
	return edge(name)
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) fresh() edge {
	b.values++
	return edge(fmt.Sprintf("v%d", b.values))
}

// node adds an operator of ONNX itself and returns its first output.
func (b *builder) node(operator string, inputs []edge, attributes ...onnxproto.Attribute) edge {
	return b.emit("", operator, inputs, b.fresh(), attributes...)
}

// contrib adds an operator of ONNX Runtime's own.
func (b *builder) contrib(operator string, inputs []edge, attributes ...onnxproto.Attribute) edge {
	return b.emit(onnxproto.Contrib, operator, inputs, b.fresh(), attributes...)
}

func (b *builder) emit(domain, operator string, inputs []edge, output edge, attributes ...onnxproto.Attribute) edge {
	if b.err != nil {
		return output
	}
	names := make([]string, len(inputs))
	for i, in := range inputs {
		names[i] = string(in)
	}
	node := onnxproto.Node{Domain: domain, Operator: operator, Inputs: names, Output: string(output), Attributes: attributes}
	b.graph.Child(onnxproto.GraphNode, node.Write)
	return output
}

// rows is a tensor of the weights, or some of its rows; count 0 means all.
type rows struct {
	name         string
	first, count int
}

func whole(name string) rows { return rows{name: name} }

// elements are the types of weights that are read; all but float32 are cast when the graph is loaded.
var elements = map[safetensors.Type]int64{
	safetensors.F32: onnxproto.Float32, safetensors.F16: onnxproto.Float16, safetensors.BF16: onnxproto.BFloat16,
}

// weight refers to a tensor of the weights, which must have this shape.
func (b *builder) weight(name string, shape ...int) edge { return b.rows(whole(name), shape...) }

// rows refers to rows of a tensor; shape is that of the whole tensor.
func (b *builder) rows(r rows, shape ...int) edge {
	if b.err != nil {
		return absent
	}
	key := fmt.Sprintf("w %s %d %d", r.name, r.first, r.count)
	if found, again := b.known[key]; again {
		return found
	}
	t, found := b.weights.Tensor(r.name)
	if !found {
		b.fail(errs.New(errs.InvalidInput, "the weights have no tensor %q, which the model's configuration asks for; is this configuration that of these weights?", r.name))
		return absent
	}
	if !sameShape(t.Shape, shape) {
		b.fail(errs.New(errs.InvalidInput, "the tensor %q has the shape %v, but the model's configuration asks for %v: they belong to different models", r.name, t.Shape, shape))
		return absent
	}
	element, readable := elements[t.Type]
	if !readable {
		b.fail(errs.New(errs.Unsupported, "the tensor %q is of the type %s; F32, F16 and BF16 are supported", r.name, t.Type))
		return absent
	}
	lengths, offset, bytes := append([]int64(nil), t.Shape...), t.Offset, t.Bytes
	if r.count > 0 {
		row := bytes / lengths[0]
		lengths[0] = int64(r.count)
		offset, bytes = offset+int64(r.first)*row, int64(r.count)*row
	}
	location, err := filepath.Rel(b.folder, t.Path)
	if err != nil {
		b.fail(errs.Wrap(err, errs.Internal, "the weights %s are not in %s", t.Path, b.folder))
		return absent
	}
	out := b.fresh()
	b.graph.Child(onnxproto.GraphInitializer, func(m *onnxproto.Message) {
		onnxproto.Tensor{Name: string(out), Element: element, Shape: lengths}.WriteExternal(m, filepath.ToSlash(location), offset, bytes)
	})
	if element != onnxproto.Float32 {
		out = b.node("Cast", []edge{out}, onnxproto.Set("to", onnxproto.Float32))
	}
	b.known[key] = out
	return out
}

func sameShape(got []int64, want []int) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != int64(want[i]) {
			return false
		}
	}
	return true
}

// integers is a constant int64 [len(values)].
func (b *builder) integers(values ...int) edge {
	return b.constant([]int64{int64(len(values))}, values)
}

// integer is a constant int64 scalar.
func (b *builder) integer(value int) edge { return b.constant(nil, []int{value}) }

func (b *builder) constant(shape []int64, values []int) edge {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(v)))
	}
	return b.raw(onnxproto.Int64, shape, raw)
}

// scalar is a constant float32 scalar.
func (b *builder) scalar(value float64) edge {
	return b.raw(onnxproto.Float32, nil, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(value))))
}

func (b *builder) raw(element int64, shape []int64, raw []byte) edge {
	key := fmt.Sprintf("c %d %v %x", element, shape, raw)
	if found, again := b.known[key]; again {
		return found
	}
	out := b.fresh()
	b.graph.Child(onnxproto.GraphInitializer, func(m *onnxproto.Message) {
		onnxproto.Tensor{Name: string(out), Element: element, Shape: shape}.WriteRaw(m, raw)
	})
	b.known[key] = out
	return out
}
