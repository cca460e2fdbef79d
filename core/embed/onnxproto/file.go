package onnxproto

import (
	"fmt"
	"io"
)

// FileField is one field of a message that lies in a file.
type FileField struct {
	Number     int
	Wire       Wire
	Value      uint64 // Varint
	Start, End int64  // Bytes: where its content lies in the file
}

// Reader walks messages that lie in a file without reading what is skipped, so that the signature of a graph costs
// nothing of its weights.
type Reader struct {
	from   io.ReaderAt
	buffer [8192]byte
	offset int64 // of buffer[0] in the file
	filled int
}

// NewReader makes a Reader of a file.
func NewReader(from io.ReaderAt) *Reader { return &Reader{from: from} }

func (r *Reader) byteAt(position, end int64) (byte, error) {
	if position >= end {
		return 0, ErrTruncated
	}
	if position < r.offset || position >= r.offset+int64(r.filled) {
		n, err := r.from.ReadAt(r.buffer[:], position)
		if n == 0 {
			if err == io.EOF {
				err = ErrTruncated
			}
			r.filled = 0
			return 0, err
		}
		r.offset, r.filled = position, n
	}
	return r.buffer[position-r.offset], nil
}

// Varint reads a number and returns the position behind it.
func (r *Reader) Varint(position, end int64) (uint64, int64, error) {
	var value uint64
	for shift := 0; ; shift += 7 {
		b, err := r.byteAt(position, end)
		if err != nil {
			return 0, 0, err
		}
		position++
		if shift == 63 && b > 1 {
			return 0, 0, errLongNumber
		}
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value, position, nil
		}
	}
}

// Walk calls visit for each field of the message at [start, end) in the file.
func (r *Reader) Walk(start, end int64, visit func(FileField) error) error {
	for position := start; position < end; {
		key, next, err := r.Varint(position, end)
		if err != nil {
			return err
		}
		var f FileField
		f.Number, f.Wire = split(key)
		switch f.Wire {
		case Varint:
			f.Value, next, err = r.Varint(next, end)
		case Fixed64:
			next += 8
		case Fixed32:
			next += 4
		case Bytes:
			var length uint64
			length, next, err = r.Varint(next, end)
			if err == nil && length > uint64(end-next) {
				err = ErrTruncated
			}
			if err == nil {
				f.Start, f.End = next, next+int64(length)
				next = f.End
			}
		default:
			err = errWire(f.Wire)
		}
		if err != nil {
			return err
		}
		if next > end {
			return ErrTruncated
		}
		if err := visit(f); err != nil {
			return err
		}
		position = next
	}
	return nil
}

// Text reads a name: a string of at most 1,024 bytes.
func (r *Reader) Text(f FileField) (string, error) {
	const most = 1 << 10
	if f.Wire != Bytes || f.End-f.Start > most {
		return "", fmt.Errorf("a name that is no text of at most %d bytes", most)
	}
	name := make([]byte, f.End-f.Start)
	if len(name) == 0 {
		return "", nil
	}
	if n, err := r.from.ReadAt(name, f.Start); n < len(name) {
		return "", err
	}
	return string(name), nil
}
