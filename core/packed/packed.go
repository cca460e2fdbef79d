// Package packed reads numbers, texts and runs of bytes that were packed one after the other, out of bytes that may be anything.
// It knows nothing of what they mean.
package packed

import "encoding/binary"

// Reader reads from the front of bytes. Once they do not fit what is asked of them it is bad, and everything reads as nothing from
// then on, so that a caller need look only at the end.
type Reader struct {
	rest []byte
	bad  bool
}

// NewReader reads data, which it never writes to.
func NewReader(data []byte) Reader { return Reader{rest: data} }

// Bad says whether the bytes did not fit.
func (r *Reader) Bad() bool { return r.bad }

// Fail makes the reader bad: the caller knows that what was read cannot be.
func (r *Reader) Fail() { r.bad = true }

// Ended says whether everything was read, and fit.
func (r *Reader) Ended() bool { return !r.bad && len(r.rest) == 0 }

// Take returns the next n bytes, not copied; nil where there are fewer.
func (r *Reader) Take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// Byte returns the next byte.
func (r *Reader) Byte() byte {
	if taken := r.Take(1); taken != nil {
		return taken[0]
	}
	return 0
}

// Word returns the next 8 bytes as a little-endian number.
func (r *Reader) Word() uint64 {
	if taken := r.Take(8); taken != nil {
		return binary.LittleEndian.Uint64(taken)
	}
	return 0
}

// Unsigned returns the next varint, which is bad above most.
func (r *Reader) Unsigned(most uint64) uint64 {
	n, length := binary.Uvarint(r.rest)
	if r.bad || length <= 0 || n > most {
		r.bad = true
		return 0
	}
	r.rest = r.rest[length:]
	return n
}

// Signed returns the next varint with a sign.
func (r *Reader) Signed() int64 {
	n, length := binary.Varint(r.rest)
	if r.bad || length <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[length:]
	return n
}

// Count returns the next varint, which says how many items follow; it is bad where not as many of at least so many bytes fit into
// what was left, the varint with it. So what a caller makes room for is bounded by the bytes that are there.
func (r *Reader) Count(each int) int { return int(r.Unsigned(uint64(len(r.rest) / each))) }

// Text returns a text that AppendText wrote.
func (r *Reader) Text() string { return string(r.Take(r.Count(1))) }

// AppendText adds a text behind its length.
func AppendText(into []byte, text string) []byte {
	return append(binary.AppendUvarint(into, uint64(len(text))), text...)
}
