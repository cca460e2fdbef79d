package quantize

import (
	"fmt"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// emitter collects what is put into a graph. It is kept apart from the graph until it is known to be needed.
type emitter struct {
	nodes        []*node
	initializers onnxproto.Rope
	names        int
}

// fresh is a name that nothing has yet.
func (e *emitter) fresh() string {
	e.names++
	return fmt.Sprintf("innerspace/int8/%d", e.names)
}

// add puts a node into the graph and returns its output, which gets a new name where output is "".
func (e *emitter) add(domain, operator, output string, inputs []string, settings ...onnxproto.Attribute) string {
	if output == "" {
		output = e.fresh()
	}
	var whole onnxproto.Message
	whole.Child(onnxproto.GraphNode, onnxproto.Node{Domain: domain, Operator: operator, Inputs: inputs, Output: output, Attributes: settings}.Write)
	e.nodes = append(e.nodes, &node{domain: domain, operator: operator, inputs: inputs, outputs: []string{output}, whole: whole})
	return output
}

// constant puts a tensor into the graph and returns its name.
func (e *emitter) constant(element int64, shape []int64, raw []byte) string {
	name := e.fresh()
	addTensor(&e.initializers, onnxproto.Tensor{Name: name, Element: element, Shape: shape}, raw)
	return name
}

func addTensor(to *onnxproto.Rope, head onnxproto.Tensor, raw []byte) {
	to.Child(onnxproto.GraphInitializer, head.RawRope(raw))
}
