// Package record writes and reads the values of a row as bytes. It knows nothing of fields' types, nor of where pictures lie: it
// names them.
package record

import (
	"encoding/binary"
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/packed"
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
		into = packed.AppendText(into, v.Text)
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
			into = packed.AppendText(into, text)
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
	if !r.Ended() {
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
	if r.value(&value); r.Bad() {
		return schema.Value{}, damaged(data)
	}
	return value.Value, nil
}

// begin reads what stands before the values, and how many there are.
func begin(data []byte, fields int) (*reader, int, error) {
	r := &reader{packed.NewReader(data)}
	if version := r.Byte(); r.Bad() || version != format {
		return nil, 0, errs.New(errs.InvalidInput, "a record of format %d; this version reads %d", version, format)
	}
	count := r.Count(1)
	if r.Bad() || count > fields {
		return nil, 0, errs.New(errs.InvalidInput, "a record has %d values; the table has %d fields", count, fields)
	}
	return r, count, nil
}

// reader reads the values of a record.
type reader struct{ packed.Reader }

func (r *reader) value(v *Value) {
	flags := r.Byte()
	if flags == 0 {
		return
	}
	if flags&present == 0 || flags&^known != 0 {
		r.Fail()
		return
	}
	v.Present = true
	if flags&hasText != 0 {
		v.Text = r.Text()
	}
	if flags&hasWord != 0 {
		text := v.Text
		v.Value = schema.IntegerValue(int64(r.Word()))
		v.Text = text
	}
	if flags&hasBlob != 0 {
		v.Blob = &Blob{ID: int64(r.Unsigned(math.MaxInt64)), Size: int(r.Unsigned(math.MaxInt32))}
	}
	switch flags & (hasTexts | hasFloats) {
	case hasTexts:
		texts := make([]string, r.Count(1))
		for i := range texts {
			texts[i] = r.Text()
		}
		v.Value = schema.TextListValue(texts)
	case hasFloats:
		floats := make([]float64, r.Count(8))
		for i := range floats {
			floats[i] = math.Float64frombits(r.Word())
		}
		v.Value = schema.FloatListValue(floats)
	case hasTexts | hasFloats:
		r.Fail()
	}
}

// skip passes over a value.
func (r *reader) skip() {
	flags := r.Byte()
	if flags&hasText != 0 {
		r.Take(r.Count(1))
	}
	if flags&hasWord != 0 {
		r.Take(8)
	}
	if flags&hasBlob != 0 {
		r.Unsigned(math.MaxInt64)
		r.Unsigned(math.MaxInt32)
	}
	if flags&hasTexts != 0 {
		for range r.Count(1) {
			r.Take(r.Count(1))
		}
	}
	if flags&hasFloats != 0 {
		r.Take(8 * r.Count(8))
	}
}
