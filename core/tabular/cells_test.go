package tabular

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

var (
	textTypes   = []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView}
	binaryTypes = []arrow.DataType{arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeBinary, arrow.BinaryTypes.BinaryView}
	indexTypes  = []arrow.DataType{
		arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
		arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64,
	}
)

const someTexts = `["a", null, "", "a text that is longer than a view holds", "ünï"]`

func TestTextColumns(t *testing.T) {
	mem := checked(t)
	want := []string{"a", "", "", "a text that is longer than a view holds", "ünï"}
	null := []bool{false, true, false, false, false}
	for _, dataType := range textTypes {
		for _, field := range []schema.Type{schema.ID, schema.String} {
			t.Run(fmt.Sprint(dataType, " as ", field), func(t *testing.T) {
				column, bad, err := readColumn(t, arrayOf(t, mem, dataType, someTexts), field)
				require.NoError(t, err)
				assert.Empty(t, bad)
				assert.Equal(t, schema.Column{Name: "x", Null: null, Texts: want}, column)
			})
		}
		t.Run(fmt.Sprint(dataType, " as blob"), func(t *testing.T) {
			column, _, err := readColumn(t, arrayOf(t, mem, dataType, someTexts), schema.Blob)
			require.NoError(t, err)
			assert.Equal(t, null, column.Null)
			assert.Equal(t, blob.Value{Kind: blob.Text, Data: []byte(want[3])}, column.Blobs[3])
			assert.Equal(t, blob.Value{Kind: blob.Text, Data: []byte{}}, column.Blobs[2])
		})
	}
}

