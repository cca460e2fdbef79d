package quantize

import (
	"encoding/binary"
	"fmt"
)

// contrib is the domain of ONNX Runtime's own operators.
const contrib = "com.microsoft"

// emitter collects what is put into a graph. It is kept apart from the graph until it is known to be needed.
type emitter struct {
	nodes        []*node
	initializers rope
	names        int
}

// fresh is a name that nothing has yet.
func (e *emitter) fresh() string {
	e.names++
	return fmt.Sprintf("innerspace/int8/%d", e.names)
}

// add puts a node into the graph and returns its output, which gets a new name where output is "".
func (e *emitter) add(domain, operator, output string, inputs []string, settings ...setting) string {
	if output == "" {
		output = e.fresh()
	}
	var m message
	for _, input := range inputs {
		m.text(nodeInput, input)
	}
	m.text(nodeOutput, output)
	m.text(nodeOperator, operator)
	for _, s := range settings {
		m.bytes(nodeAttribute, s.message())
	}
	if domain != "" {
		m.text(nodeDomain, domain)
	}
	var whole message
	whole.bytes(graphNode, m)
	e.nodes = append(e.nodes, &node{domain: domain, operator: operator, inputs: inputs, outputs: []string{output}, whole: whole})
	return output
}

// constant puts a tensor into the graph and returns its name.
func (e *emitter) constant(element int64, shape []int64, raw []byte) string {
	name := e.fresh()
	e.initializers.addTensor(name, element, shape, raw)
	return name
}

func (r *rope) addTensor(name string, element int64, shape []int64, raw []byte) {
	var head message
	for _, length := range shape {
		head.integer(tensorLength, length)
	}
	head.integer(tensorElement, element)
	head.text(tensorName, name)
	head.key(tensorRaw, wireBytes)
	head = binary.AppendUvarint(head, uint64(len(raw)))
	var inner rope
	inner.add(head)
	inner.add(raw)
	r.child(graphInitializer, &inner)
}

// setting is an attribute of a node that is written: an integer or a list of them.
type setting struct {
	name  string
	value any
}

func (s setting) message() message {
	const isInteger, isIntegers = 2, 7
	var m message
	m.text(attributeName, s.name)
	switch value := s.value.(type) {
	case int64:
		m.integer(attributeInteger, value)
		m.integer(attributeType, isInteger)
	case []int64:
		for _, n := range value {
			m.integer(attributeIntegers, n)
		}
		m.integer(attributeType, isIntegers)
	}
	return m
}
