// Package record writes and reads the values of a row as bytes. It knows nothing of fields' types, nor of where pictures lie: it
// names them.
package record

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/packed"
	"github.com/innerspace/innerspace/core/schema"
)

// Blob names a picture that is kept beside the record.
type Blob struct {
	ID   int64
	Size int    // bytes
	Sum  uint32 // Sum of them; 0: unknown
}

// Value is the value of a field in a record: Blob, where it is set, stands for the bytes of Value.Blob.
type Value struct {
	schema.Value
	Blob *Blob
}

// Formats are the first byte of a record. Behind it stand, save in the earliest, the sum of all that follows, and that of the history of the row.
const (
	formatWithoutSums = 1
	format            = 2

	sumSize = 4
)

// Sum is the checksum of bytes, CRC-32C.
func Sum(bytes []byte) uint32 { return crc32.Checksum(bytes, castagnoli) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// What a value has, as bits of its first byte.
const (
	present = 1 << iota
	hasText
	hasWord
	hasBlob
	hasTexts
	hasFloats
	hasSum // of a blob
	known  = 1<<iota - 1
)

// Append adds the record of values to a slice. The bytes of pictures are not in it, nor those of the history of the row, which it has the sum of.
func Append(into []byte, values []Value, history []byte) []byte {
	into = append(into, format, 0, 0, 0, 0)
	from := len(into)
	into = binary.LittleEndian.AppendUint32(into, Sum(history))
	into = appendValues(into, values)
	binary.LittleEndian.PutUint32(into[from-sumSize:], Sum(into[from:]))
	return into
}

func appendValues(into []byte, values []Value) []byte {
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
	set(hasSum, v.Blob != nil && v.Blob.Sum != 0)
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
	if flags&hasSum != 0 {
		into = binary.LittleEndian.AppendUint32(into, v.Blob.Sum)
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

// Count is how many values a record has.
func Count(data []byte) (int, error) {
	_, count, err := begin(data, math.MaxInt)
	return count, err
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

// CheckHistory compares the history of a row with what its record says of it.
func CheckHistory(data, history []byte) error {
	const at = 1 + sumSize
	if len(data) >= at+sumSize && data[0] == format && binary.LittleEndian.Uint32(data[at:]) != Sum(history) {
		return errs.New(errs.InvalidInput, "a history of %d bytes does not have its checksum", len(history))
	}
	return nil
}

// begin reads what stands before the values, and how many there are.
func begin(data []byte, fields int) (*reader, int, error) {
	r := &reader{packed.NewReader(data)}
	switch version := r.Byte(); {
	case r.Bad() || version != format && version != formatWithoutSums:
		return nil, 0, errs.New(errs.InvalidInput, "a record of format %d; this version reads up to %d", version, format)
	case version == format:
		sum := r.Sum()
		if r.Bad() || sum != Sum(data[1+sumSize:]) {
			return nil, 0, errs.New(errs.InvalidInput, "a record of %d bytes does not have its checksum", len(data))
		}
		r.Sum() // of the history
	}
	count := r.Count(1)
	if r.Bad() || count > fields {
		return nil, 0, errs.New(errs.InvalidInput, "a record has %d values; the table has %d fields", count, fields)
	}
	return r, count, nil
}

// reader reads the values of a record.
type reader struct{ packed.Reader }

// Sum reads a checksum.
func (r *reader) Sum() uint32 {
	bytes := r.Take(sumSize)
	if len(bytes) < sumSize {
		return 0
	}
	return binary.LittleEndian.Uint32(bytes)
}

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
	if flags&hasSum != 0 {
		if v.Blob == nil {
			r.Fail()
			return
		}
		v.Blob.Sum = r.Sum()
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
	if flags&hasSum != 0 {
		r.Take(sumSize)
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
