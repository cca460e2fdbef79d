package quantize

import (
	"fmt"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// Caps on a graph: the largest towers known have some ten thousand nodes.
const (
	maxNodes = 1 << 20
	maxNames = 1 << 20
)

// graph is an ONNX model, taken apart as far as rewriting needs. What is not understood is kept as it stands.
type graph struct {
	modelRest    [][]byte // fields of the model other than the graph
	opset        int64    // of ONNX's own operators
	contribKnown bool     // the model imports ONNX Runtime's own operators
	graphRest    [][]byte // fields of the graph other than nodes and initializers
	nodes        []*node
	initializers []*tensor
	inputs       map[string][]int64 // shapes; 0 where a length is open
	outputs      map[string]bool
	nested       bool // a node holds a graph of its own, which may use any name of this one
}

// node is an operator.
type node struct {
	domain, operator, name string
	inputs, outputs        []string
	attributes             []attribute
	whole                  []byte // the field as it stands
}

// attribute is a setting of a node.
type attribute struct {
	name     string
	kind     int64
	float    float32
	integer  int64
	text     string
	integers []int64
	tensor   *tensor
}

func (n *node) attribute(name string) (attribute, bool) {
	for _, a := range n.attributes {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

// integer is an attribute's value, or its default.
func (n *node) integer(name string, otherwise int64) int64 {
	if a, found := n.attribute(name); found {
		return a.integer
	}
	return otherwise
}

// is says whether the node is one of ONNX's own operators of that name.
func (n *node) is(operator string) bool {
	return n.operator == operator && (n.domain == "" || n.domain == "ai.onnx")
}

func parseModel(data []byte) (*graph, error) {
	g := &graph{inputs: map[string][]int64{}, outputs: map[string]bool{}}
	graphs := 0
	err := onnxproto.Walk(data, func(f onnxproto.Field) error {
		switch {
		case f.Number == onnxproto.ModelGraph && f.Wire == onnxproto.Bytes:
			graphs++
			return g.parseGraph(f.Bytes)
		case f.Number == onnxproto.ModelOpset && f.Wire == onnxproto.Bytes:
			g.modelRest = append(g.modelRest, f.Whole)
			return g.parseOpset(f.Bytes)
		}
		g.modelRest = append(g.modelRest, f.Whole)
		return nil
	})
	if err == nil && graphs != 1 {
		err = fmt.Errorf("it holds %d graphs instead of one", graphs)
	}
	return g, err
}

func (g *graph) parseOpset(data []byte) error {
	domain, version := "", int64(0)
	err := onnxproto.Walk(data, func(f onnxproto.Field) error {
		switch f.Number {
		case onnxproto.OpsetDomain:
			domain = string(f.Bytes)
		case onnxproto.OpsetVersion:
			version = int64(f.Value)
		}
		return nil
	})
	switch domain {
	case "", "ai.onnx":
		g.opset = version
	case onnxproto.Contrib:
		g.contribKnown = true
	}
	return err
}

func (g *graph) parseGraph(data []byte) error {
	return onnxproto.Walk(data, func(f onnxproto.Field) error {
		switch {
		case f.Number == onnxproto.GraphNode && f.Wire == onnxproto.Bytes:
			if len(g.nodes) == maxNodes {
				return fmt.Errorf("it has more than %d nodes", maxNodes)
			}
			n, err := g.parseNode(f)
			g.nodes = append(g.nodes, n)
			return err
		case f.Number == onnxproto.GraphInitializer && f.Wire == onnxproto.Bytes:
			if len(g.initializers) == maxNames {
				return fmt.Errorf("it has more than %d initializers", maxNames)
			}
			t, err := parseTensor(f)
			g.initializers = append(g.initializers, t)
			return err
		case f.Number == onnxproto.GraphInput && f.Wire == onnxproto.Bytes:
			name, shape, err := parseValue(f.Bytes)
			g.inputs[name] = shape
			g.graphRest = append(g.graphRest, f.Whole)
			return err
		case f.Number == onnxproto.GraphOutput && f.Wire == onnxproto.Bytes:
			name, _, err := parseValue(f.Bytes)
			g.outputs[name] = true
			g.graphRest = append(g.graphRest, f.Whole)
			return err
		}
		g.graphRest = append(g.graphRest, f.Whole)
		return nil
	})
}

func (g *graph) parseNode(whole onnxproto.Field) (*node, error) {
	n := &node{whole: whole.Whole}
	err := onnxproto.Walk(whole.Bytes, func(f onnxproto.Field) error {
		switch f.Number {
		case onnxproto.NodeInput:
			n.inputs = append(n.inputs, string(f.Bytes))
		case onnxproto.NodeOutput:
			n.outputs = append(n.outputs, string(f.Bytes))
		case onnxproto.NodeName:
			n.name = string(f.Bytes)
		case onnxproto.NodeOperator:
			n.operator = string(f.Bytes)
		case onnxproto.NodeDomain:
			n.domain = string(f.Bytes)
		case onnxproto.NodeAttribute:
			a, nested, err := parseAttribute(f.Bytes)
			n.attributes = append(n.attributes, a)
			g.nested = g.nested || nested
			return err
		}
		return nil
	})
	return n, err
}

func parseAttribute(data []byte) (attribute, bool, error) {
	var a attribute
	nested := false
	err := onnxproto.Walk(data, func(f onnxproto.Field) (err error) {
		switch f.Number {
		case onnxproto.AttributeName:
			a.name = string(f.Bytes)
		case onnxproto.AttributeType:
			a.kind = int64(f.Value)
		case onnxproto.AttributeFloat:
			a.float = floatOf(uint32(f.Value))
		case onnxproto.AttributeInteger:
			a.integer = int64(f.Value)
		case onnxproto.AttributeText:
			a.text = string(f.Bytes)
		case onnxproto.AttributeIntegers:
			a.integers, err = f.Integers(a.integers)
		case onnxproto.AttributeTensor:
			a.tensor, err = parseTensor(f)
		case onnxproto.AttributeGraph, onnxproto.AttributeGraphs:
			nested = true
		}
		return err
	})
	return a, nested, err
}

// parseValue reads the name and the shape of an input or output.
func parseValue(data []byte) (name string, shape []int64, err error) {
	err = onnxproto.Walk(data, func(f onnxproto.Field) error {
		switch f.Number {
		case onnxproto.ValueName:
			name = string(f.Bytes)
		case onnxproto.ValueType:
			return onnxproto.Walk(f.Bytes, func(f onnxproto.Field) error {
				if f.Number != onnxproto.TypeTensor {
					return nil
				}
				return onnxproto.Walk(f.Bytes, func(f onnxproto.Field) error {
					if f.Number != onnxproto.TypeShape {
						return nil
					}
					return onnxproto.Walk(f.Bytes, func(f onnxproto.Field) error {
						length := int64(0)
						err := onnxproto.Walk(f.Bytes, func(f onnxproto.Field) error {
							if f.Number == onnxproto.DimensionLength && f.Wire == onnxproto.Varint {
								length = int64(f.Value)
							}
							return nil
						})
						shape = append(shape, length)
						return err
					})
				})
			})
		}
		return nil
	})
	return name, shape, err
}
