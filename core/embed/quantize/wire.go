package quantize

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The wire types of protocol buffers that ONNX files have.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// field is one field of a message; its slices point into the message.
type field struct {
	number int
	wire   int
	value  uint64 // wireVarint, wireFixed32, wireFixed64
	bytes  []byte // wireBytes: its content
	whole  []byte // with key and length, as it stands
}

var errTruncated = errors.New("a message ends in the middle of a field")

// walk calls visit for each field of a message.
func walk(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		key, n := binary.Uvarint(message)
		if n <= 0 {
			return errTruncated
		}
		f := field{number: int(key >> 3 & 0x1fffffff), wire: int(key & 7)}
		rest := message[n:]
		switch f.wire {
		case wireVarint:
			value, n := binary.Uvarint(rest)
			if n <= 0 {
				return errTruncated
			}
			f.value, rest = value, rest[n:]
		case wireFixed64:
			if len(rest) < 8 {
				return errTruncated
			}
			f.value, rest = binary.LittleEndian.Uint64(rest), rest[8:]
		case wireFixed32:
			if len(rest) < 4 {
				return errTruncated
			}
			f.value, rest = uint64(binary.LittleEndian.Uint32(rest)), rest[4:]
		case wireBytes:
			length, n := binary.Uvarint(rest)
			if n <= 0 || length > uint64(len(rest)-n) {
				return errTruncated
			}
			f.bytes, rest = rest[n:n+int(length)], rest[n+int(length):]
		default:
			return fmt.Errorf("wire type %d, which no ONNX file has", f.wire)
		}
		f.whole = message[:len(message)-len(rest)]
		message = rest
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// integers appends the numbers of a repeated integer field, packed or not.
func (f field) integers(to []int64) ([]int64, error) {
	if f.wire == wireVarint {
		return append(to, int64(f.value)), nil
	}
	for rest := f.bytes; len(rest) > 0; {
		value, n := binary.Uvarint(rest)
		if n <= 0 {
			return nil, errTruncated
		}
		to, rest = append(to, int64(value)), rest[n:]
	}
	return to, nil
}

// message is a protocol buffer message as it is written. The zero value is empty.
type message []byte

func (m *message) key(field, wire int) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire))
}

func (m *message) integer(field int, value int64) {
	m.key(field, wireVarint)
	*m = binary.AppendUvarint(*m, uint64(value))
}

func (m *message) bytes(field int, value []byte) {
	m.key(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(len(value)))
	*m = append(*m, value...)
}

func (m *message) text(field int, value string) { m.bytes(field, []byte(value)) }

// rope is a message in pieces, so that the weights in it are copied once, when it is joined.
type rope struct {
	pieces [][]byte
	length int
}

func (r *rope) add(piece []byte) {
	r.pieces = append(r.pieces, piece)
	r.length += len(piece)
}

// child adds a field that holds another message.
func (r *rope) child(field int, inner *rope) {
	var head message
	head.key(field, wireBytes)
	r.add(binary.AppendUvarint(head, uint64(inner.length)))
	r.pieces = append(r.pieces, inner.pieces...)
	r.length += inner.length
}

func (r *rope) join() []byte {
	all := make([]byte, 0, r.length)
	for _, piece := range r.pieces {
		all = append(all, piece...)
	}
	return all
}
