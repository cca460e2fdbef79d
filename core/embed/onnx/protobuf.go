package onnx

import (
	"errors"
	"fmt"
	"io"
)

// The few wire types of protocol buffers.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// field is one field of a protocol buffer message that lies in a file.
type field struct {
	number     int
	wire       int
	value      uint64 // wireVarint
	start, end int64  // wireBytes: where its content lies in the file
}

// wireReader walks protocol buffer messages without reading what is skipped, so
// that the signature of a graph costs nothing of its weights.
type wireReader struct {
	from   io.ReaderAt
	buffer [8192]byte
	offset int64 // of buffer[0] in the file
	filled int
}

var errTruncated = errors.New("the file ends in the middle of a field")

func (r *wireReader) byteAt(position, end int64) (byte, error) {
	if position >= end {
		return 0, errTruncated
	}
	if position < r.offset || position >= r.offset+int64(r.filled) {
		n, err := r.from.ReadAt(r.buffer[:], position)
		if n == 0 {
			if err == io.EOF {
				err = errTruncated
			}
			r.filled = 0
			return 0, err
		}
		r.offset, r.filled = position, n
	}
	return r.buffer[position-r.offset], nil
}

// varint reads a number and returns the position behind it.
func (r *wireReader) varint(position, end int64) (uint64, int64, error) {
	var value uint64
	for shift := 0; shift < 70; shift += 7 {
		b, err := r.byteAt(position, end)
		if err != nil {
			return 0, 0, err
		}
		position++
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value, position, nil
		}
	}
	return 0, 0, errors.New("a number of more than ten bytes")
}

// walk calls visit for each field of the message at [start, end).
func (r *wireReader) walk(start, end int64, visit func(field) error) error {
	for position := start; position < end; {
		key, next, err := r.varint(position, end)
		if err != nil {
			return err
		}
		f := field{number: int(key >> 3 & 0x1fffffff), wire: int(key & 7)}
		switch f.wire {
		case wireVarint:
			f.value, next, err = r.varint(next, end)
		case wireFixed64:
			next += 8
		case wireFixed32:
			next += 4
		case wireBytes:
			var length uint64
			length, next, err = r.varint(next, end)
			if err == nil && length > uint64(end-next) {
				err = errTruncated
			}
			if err == nil {
				f.start, f.end = next, next+int64(length)
				next = f.end
			}
		default:
			err = fmt.Errorf("wire type %d, which no ONNX file has", f.wire)
		}
		if err != nil {
			return err
		}
		if next > end {
			return errTruncated
		}
		if err := visit(f); err != nil {
			return err
		}
		position = next
	}
	return nil
}

// text reads a short string.
func (r *wireReader) text(f field) (string, error) {
	const most = 1 << 10
	if f.wire != wireBytes || f.end-f.start > most {
		return "", fmt.Errorf("a name that is no text of at most %d bytes", most)
	}
	name := make([]byte, f.end-f.start)
	if len(name) == 0 {
		return "", nil
	}
	if n, err := r.from.ReadAt(name, f.start); n < len(name) {
		return "", err
	}
	return string(name), nil
}
