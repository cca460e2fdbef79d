// Package blob turns what a user calls an image (bytes, a path, a URL, base64
// text, raw pixels) into content in memory. It owns every cap on bytes and
// every network rule. It does not decode pictures and knows nothing of rows.
package blob

// Kind says how a Value was given. The numbers cross the C ABI in the "kind"
// child of an image cell (core/tabular).
type Kind uint8

const (
	// Text is a string whose meaning is still to be decided, in this order: data: URI,
	// URL scheme (file, http, https), an existing file, base64 of something that is an image.
	Text Kind = 0
	// Path is a file system path and nothing else (a pathlib.Path in Python).
	Path Kind = 1
	// Encoded is the bytes of an image file.
	Encoded Kind = 2
	// Raw is decoded pixels, as Pillow's tobytes() gives them for Mode.
	Raw Kind = 3
)

// Value is an image as the user gave it.
type Value struct {
	Kind          Kind
	Data          []byte // the text, the path, the encoded bytes or the pixels
	Mode          string // Raw only: a Pillow mode, "RGB"; "P" is sent converted by Python
	Width, Height int    // Raw only
}

// Content is an image in memory: either Encoded is set or Pixels is.
type Content struct {
	Encoded []byte
	Pixels  *Pixels
	Origin  string // what to call it in messages: a path, a URL, "bytes", "RGB pixels"
	// Location is where it can be had again: an absolute path, or a URL (http, https) as it was given; "" where there is no such place.
	Location string
}

// Pixels is a decoded picture that never had an encoded form.
type Pixels struct {
	Mode          string // a Pillow mode
	Width, Height int
	Data          []byte // Pillow's tobytes(): rows top down, no padding (mode 1: packed bits, rows padded to bytes)
}
