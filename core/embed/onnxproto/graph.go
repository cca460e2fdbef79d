package onnxproto

import "strconv"

// Attribute is a setting of a node: an int, a float64, a string or []int.
type Attribute struct {
	Name  string
	Value any
}

// Set is the Attribute name = value.
func Set(name string, value any) Attribute { return Attribute{Name: name, Value: value} }

// Write writes the fields of the attribute.
func (a Attribute) Write(m *Message) {
	m.Text(AttributeName, a.Name)
	switch value := a.Value.(type) {
	case int:
		m.Integer(AttributeInteger, int64(value))
		m.Integer(AttributeType, isInteger)
	case float64:
		m.Float(AttributeFloat, float32(value))
		m.Integer(AttributeType, isFloat)
	case string:
		m.Text(AttributeText, value)
		m.Integer(AttributeType, isText)
	case []int:
		for _, n := range value {
			m.Integer(AttributeIntegers, int64(n))
		}
		m.Integer(AttributeType, isIntegers)
	}
}

// Node is an operator with one output. The domain "" is ONNX's own.
type Node struct {
	Domain, Operator string
	Inputs           []string
	Output           string
	Attributes       []Attribute
}

// Write writes the fields of the node.
func (n Node) Write(m *Message) {
	for _, input := range n.Inputs {
		m.Text(NodeInput, input)
	}
	m.Text(NodeOutput, n.Output)
	m.Text(NodeOperator, n.Operator)
	for _, a := range n.Attributes {
		m.Child(NodeAttribute, a.Write)
	}
	if n.Domain != "" {
		m.Text(NodeDomain, n.Domain)
	}
}

// Tensor is the head of a constant: all but its numbers.
type Tensor struct {
	Name    string
	Element int64
	Shape   []int64
}

func (t Tensor) write(m *Message) {
	for _, length := range t.Shape {
		m.Integer(TensorLength, length)
	}
	m.Integer(TensorElement, t.Element)
	m.Text(TensorName, t.Name)
}

// WriteRaw writes a tensor with its numbers, little-endian.
func (t Tensor) WriteRaw(m *Message, raw []byte) {
	t.write(m)
	m.Bytes(TensorRaw, raw)
}

// RawRope is what WriteRaw writes, without a copy of the numbers.
func (t Tensor) RawRope(raw []byte) *Rope {
	var head Message
	t.write(&head)
	head.head(TensorRaw, len(raw))
	var r Rope
	r.Add(head)
	r.Add(raw)
	return &r
}

// WriteExternal writes a tensor whose numbers lie in another file.
func (t Tensor) WriteExternal(m *Message, location string, offset, length int64) {
	t.write(m)
	m.Integer(TensorLocation, IsExternal)
	for _, entry := range [][2]string{
		{"location", location}, {"offset", strconv.FormatInt(offset, 10)}, {"length", strconv.FormatInt(length, 10)},
	} {
		m.Child(TensorExternal, func(m *Message) {
			m.Text(ExternalKey, entry[0])
			m.Text(ExternalValue, entry[1])
		})
	}
}

// WriteValue writes an input or output of a graph. A length of 0 is left open under the name of its axis.
func WriteValue(m *Message, name string, element int64, lengths []int, axes []string) {
	m.Text(ValueName, name)
	m.Child(ValueType, func(m *Message) {
		m.Child(TypeTensor, func(m *Message) {
			m.Integer(TypeElement, element)
			m.Child(TypeShape, func(m *Message) {
				for i, length := range lengths {
					m.Child(ShapeDimension, func(m *Message) {
						if length > 0 {
							m.Integer(DimensionLength, int64(length))
						} else {
							m.Text(DimensionParameter, axes[i])
						}
					})
				}
			})
		})
	})
}
