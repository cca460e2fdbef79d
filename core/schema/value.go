package schema

import "math"

// Value is one stored or returned value of a field. The zero Value is an absent one. There is one a field and row in
// memory, so numbers share a word and lists, which are rare, stand behind a pointer.
type Value struct {
	Present bool
	Text    string // ID, String; of a Blob that lies elsewhere, where
	Blob    []byte // Blob: the encoded bytes of the picture; shared with the store, never to be written to
	word    uint64 // Integer, Timestamp: the number; Float: its bits; Boolean: 0 or 1
	lists   *lists // StringList, FloatList
}

type lists struct {
	texts  []string
	floats []float64
}

// TextValue returns a present value of an ID or String field.
func TextValue(text string) Value { return Value{Present: true, Text: text} }

// BlobValue returns a present value of a Blob field. The bytes are kept, not copied.
func BlobValue(encoded []byte) Value { return Value{Present: true, Blob: encoded} }

// ReferencedBlob returns a present value of a Blob field that lies elsewhere: the reference says where. The bytes are there while
// somebody has fetched them; nil otherwise.
func ReferencedBlob(encoded []byte, reference string) Value {
	return Value{Present: true, Blob: encoded, Text: reference}
}

// IntegerValue returns a present value of an Integer or Timestamp field.
func IntegerValue(n int64) Value { return Value{Present: true, word: uint64(n)} }

// FloatValue returns a present value of a Float field.
func FloatValue(x float64) Value { return Value{Present: true, word: math.Float64bits(x)} }

// BooleanValue returns a present value of a Boolean field.
func BooleanValue(truth bool) Value {
	value := Value{Present: true}
	if truth {
		value.word = 1
	}
	return value
}

// TextListValue returns a present value of a StringList field. The list is kept, not copied.
func TextListValue(texts []string) Value { return Value{Present: true, lists: &lists{texts: texts}} }

// FloatListValue returns a present value of a FloatList field. The list is kept, not copied.
func FloatListValue(floats []float64) Value {
	return Value{Present: true, lists: &lists{floats: floats}}
}

// Integer returns the value of an Integer or Timestamp field, 0 where it is absent.
func (v Value) Integer() int64 { return int64(v.word) }

// Float returns the value of a Float field, 0 where it is absent.
func (v Value) Float() float64 { return math.Float64frombits(v.word) }

// Boolean returns the value of a Boolean field, false where it is absent.
func (v Value) Boolean() bool { return v.word != 0 }

// Texts returns the value of a StringList field, which must not be written to; nil where it is absent.
func (v Value) Texts() []string {
	if v.lists == nil {
		return nil
	}
	return v.lists.texts
}

// Floats returns the value of a FloatList field, which must not be written to; nil where it is absent.
func (v Value) Floats() []float64 {
	if v.lists == nil {
		return nil
	}
	return v.lists.floats
}

// Number returns a value of a field of the type as a number; false where it is absent or the type has none. Whole
// numbers beyond 2^53 lose their last digits.
func (v Value) Number(t Type) (float64, bool) {
	switch {
	case !v.Present:
	case t == Integer, t == Timestamp:
		return float64(v.Integer()), true
	case t == Float:
		return v.Float(), true
	}
	return 0, false
}

// NotFinite returns a number in a value of a field of the type that is NaN or infinite, and whether there is one.
func (v Value) NotFinite(t Type) (float64, bool) {
	floats := v.Floats()
	if t == Float && v.Present {
		floats = []float64{v.Float()}
	}
	for _, x := range floats {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return x, true
		}
	}
	return 0, false
}
