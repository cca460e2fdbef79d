package schema

// Value is one stored or returned value of a field. The zero Value is an absent one.
type Value struct {
	Present bool
	Text    string // ID, String
	Blob    []byte // Blob: the encoded bytes of the picture; shared with the store, never to be written to
}

// TextValue returns a present value of an ID or String field.
func TextValue(text string) Value { return Value{Present: true, Text: text} }

// BlobValue returns a present value of a Blob field. The bytes are kept, not copied.
func BlobValue(encoded []byte) Value { return Value{Present: true, Blob: encoded} }
