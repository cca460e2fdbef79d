package quantize

import (
	"fmt"
	"slices"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// opener gives the bytes of another file that a graph keeps weights in.
type opener func(location string) ([]byte, error)

// constants works out the weights of a graph. Exporters hide them behind a few operators: a constant that
// is a node, weights shared through Identity, int8 or float16 weights that are cast and scaled in the graph.
type constants struct {
	tensors   map[string]*tensor
	producers map[string]*node
	open      opener
}

// array is a constant's value.
type array struct {
	shape   []int64
	numbers []float32
}

// maxChain caps how many operators stand between a weight and what it is read from.
const maxChain = 16

func newConstants(g *graph, open opener) *constants {
	c := &constants{tensors: map[string]*tensor{}, producers: map[string]*node{}, open: open}
	for _, t := range g.initializers {
		// An initializer that is an input too may be given another value by the caller.
		if _, input := g.inputs[t.name]; !input {
			c.tensors[t.name] = t
		}
	}
	for _, n := range g.nodes {
		for _, output := range n.outputs {
			c.producers[output] = n
		}
		if a, found := n.attribute("value"); found && n.is("Constant") && a.tensor != nil && len(n.outputs) == 1 {
			c.tensors[n.outputs[0]] = a.tensor
		}
	}
	return c
}

// shape is that of a constant, without working it out; false where name is no constant of ours.
func (c *constants) shape(name string) ([]int64, bool) { return c.shapeWithin(name, maxChain) }

func (c *constants) shapeWithin(name string, chain int) ([]int64, bool) {
	if t, found := c.tensors[name]; found {
		_, readable := elementBytes[t.element]
		return t.shape, readable
	}
	n := c.producers[name]
	if n == nil || chain == 0 || len(n.inputs) == 0 {
		return nil, false
	}
	shape, constant := c.shapeWithin(n.inputs[0], chain-1)
	if !constant {
		return nil, false
	}
	switch {
	case n.is("Identity"), n.is("Cast") && n.integer("to", 0) == onnxproto.Float32:
		return shape, true
	case n.is("Transpose") && len(shape) == 2 && isSwap(n):
		return []int64{shape[1], shape[0]}, true
	case n.is("Mul") && len(n.inputs) == 2:
		other, constant := c.shapeWithin(n.inputs[1], chain-1)
		switch {
		case !constant:
		case spreads(other, shape):
			return shape, true
		case spreads(shape, other):
			return other, true
		}
	case n.is("DequantizeLinear") && len(n.inputs) >= 2:
		for _, input := range n.inputs[1:] {
			if _, constant := c.shapeWithin(input, chain-1); !constant && input != "" {
				return nil, false
			}
		}
		return shape, true
	}
	return nil, false
}

// isFloat32 says whether a constant of known shape is of float32 when it gets to its user.
func (c *constants) isFloat32(name string) bool {
	if t, found := c.tensors[name]; found {
		return t.element == onnxproto.Float32
	}
	switch n := c.producers[name]; n.operator {
	case "Cast":
		return true // the only one that has a shape
	case "DequantizeLinear":
		return c.isFloat32(n.inputs[1])
	default:
		return c.isFloat32(n.inputs[0])
	}
}

// isSwap says whether a Transpose of a matrix swaps its axes.
func isSwap(n *node) bool {
	axes, found := n.attribute("perm")
	return !found || slices.Equal(axes.integers, []int64{1, 0})
}

// spreads says whether an array of one shape is repeated to another by multiplying the two.
func spreads(small, large []int64) bool {
	if len(small) > len(large) {
		return false
	}
	for i, length := range small {
		if length != 1 && length != large[len(large)-len(small)+i] {
			return false
		}
	}
	return true
}

// value works out a constant whose shape is known.
func (c *constants) value(name string) (array, error) {
	if t, found := c.tensors[name]; found {
		numbers, err := t.floats(c.open)
		return array{t.shape, numbers}, err
	}
	n := c.producers[name]
	value, err := c.value(n.inputs[0])
	if err != nil {
		return array{}, err
	}
	switch n.operator {
	case "Transpose":
		return transposed(value), nil
	case "Mul":
		other, err := c.value(n.inputs[1])
		if err != nil {
			return array{}, err
		}
		if !spreads(other.shape, value.shape) {
			value, other = other, value
		}
		return combined(value, other, func(a, b float32) float32 { return a * b }), nil
	case "DequantizeLinear":
		return c.dequantized(n, value)
	}
	return value, nil // Identity and Cast: every value is float32 here
}

func (c *constants) dequantized(n *node, value array) (array, error) {
	axis := n.integer("axis", 1)
	if axis < 0 {
		axis += int64(len(value.shape))
	}
	// along turns [channels] to [channels, 1, ...], so that it is repeated over what follows the axis.
	along := func(a array) (array, error) {
		if len(a.numbers) == 1 {
			return array{nil, a.numbers}, nil
		}
		if axis < 0 || axis >= int64(len(value.shape)) || len(a.shape) != 1 || a.shape[0] != value.shape[axis] {
			return array{}, fmt.Errorf("a scale or zero point of shape %v for weights of shape %v", a.shape, value.shape)
		}
		shape := make([]int64, int64(len(value.shape))-axis)
		for i := range shape {
			shape[i] = 1
		}
		shape[0] = a.shape[0]
		return array{shape, a.numbers}, nil
	}
	if len(n.inputs) > 2 && n.inputs[2] != "" {
		zero, err := c.value(n.inputs[2])
		if err == nil {
			zero, err = along(zero)
		}
		if err != nil {
			return array{}, err
		}
		value = combined(value, zero, func(a, b float32) float32 { return a - b })
	}
	scale, err := c.value(n.inputs[1])
	if err == nil {
		scale, err = along(scale)
	}
	if err != nil {
		return array{}, err
	}
	return combined(value, scale, func(a, b float32) float32 { return a * b }), nil
}

func transposed(m array) array {
	rows, columns := m.shape[0], m.shape[1]
	out := make([]float32, len(m.numbers))
	for r := range rows {
		for c := range columns {
			out[c*rows+r] = m.numbers[r*columns+c]
		}
	}
	return array{[]int64{columns, rows}, out}
}

// combined applies f to every number of large and the number of small that is repeated there.
func combined(large, small array, f func(a, b float32) float32) array {
	out := make([]float32, len(large.numbers))
	// steps are how far apart neighbours along each axis of large lie in small.
	steps := make([]int64, len(large.shape))
	step := int64(1)
	for i := len(small.shape) - 1; i >= 0; i-- {
		if small.shape[i] != 1 {
			steps[len(steps)-len(small.shape)+i] = step
		}
		step *= small.shape[i]
	}
	place, at := make([]int64, len(large.shape)), int64(0)
	for i := range out {
		out[i] = f(large.numbers[i], small.numbers[at])
		for axis := len(place) - 1; axis >= 0; axis-- {
			place[axis]++
			at += steps[axis]
			if place[axis] < large.shape[axis] {
				break
			}
			at -= steps[axis] * place[axis]
			place[axis] = 0
		}
	}
	return array{large.shape, out}
}
