package tabular

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/blob"
)

// isImageCell says whether a type is an image cell. Children are found by name in any order; kind and data must be
// there, further ones are ignored.
func isImageCell(t arrow.DataType) bool {
	cell, ok := t.(*arrow.StructType)
	if !ok {
		return false
	}
	integer := func(t arrow.DataType) bool { return arrow.IsInteger(t.ID()) }
	for _, child := range [...]struct {
		name     string
		accepts  func(arrow.DataType) bool
		required bool
	}{
		{"kind", integer, true},
		{"data", func(t arrow.DataType) bool { return isBinary(t) || isText(t) }, true},
		{"mode", isText, false}, {"width", integer, false}, {"height", integer, false},
	} {
		fields, found := cell.FieldsByName(child.name)
		switch {
		case !found && child.required, len(fields) > 1:
			return false
		case found && fields[0].Type.ID() != arrow.NULL && !child.accepts(fields[0].Type):
			return false
		}
	}
	return true
}

// imageCells reads struct<kind, data, mode, width, height>. A null struct and null data are an absent image.
func imageCells(arr *array.Struct) (cells, error) {
	children := map[string]arrow.Array{}
	for i, field := range arr.DataType().(*arrow.StructType).Fields() {
		children[field.Name] = arr.Field(i)
	}
	kind, err := optionalIntegers(children["kind"])
	if err != nil {
		return nil, err
	}
	width, err := optionalIntegers(children["width"])
	if err != nil {
		return nil, err
	}
	height, err := optionalIntegers(children["height"])
	if err != nil {
		return nil, err
	}
	data, mode := optionalBytes(children["data"]), optionalBytes(children["mode"])
	return func(i int) (cell, error) {
		number, hasKind := kind(i)
		bytes, hasData, err := data(i)
		if err != nil || !hasData {
			return cell{}, err
		}
		if !hasKind {
			return cell{}, badValue{"the image cell has data but no kind"}
		}
		value := blob.Value{Kind: blob.Kind(number)}
		switch {
		case number < int64(blob.Text) || number > int64(blob.Raw):
			return cell{}, badValue{fmt.Sprintf("the image cell has the kind %d; the kinds are 0 (text), 1 (path), 2 (encoded bytes) and 3 (raw pixels)", number)}
		case value.Kind == blob.Text:
			if err := checkUTF8(bytes); err != nil {
				return cell{}, err
			}
		case value.Kind == blob.Raw:
			if err := readRaw(&value, i, mode, width, height); err != nil {
				return cell{}, err
			}
		}
		value.Data = clone(bytes)
		return cell{present: true, image: value}, nil
	}, nil
}

func readRaw(value *blob.Value, i int, mode optionalByteCells, width, height func(int) (int64, bool)) error {
	name, hasMode, err := mode(i)
	if err != nil {
		return err
	}
	w, hasWidth := width(i)
	h, hasHeight := height(i)
	const most = math.MaxInt32
	switch {
	case !hasMode || !hasWidth || !hasHeight:
		return badValue{"the image cell holds raw pixels but lacks their mode, width or height"}
	case w < 0 || h < 0 || w > most || h > most:
		return badValue{fmt.Sprintf("the image cell holds raw pixels of the size %dx%d", w, h)}
	}
	if err := checkUTF8(name); err != nil {
		return err
	}
	value.Mode, value.Width, value.Height = string(name), int(w), int(h)
	return nil
}

type optionalByteCells func(i int) (bytes []byte, ok bool, err error)

// optionalBytes is newByteCells for a child that may be absent (nil), of the null type or null.
func optionalBytes(arr arrow.Array) optionalByteCells {
	if arr == nil || arr.DataType().ID() == arrow.NULL {
		return func(int) ([]byte, bool, error) { return nil, false, nil }
	}
	read := newByteCells(arr)
	return func(i int) ([]byte, bool, error) {
		if arr.IsNull(i) {
			return nil, false, nil
		}
		bytes, err := read(i)
		return bytes, err == nil, err
	}
}

// optionalIntegers is integers for a child that may be absent (nil), of the null type or null.
func optionalIntegers(arr arrow.Array) (func(i int) (int64, bool), error) {
	if arr == nil || arr.DataType().ID() == arrow.NULL {
		return func(int) (int64, bool) { return 0, false }, nil
	}
	values, err := integers(arr)
	if err != nil {
		return nil, err
	}
	return func(i int) (int64, bool) {
		if arr.IsNull(i) {
			return 0, false
		}
		return values(i)
	}, nil
}