func TestBinaryColumns(t *testing.T) {
	mem := checked(t)
	const values = `["AAEC", null, "", "AAECAwQFBgcICQoLDA0ODw=="]`
	for _, dataType := range binaryTypes {
		t.Run(dataType.String(), func(t *testing.T) {
			column, bad, err := readColumn(t, arrayOf(t, mem, dataType, values), schema.Blob)
			require.NoError(t, err)
			assert.Empty(t, bad)
			assert.Equal(t, []bool{false, true, false, false}, column.Null)
			assert.Equal(t, []blob.Value{
				{Kind: blob.Encoded, Data: []byte{0, 1, 2}}, {}, {Kind: blob.Encoded, Data: []byte{}},
				{Kind: blob.Encoded, Data: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
			}, column.Blobs)
		})
	}
	fixed := arrayOf(t, mem, &arrow.FixedSizeBinaryType{ByteWidth: 3}, `["AAEC", null, "AwQF"]`)
	column, _, err := readColumn(t, fixed, schema.Blob)
	require.NoError(t, err)
	assert.Equal(t, []byte{3, 4, 5}, column.Blobs[2].Data)
}

func TestDictionaryColumns(t *testing.T) {
	mem := checked(t)
	for _, index := range indexTypes {
		for _, value := range textTypes[:2] {
			arr := dictionaryOf(t, mem, index, value, `[1, 0, null, 1, 2]`, `["zero", "one", null]`)
			column, _, err := readColumn(t, arr, schema.String)
			require.NoError(t, err)
			assert.Equal(t, []string{"one", "zero", "", "one", ""}, column.Texts)
			assert.Equal(t, []bool{false, false, true, false, true}, column.Null)
		}
	}
	arr := dictionaryOf(t, mem, indexTypes[0], arrow.BinaryTypes.Binary, `[0, 0, 0]`, `["AAEC"]`)
	column, _, err := readColumn(t, arr, schema.Blob)
	require.NoError(t, err)
	assert.Same(t, &column.Blobs[0].Data[0], &column.Blobs[2].Data[0], "a value is copied once")

	arr = dictionaryOf(t, mem, indexTypes[0], arrow.PrimitiveTypes.Float64, `[0]`, `[7.5]`)
	column, _, err = readColumn(t, arr, schema.ID)
	require.NoError(t, err)
	assert.Equal(t, []string{"7.5"}, column.Texts)
}

func TestNumbersAsIDs(t *testing.T) {
	mem := checked(t)
	for _, test := range []struct {
		dataType arrow.DataType
		values   string
		want     []string
	}{
		{arrow.PrimitiveTypes.Int8, `[-128, 127, null]`, []string{"-128", "127", ""}},
		{arrow.PrimitiveTypes.Int16, `[7]`, []string{"7"}},
		{arrow.PrimitiveTypes.Int32, `[-7]`, []string{"-7"}},
		{arrow.PrimitiveTypes.Int64, `["9223372036854775807", "-9223372036854775808"]`, []string{"9223372036854775807", "-9223372036854775808"}},
		{arrow.PrimitiveTypes.Uint8, `[255]`, []string{"255"}},
		{arrow.PrimitiveTypes.Uint16, `[65535]`, []string{"65535"}},
		{arrow.PrimitiveTypes.Uint32, `[4294967295]`, []string{"4294967295"}},
		{arrow.PrimitiveTypes.Uint64, `["18446744073709551615"]`, []string{"18446744073709551615"}},
		{arrow.PrimitiveTypes.Float64, `[7.5, 1, null, 1e16, 0.1]`, []string{"7.5", "1.0", "", "1e+16", "0.1"}},
		{arrow.PrimitiveTypes.Float32, `[7.1, 1]`, []string{"7.1", "1.0"}},
		{arrow.FixedWidthTypes.Float16, `[7.5, 2]`, []string{"7.5", "2.0"}},
		{arrow.FixedWidthTypes.Boolean, `[true, false, null]`, []string{"True", "False", ""}},
	} {
		t.Run(test.dataType.String(), func(t *testing.T) {
			column, bad, err := readColumn(t, arrayOf(t, mem, test.dataType, test.values), schema.ID)
			require.NoError(t, err)
			assert.Empty(t, bad)
			assert.Equal(t, test.want, column.Texts)
		})
	}
	column, bad, err := readColumn(t, arrayOf(t, mem, arrow.PrimitiveTypes.Float64, `[1.5, "NaN", "+Inf", "-Inf"]`), schema.ID)
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true, true, true}, column.Null)
	require.Len(t, bad, 3)
	for i, name := range []string{"nan is", " inf is", "-inf is"} {
		assert.Equal(t, i+1, bad[i].Row)
		assert.Equal(t, errs.InvalidInput, bad[i].Status)
		assert.Contains(t, bad[i].Reason, "The mandatory id field has missing or has invalid type values in the input object.")
		assert.Contains(t, bad[i].Reason, name)
	}
}

func TestNullColumns(t *testing.T) {
	arr := array.NewNull(3)
	defer arr.Release()
	for _, field := range []schema.Type{schema.ID, schema.String, schema.Blob} {
		column, bad, err := readColumn(t, arr, field)
		require.NoError(t, err)
		assert.Empty(t, bad)
		assert.Equal(t, []bool{true, true, true}, column.Null)
	}
}

// wrapped is an extension type over any storage.
type wrapped struct{ arrow.ExtensionBase }

type wrappedArray struct{ array.ExtensionArrayBase }

func (*wrapped) ArrayType() reflect.Type                  { return reflect.TypeFor[wrappedArray]() }
func (*wrapped) ExtensionName() string                    { return "test.wrapped" }
func (*wrapped) Serialize() string                        { return "" }
func (*wrapped) ExtensionEquals(arrow.ExtensionType) bool { return true }
func (*wrapped) Deserialize(arrow.DataType, string) (arrow.ExtensionType, error) {
	return &wrapped{}, nil
}

func TestExtensionTypesFallToTheirStorage(t *testing.T) {
	mem := checked(t)
	extension := &wrapped{arrow.ExtensionBase{Storage: arrow.BinaryTypes.String}}
	arr := array.NewExtensionArrayWithStorage(extension, arrayOf(t, mem, arrow.BinaryTypes.String, `["a", null]`))
	defer arr.Release()
	column, _, err := readColumn(t, arr, schema.String)
	require.NoError(t, err)
	assert.Equal(t, schema.Column{Name: "x", Null: []bool{false, true}, Texts: []string{"a", ""}}, column)
}

