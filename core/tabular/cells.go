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

// cell is one value of a column: absent, a text (ID, String) or an image (Blob).
type cell struct {
	present bool
	text    string
	image   blob.Value
}

func (c cell) size() int { return len(c.text) + len(c.image.Data) }

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
}

// checkType says why a column cannot be of a field, nil where it can.
func checkType(column string, t arrow.DataType, field schema.Type) error {
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
	switch {
	case t.ID() == arrow.NULL:
		return true
	case t.ID() == arrow.DICTIONARY:
		values := storageType(t.(*arrow.DictionaryType).ValueType)
		return values.ID() != arrow.DICTIONARY && values.ID() != arrow.STRUCT && accepts(values, field)
	case isText(t):
		return true
	case field == schema.ID:
		return isNumber(t)
	case field == schema.Blob:
		return isBinary(t) || isImageCell(t)
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
	default:
		read, err = numberCells(arr)
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
		if field == schema.Blob {
			return cell{present: true, image: blob.Value{Kind: blob.Text, Data: clone(text)}}, nil
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
