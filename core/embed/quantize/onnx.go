package quantize

import "fmt"

// Field numbers of onnx.proto.
const (
	modelGraph = 7
	modelOpset = 8

	opsetDomain  = 1
	opsetVersion = 2

	graphNode        = 1
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOperator  = 4
	nodeAttribute = 5
	nodeDomain    = 7

	attributeName     = 1
	attributeFloat    = 2
	attributeInteger  = 3
	attributeText     = 4
	attributeTensor   = 5
	attributeGraph    = 6
	attributeIntegers = 8
	attributeGraphs   = 11
	attributeType     = 20

	valueName       = 1
	valueType       = 2
	typeTensor      = 1
	typeShape       = 2
	shapeDimension  = 1
	dimensionLength = 1
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
	err := walk(data, func(f field) error {
		switch {
		case f.number == modelGraph && f.wire == wireBytes:
			graphs++
			return g.parseGraph(f.bytes)
		case f.number == modelOpset && f.wire == wireBytes:
			g.modelRest = append(g.modelRest, f.whole)
			return g.parseOpset(f.bytes)
		}
		g.modelRest = append(g.modelRest, f.whole)
		return nil
	})
	if err == nil && graphs != 1 {
		err = fmt.Errorf("it holds %d graphs instead of one", graphs)
	}
	return g, err
}

func (g *graph) parseOpset(data []byte) error {
	domain, version := "", int64(0)
	err := walk(data, func(f field) error {
		switch f.number {
		case opsetDomain:
			domain = string(f.bytes)
		case opsetVersion:
			version = int64(f.value)
		}
		return nil
	})
	switch domain {
	case "", "ai.onnx":
		g.opset = version
	case contrib:
		g.contribKnown = true
	}
	return err
}

func (g *graph) parseGraph(data []byte) error {
	return walk(data, func(f field) error {
		switch {
		case f.number == graphNode && f.wire == wireBytes:
			if len(g.nodes) == maxNodes {
				return fmt.Errorf("it has more than %d nodes", maxNodes)
			}
			n, err := g.parseNode(f)
			g.nodes = append(g.nodes, n)
			return err
		case f.number == graphInitializer && f.wire == wireBytes:
			if len(g.initializers) == maxNames {
				return fmt.Errorf("it has more than %d initializers", maxNames)
			}
			t, err := parseTensor(f)
			g.initializers = append(g.initializers, t)
			return err
		case f.number == graphInput && f.wire == wireBytes:
			name, shape, err := parseValue(f.bytes)
			g.inputs[name] = shape
			g.graphRest = append(g.graphRest, f.whole)
			return err
		case f.number == graphOutput && f.wire == wireBytes:
			name, _, err := parseValue(f.bytes)
			g.outputs[name] = true
			g.graphRest = append(g.graphRest, f.whole)
			return err
		}
		g.graphRest = append(g.graphRest, f.whole)
		return nil
	})
}

func (g *graph) parseNode(whole field) (*node, error) {
	n := &node{whole: whole.whole}
	err := walk(whole.bytes, func(f field) error {
		switch f.number {
		case nodeInput:
			n.inputs = append(n.inputs, string(f.bytes))
		case nodeOutput:
			n.outputs = append(n.outputs, string(f.bytes))
		case nodeName:
			n.name = string(f.bytes)
		case nodeOperator:
			n.operator = string(f.bytes)
		case nodeDomain:
			n.domain = string(f.bytes)
		case nodeAttribute:
			a, nested, err := parseAttribute(f.bytes)
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
	err := walk(data, func(f field) (err error) {
		switch f.number {
		case attributeName:
			a.name = string(f.bytes)
		case attributeType:
			a.kind = int64(f.value)
		case attributeFloat:
			a.float = floatOf(uint32(f.value))
		case attributeInteger:
			a.integer = int64(f.value)
		case attributeText:
			a.text = string(f.bytes)
		case attributeIntegers:
			a.integers, err = f.integers(a.integers)
		case attributeTensor:
			a.tensor, err = parseTensor(f)
		case attributeGraph, attributeGraphs:
			nested = true
		}
		return err
	})
	return a, nested, err
}

// parseValue reads the name and the shape of an input or output.
func parseValue(data []byte) (name string, shape []int64, err error) {
	err = walk(data, func(f field) error {
		switch f.number {
		case valueName:
			name = string(f.bytes)
		case valueType:
			return walk(f.bytes, func(f field) error {
				if f.number != typeTensor {
					return nil
				}
				return walk(f.bytes, func(f field) error {
					if f.number != typeShape {
						return nil
					}
					return walk(f.bytes, func(f field) error {
						length := int64(0)
						err := walk(f.bytes, func(f field) error {
							if f.number == dimensionLength && f.wire == wireVarint {
								length = int64(f.value)
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
