package tabular

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// cell is one value of a column: absent, or that of the field's type.
type cell struct {
	present bool
	text    string     // ID, String
	image   blob.Value // Blob
	integer int64      // Integer, Timestamp
	float   float64    // Float
	truth   bool       // Boolean
	texts   []string   // StringList
	floats  []float64  // FloatList
}

func (c cell) size() int {
	size := 8 + len(c.text) + len(c.image.Data) + 8*len(c.floats)
	for _, text := range c.texts {
		size += 16 + len(text)
	}
	return size
}

// badValue is a value that cannot be used, where the array around it is sound. It ends the row, not the stream.
type badValue struct{ reason string }

func (b badValue) Error() string { return b.reason }

// cells gives cell i of an array, copied out of it. Its error is a badValue or a malformed array.
type cells func(i int) (cell, error)

// accepted names the types of each kind of field, for messages.
var accepted = map[schema.Type]string{
	schema.ID:     "utf8, large_utf8 or utf8_view (dictionary-encoded too), integers, floats or booleans",
	schema.String: "utf8, large_utf8 or utf8_view (dictionary-encoded too)",
	schema.Blob: "binary, large_binary, binary_view or fixed_size_binary (encoded images), utf8, large_utf8 or utf8_view " +
		"(paths, URLs, base64) or struct<kind: uint8, data: large_binary, mode: utf8, width: int32, height: int32>",
	schema.Integer:    "integers, floats that are whole or booleans",
	schema.Timestamp:  "integers (unix seconds), floats that are whole or timestamps",
	schema.Float:      "floats, integers or booleans",
	schema.Boolean:    "booleans",
	schema.StringList: "list, large_list or fixed_size_list of utf8, large_utf8 or utf8_view, or these themselves",
	schema.FloatList:  "list, large_list or fixed_size_list of floats or integers",
}

// checkType says why a column cannot be of a field, nil where it can.
func checkType(column string, t arrow.DataType, field schema.Type) error {
	field = field.Form()
	if t = storageType(t); accepts(t, field) {
		return nil
	}
	hint := ""
	if t.ID() == arrow.STRUCT && field == schema.Blob {
		hint = " (of this struct a child is missing or of another type)"
	}
	return errs.New(errs.InvalidInput, "the column %q has the type %s%s; a field of type %s takes %s",
		column, shortType(t), hint, field, accepted[field])
}

// shortType keeps the message of a wide struct short.
func shortType(t arrow.DataType) string {
	const most = 120
	name := t.String()
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

func accepts(t arrow.DataType, field schema.Type) bool {
	switch t.ID() {
	case arrow.NULL:
		return true
	case arrow.DICTIONARY:
		values := storageType(t.(*arrow.DictionaryType).ValueType)
		return (isText(values) || isBinary(values) || isNumber(values)) && accepts(values, field)
	}
	switch field {
	case schema.ID:
		return isText(t) || isNumber(t)
	case schema.String:
		return isText(t)
	case schema.Blob:
		return isText(t) || isBinary(t) || isImageCell(t)
	case schema.Integer, schema.Float:
		return isNumber(t)
	case schema.Timestamp:
		return isNumber(t) || t.ID() == arrow.TIMESTAMP
	case schema.Boolean:
		return t.ID() == arrow.BOOL
	case schema.StringList:
		return isText(t) || isListOf(t, schema.String)
	case schema.FloatList:
		return isListOf(t, schema.Float)
	}
	return false
}

// newCells reads an array whose type checkType has accepted.
func newCells(arr arrow.Array, field schema.Type) (cells, error) {
	arr = storageOf(arr)
	if arr == nil || !accepts(arr.DataType(), field) {
		return nil, malformed("a record has another type than its stream")
	}
	var read cells
	var err error
	switch t := arr.DataType(); {
	case t.ID() == arrow.NULL:
		return func(int) (cell, error) { return cell{}, nil }, nil
	case t.ID() == arrow.DICTIONARY:
		read, err = dictionaryCells(arr.(*array.Dictionary), field)
	case t.ID() == arrow.STRUCT:
		read, err = imageCells(arr.(*array.Struct))
	case isText(t):
		read = textCells(newByteCells(arr), field)
	case isBinary(t):
		read = encodedCells(newByteCells(arr))
	case field == schema.ID:
		read, err = numberCells(arr)
	case field == schema.StringList, field == schema.FloatList:
		read, err = listCells(arr, field)
	default:
		read, err = valueCells(arr, field)
	}
	if err != nil {
		return nil, err
	}
	return func(i int) (cell, error) {
		if arr.IsNull(i) {
			return cell{}, nil
		}
		return read(i)
	}, nil
}

func textCells(read byteCells, field schema.Type) cells {
	return func(i int) (cell, error) {
		text, err := read(i)
		if err != nil {
			return cell{}, err
		}
		if err := checkUTF8(text); err != nil {
			return cell{}, err
		}
		switch field {
		case schema.Blob:
			return cell{present: true, image: blob.Value{Kind: blob.Text, Data: clone(text)}}, nil
		case schema.StringList:
			return cell{present: true, texts: []string{string(text)}}, nil
		}
		return cell{present: true, text: string(text)}, nil
	}
}

func checkUTF8(text []byte) error {
	if utf8.Valid(text) {
		return nil
	}
	at := 0
	for rest := text; ; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size <= 1 {
			return badValue{fmt.Sprintf("the text is not valid UTF-8: byte 0x%02x at position %d", text[at], at)}
		}
		rest, at = rest[size:], at+size
	}
}

func encodedCells(read byteCells) cells {
	return func(i int) (cell, error) {
		data, err := read(i)
		if err != nil {
			return cell{}, err
		}
		return cell{present: true, image: blob.Value{Kind: blob.Encoded, Data: clone(data)}}, nil
	}
}

// clone copies, and gives an empty slice for no bytes: an empty image is there, if useless.
func clone(data []byte) []byte { return append(make([]byte, 0, len(data)), data...) }

// dictionaryCells copies each value of the dictionary once, however often it is used.
func dictionaryCells(arr *array.Dictionary, field schema.Type) (cells, error) {
	indices, err := integers(arr.Indices())
	if err != nil {
		return nil, err
	}
	dictionary := arr.Dictionary()
	read, err := newCells(dictionary, field)
	if err != nil {
		return nil, err
	}
	type outcome struct {
		cell cell
		err  error
	}
	known := map[int64]outcome{}
	return func(i int) (cell, error) {
		index, ok := indices(i)
		if !ok || index < 0 || index >= int64(dictionary.Len()) {
			return cell{}, malformed("row %d has the index %d in a dictionary of %d values", i, index, dictionary.Len())
		}
		found, ok := known[index]
		if !ok {
			found.cell, found.err = read(int(index))
			known[index] = found
		}
		return found.cell, found.err
	}, nil
}