func TestImageCells(t *testing.T) {
	mem := checked(t)
	arr := arrayOf(t, mem, imageCellType, `[
		{"kind": 0, "data": "L3RtcC94LnBuZw=="},
		null,
		{"kind": 1, "data": "/w=="},
		{"kind": 2, "data": "AAEC", "mode": "ignored"},
		{"kind": 3, "data": "AAEC", "mode": "RGB", "width": 1, "height": 1},
		{"kind": 2, "data": null},
		{"kind": null, "data": "AAEC"},
		{"kind": 4, "data": "AAEC"},
		{"kind": 0, "data": "/w=="},
		{"kind": 3, "data": "AAEC", "mode": "RGB", "width": 1},
		{"kind": 3, "data": "AAEC", "mode": "RGB", "width": -1, "height": 1}]`)
	column, bad, err := readColumn(t, arr, schema.Blob)
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true, false, false, false, true, true, true, true, true, true}, column.Null)
	assert.Equal(t, []blob.Value{
		{Kind: blob.Text, Data: []byte("/tmp/x.png")}, {}, {Kind: blob.Path, Data: []byte{0xff}}, {Kind: blob.Encoded, Data: []byte{0, 1, 2}},
		{Kind: blob.Raw, Data: []byte{0, 1, 2}, Mode: "RGB", Width: 1, Height: 1},
	}, column.Blobs[:5])
	require.Len(t, bad, 5)
	for i, says := range []string{"no kind", "kind 4", "UTF-8", "lacks", "-1x1"} {
		assert.Equal(t, i+6, bad[i].Row)
		assert.Contains(t, bad[i].Reason, says)
	}
}

func TestImageCellChildren(t *testing.T) {
	mem := checked(t)
	field := func(name string, dataType arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: dataType, Nullable: true}
	}
	kind, data := field("kind", arrow.PrimitiveTypes.Int64), field("data", arrow.BinaryTypes.Binary)
	for name, cell := range map[string]*arrow.StructType{
		"only what is needed": arrow.StructOf(kind, data),
		"another order":       arrow.StructOf(field("height", arrow.PrimitiveTypes.Int16), data, field("more", arrow.BinaryTypes.String), kind),
		"null children":       arrow.StructOf(kind, data, field("mode", arrow.Null), field("width", arrow.Null)),
	} {
		t.Run(name, func(t *testing.T) {
			column, bad, err := readColumn(t, arrayOf(t, mem, cell, `[{"kind": 2, "data": "AAEC"}]`), schema.Blob)
			require.NoError(t, err)
			assert.Empty(t, bad)
			assert.Equal(t, []blob.Value{{Kind: blob.Encoded, Data: []byte{0, 1, 2}}}, column.Blobs)
		})
	}
	for name, cell := range map[string]*arrow.StructType{
		"no kind":      arrow.StructOf(data),
		"no data":      arrow.StructOf(kind),
		"text kind":    arrow.StructOf(field("kind", arrow.BinaryTypes.String), data),
		"number data":  arrow.StructOf(kind, field("data", arrow.PrimitiveTypes.Int8)),
		"kind twice":   arrow.StructOf(kind, data, kind),
		"float width":  arrow.StructOf(kind, data, field("width", arrow.PrimitiveTypes.Float64)),
		"no children":  arrow.StructOf(),
		"other struct": arrow.StructOf(field("bytes", arrow.BinaryTypes.Binary), field("path", arrow.BinaryTypes.String)),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Contains(t, requireStatus(t, errs.InvalidInput, checkType("image", cell, schema.Blob)), "a child is missing")
		})
	}
}

