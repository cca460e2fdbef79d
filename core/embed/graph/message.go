package graph

import (
	"encoding/binary"
	"math"
)

// message is a protocol buffer message as it is written. The zero value is empty.
type message []byte

// The few wire types that ONNX needs.
const (
	wireVarint  = 0
	wireBytes   = 2
	wireFixed32 = 5
)

func (m *message) key(field, wire int) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire))
}

func (m *message) integer(field int, value int64) {
	m.key(field, wireVarint)
	*m = binary.AppendUvarint(*m, uint64(value))
}

func (m *message) float(field int, value float32) {
	m.key(field, wireFixed32)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(value))
}

func (m *message) bytes(field int, value []byte) {
	m.key(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(len(value)))
	*m = append(*m, value...)
}

func (m *message) text(field int, value string) { m.bytes(field, []byte(value)) }

// child writes a message inside this one.
func (m *message) child(field int, fill func(*message)) {
	var inner message
	fill(&inner)
	m.bytes(field, inner)
}
