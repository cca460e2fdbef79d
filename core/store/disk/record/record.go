// Package record writes and reads the values of a row as bytes. It knows nothing of fields' types, nor of where pictures lie: it
// names them.
package record

import (
	"encoding/binary"
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Blob names a picture that is kept beside the record.
type Blob struct {
	ID   int64
	Size int // bytes
}

// Value is the value of a field in a record: Blob, where it is set, stands for the bytes of Value.Blob.
type Value struct {
	schema.Value
	Blob *Blob
}

// format is the first byte of a record.
const format = 1

// What a value has, as bits of its first byte.
const (
	present = 1 << iota
	hasText
	hasWord
	hasBlob
	hasTexts
	hasFloats
	known = 1<<iota - 1
)

// Append adds the record of values to a slice. The bytes of pictures are not in it.
func Append(into []byte, values []Value) []byte {
	into = append(into, format)
	into = binary.AppendUvarint(into, uint64(len(values)))
	for i := range values {
		into = appendValue(into, &values[i])
	}
	return into
}

func appendValue(into []byte, v *Value) []byte {
	if !v.Present {
		return append(into, 0)
	}
	texts, floats := v.Texts(), v.Floats()
	flags := byte(present)
	set := func(bit byte, has bool) {
		if has {
			flags |= bit
		}
	}
	set(hasText, v.Text != "")
	set(hasWord, v.Integer() != 0)
	set(hasBlob, v.Blob != nil)
	set(hasTexts, texts != nil)
	set(hasFloats, floats != nil)
	into = append(into, flags)
	if flags&hasText != 0 {
		into = appendText(into, v.Text)
	}
	if flags&hasWord != 0 {
		into = binary.LittleEndian.AppendUint64(into, uint64(v.Integer()))
	}
	if flags&hasBlob != 0 {
		into = binary.AppendUvarint(into, uint64(v.Blob.ID))
		into = binary.AppendUvarint(into, uint64(v.Blob.Size))
	}
	if flags&hasTexts != 0 {
		into = binary.AppendUvarint(into, uint64(len(texts)))
		for _, text := range texts {
			into = appendText(into, text)
		}
	}
	if flags&hasFloats != 0 {
		into = binary.AppendUvarint(into, uint64(len(floats)))
		for _, x := range floats {
			into = binary.LittleEndian.AppendUint64(into, math.Float64bits(x))
		}
	}
	return into
}

func appendText(into []byte, text string) []byte {
	return append(binary.AppendUvarint(into, uint64(len(text))), text...)
}

// Read reads a record of at most fields values; those that it has fewer are absent. Anything but a record is InvalidInput.
func Read(data []byte, fields int) ([]Value, error) {
	r, count, err := begin(data, fields)
	if err != nil {
		return nil, err
	}
	values := make([]Value, fields)
	for i := range count {
		r.value(&values[i])
	}
	if r.bad || len(r.rest) > 0 {
		return nil, damaged(data)
	}
	return values, nil
}

func damaged(data []byte) error {
	return errs.New(errs.InvalidInput, "a record of %d bytes is damaged", len(data))
}

// ReadField reads one value of a record, as Read does with all; what comes after it is not looked at.
func ReadField(data []byte, fields, field int) (schema.Value, error) {
	r, count, err := begin(data, fields)
	if err != nil || field >= count {
		return schema.Value{}, err
	}
	for range field {
		r.skip()
	}
	var value Value
	if r.value(&value); r.bad {
		return schema.Value{}, damaged(data)
	}
	return value.Value, nil
}

// begin reads what stands before the values, and how many there are.
func begin(data []byte, fields int) (*reader, int, error) {
	r := &reader{rest: data}
	if version := r.byte(); r.bad || version != format {
		return nil, 0, errs.New(errs.InvalidInput, "a record of format %d; this version reads %d", version, format)
	}
	count := r.count(1)
	if r.bad || count > fields {
		return nil, 0, errs.New(errs.InvalidInput, "a record has %d values; the table has %d fields", count, fields)
	}
	return r, count, nil
}

// reader reads from bytes that may be anything; bad is set once they do not fit.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if taken := r.take(1); taken != nil {
		return taken[0]
	}
	return 0
}

func (r *reader) word() uint64 {
	if taken := r.take(8); taken != nil {
		return binary.LittleEndian.Uint64(taken)
	}
	return 0
}

// number reads a number up to a largest one.
func (r *reader) number(most uint64) uint64 {
	n, length := binary.Uvarint(r.rest)
	if r.bad || length <= 0 || n > most {
		r.bad = true
		return 0
	}
	r.rest = r.rest[length:]
	return n
}

// count reads how many items follow, each of at least so many bytes.
func (r *reader) count(each int) int { return int(r.number(uint64(len(r.rest) / each))) }

func (r *reader) text() string { return string(r.take(r.count(1))) }

func (r *reader) value(v *Value) {
	flags := r.byte()
	if flags == 0 {
		return
	}
	if flags&present == 0 || flags&^known != 0 {
		r.bad = true
		return
	}
	v.Present = true
	if flags&hasText != 0 {
		v.Text = r.text()
	}
	if flags&hasWord != 0 {
		text := v.Text
		v.Value = schema.IntegerValue(int64(r.word()))
		v.Text = text
	}
	if flags&hasBlob != 0 {
		v.Blob = &Blob{ID: int64(r.number(math.MaxInt64)), Size: int(r.number(math.MaxInt32))}
	}
	switch flags & (hasTexts | hasFloats) {
	case hasTexts:
		texts := make([]string, r.count(1))
		for i := range texts {
			texts[i] = r.text()
		}
		v.Value = schema.TextListValue(texts)
	case hasFloats:
		floats := make([]float64, r.count(8))
		for i := range floats {
			floats[i] = math.Float64frombits(r.word())
		}
		v.Value = schema.FloatListValue(floats)
	case hasTexts | hasFloats:
		r.bad = true
	}
}

// skip passes over a value.
func (r *reader) skip() {
	flags := r.byte()
	if flags&hasText != 0 {
		r.take(r.count(1))
	}
	if flags&hasWord != 0 {
		r.take(8)
	}
	if flags&hasBlob != 0 {
		r.number(math.MaxInt64)
		r.number(math.MaxInt32)
	}
	if flags&hasTexts != 0 {
		for range r.count(1) {
			r.take(r.count(1))
		}
	}
	if flags&hasFloats != 0 {
		r.take(8 * r.count(8))
	}
}