func TestSlicedArrays(t *testing.T) {
	mem := checked(t)
	for _, dataType := range append(append([]arrow.DataType{}, textTypes...), binaryTypes...) {
		arr := arrayOf(t, mem, dataType, `["AAAA", null, "BBBB", "CCCCCCCCCCCCCCCCCCCC", "DDDD"]`)
		whole, _, err := readColumn(t, arr, schema.Blob)
		require.NoError(t, err)
		slice := array.NewSlice(arr, 1, 4)
		part, _, err := readColumn(t, slice, schema.Blob)
		slice.Release()
		require.NoError(t, err)
		assert.Equal(t, whole.Blobs[1:4], part.Blobs, dataType)
		assert.Equal(t, []bool{true, false, false}, part.Null)
	}
	for name, arr := range map[string]arrow.Array{
		"dictionary": dictionaryOf(t, mem, indexTypes[0], arrow.BinaryTypes.String, `[0, null, 1, 1, 0]`, `["b", "a"]`),
		"floats":     arrayOf(t, mem, arrow.PrimitiveTypes.Float64, `[1, null, 2, 2, 4]`),
		"booleans":   arrayOf(t, mem, arrow.FixedWidthTypes.Boolean, `[true, null, false, false, true]`),
	} {
		slice := array.NewSlice(arr, 1, 4)
		part, _, err := readColumn(t, slice, schema.ID)
		slice.Release()
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false, false}, part.Null, name)
		assert.Equal(t, part.Texts[1], part.Texts[2], name)
		assert.Contains(t, "a 2.0 False", part.Texts[1], name)
	}
	cellArray := arrayOf(t, mem, imageCellType, `[{"kind": 2, "data": "AAAA"}, null, {"kind": 1, "data": "QUJD"}]`)
	slice := array.NewSlice(cellArray, 1, 3)
	defer slice.Release()
	part, _, err := readColumn(t, slice, schema.Blob)
	require.NoError(t, err)
	assert.Equal(t, []blob.Value{{}, {Kind: blob.Path, Data: []byte("ABC")}}, part.Blobs)
}

func TestInvalidUTF8IsABadValue(t *testing.T) {
	mem := checked(t)
	// Arrow does not check what is in a string array; binary data is the way to get it in here.
	for i, dataType := range binaryTypes {
		data := arrayOf(t, mem, dataType, `["YWL/Yw==", "YWJj"]`).Data().(*array.Data)
		text := array.NewData(textTypes[i], data.Len(), data.Buffers(), nil, data.NullN(), data.Offset())
		arr := array.MakeFromData(text)
		text.Release()
		for _, field := range []schema.Type{schema.ID, schema.String, schema.Blob} {
			column, bad, err := readColumn(t, arr, field)
			require.NoError(t, err)
			assert.Equal(t, []bool{true, false}, column.Null)
			require.Len(t, bad, 1)
			assert.Equal(t, "x", bad[0].Field)
			assert.Contains(t, bad[0].Reason, "byte 0xff at position 2")
		}
		arr.Release()
	}
}

func TestTypesThatAFieldDoesNotTake(t *testing.T) {
	list := arrow.ListOf(arrow.PrimitiveTypes.Uint8)
	dictionary := func(value arrow.DataType) arrow.DataType {
		return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: value}
	}
	for field, dataTypes := range map[schema.Type][]arrow.DataType{
		schema.ID: {list, arrow.BinaryTypes.Binary, imageCellType, arrow.FixedWidthTypes.Date32, &arrow.Decimal128Type{Precision: 5},
			dictionary(arrow.BinaryTypes.Binary), dictionary(dictionary(arrow.BinaryTypes.String))},
		schema.String: {list, arrow.BinaryTypes.Binary, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Boolean,
			imageCellType, dictionary(arrow.PrimitiveTypes.Int8)},
		schema.Blob: {list, arrow.PrimitiveTypes.Int64, arrow.FixedWidthTypes.Boolean, dictionary(imageCellType), dictionary(arrow.PrimitiveTypes.Int8)},
	} {
		for _, dataType := range dataTypes {
			message := requireStatus(t, errs.InvalidInput, checkType("some column", dataType, field))
			assert.Contains(t, message, `"some column"`)
			assert.Contains(t, message, shortType(dataType))
			assert.Contains(t, message, accepted[field])
		}
	}
}
