package onnxproto

import "encoding/binary"

// Field is one field of a message in memory; its slices point into the message.
type Field struct {
	Number int
	Wire   Wire
	Value  uint64 // Varint, Fixed32, Fixed64
	Bytes  []byte // Bytes: its content
	Whole  []byte // with key and length, as it stands
}

// Walk calls visit for each field of a message.
func Walk(message []byte, visit func(Field) error) error {
	for len(message) > 0 {
		key, rest, err := number(message)
		if err != nil {
			return err
		}
		var f Field
		f.Number, f.Wire = split(key)
		switch f.Wire {
		case Varint:
			if f.Value, rest, err = number(rest); err != nil {
				return err
			}
		case Fixed64:
			if len(rest) < 8 {
				return ErrTruncated
			}
			f.Value, rest = binary.LittleEndian.Uint64(rest), rest[8:]
		case Fixed32:
			if len(rest) < 4 {
				return ErrTruncated
			}
			f.Value, rest = uint64(binary.LittleEndian.Uint32(rest)), rest[4:]
		case Bytes:
			var length uint64
			if length, rest, err = number(rest); err != nil {
				return err
			}
			if length > uint64(len(rest)) {
				return ErrTruncated
			}
			f.Bytes, rest = rest[:length], rest[length:]
		default:
			return errWire(f.Wire)
		}
		f.Whole = message[:len(message)-len(rest)]
		message = rest
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// number reads a Varint and returns what follows it.
func number(from []byte) (uint64, []byte, error) {
	value, n := binary.Uvarint(from)
	switch {
	case n == 0:
		return 0, nil, ErrTruncated
	case n < 0:
		return 0, nil, errLongNumber
	}
	return value, from[n:], nil
}

// Integers appends the numbers of a repeated integer field, packed or not.
func (f Field) Integers(to []int64) ([]int64, error) {
	if f.Wire == Varint {
		return append(to, int64(f.Value)), nil
	}
	for rest := f.Bytes; len(rest) > 0; {
		var value uint64
		var err error
		if value, rest, err = number(rest); err != nil {
			return nil, err
		}
		to = append(to, int64(value))
	}
	return to, nil
}
