package onnxproto

import (
	"encoding/binary"
	"math"
)

// Message is a message as it is written. The zero value is empty.
type Message []byte

func (m *Message) key(field int, wire Wire) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire))
}

// head begins a field of so many bytes.
func (m *Message) head(field, length int) {
	m.key(field, Bytes)
	*m = binary.AppendUvarint(*m, uint64(length))
}

// Integer writes a number.
func (m *Message) Integer(field int, value int64) {
	m.key(field, Varint)
	*m = binary.AppendUvarint(*m, uint64(value))
}

// Float writes a float32.
func (m *Message) Float(field int, value float32) {
	m.key(field, Fixed32)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(value))
}

// Bytes writes bytes, or a message that is finished.
func (m *Message) Bytes(field int, value []byte) {
	m.head(field, len(value))
	*m = append(*m, value...)
}

// Text writes a string.
func (m *Message) Text(field int, value string) { m.Bytes(field, []byte(value)) }

// Child writes a message inside this one.
func (m *Message) Child(field int, fill func(*Message)) {
	var inner Message
	fill(&inner)
	m.Bytes(field, inner)
}

// Rope is a message in pieces, so that the weights in it are copied once, when it is joined. The zero value is empty.
type Rope struct {
	pieces [][]byte
	length int
}

// Add appends fields as they stand. They are not copied.
func (r *Rope) Add(fields []byte) {
	r.pieces = append(r.pieces, fields)
	r.length += len(fields)
}

// Append appends the fields of another rope.
func (r *Rope) Append(other *Rope) {
	r.pieces = append(r.pieces, other.pieces...)
	r.length += other.length
}

// Child appends a field that holds another message.
func (r *Rope) Child(field int, inner *Rope) {
	var head Message
	head.head(field, inner.length)
	r.Add(head)
	r.Append(inner)
}

// Len is the length in bytes.
func (r *Rope) Len() int { return r.length }

// Join copies the pieces together.
func (r *Rope) Join() []byte {
	all := make([]byte, 0, r.length)
	for _, piece := range r.pieces {
		all = append(all, piece...)
	}
	return all
}
