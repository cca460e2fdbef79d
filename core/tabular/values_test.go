package tabular

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/schema"
)

func timestamps(unit arrow.TimeUnit) arrow.DataType { return &arrow.TimestampType{Unit: unit} }

func TestValueColumns(t *testing.T) {
	mem := checked(t)
	float64s, float32s := arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Float32
	null := []bool{false, true, false}
	integers := func(values ...int64) schema.Column { return schema.Column{Null: null, Integers: values} }
	floats := func(values ...float64) schema.Column { return schema.Column{Null: null, Floats: values} }
	texts := schema.Column{Null: null, TextLists: [][]string{{"a", "b"}, nil, {}}}
	numbers := schema.Column{Null: null, FloatLists: [][]float64{{1.5, 2}, nil, {}}}
	cases := []struct {
		arrow  arrow.DataType
		values string
		field  schema.Type
		want   schema.Column
	}{
		{float64s, `[3, null, -2]`, schema.Integer, integers(3, 0, -2)},
		{arrow.FixedWidthTypes.Boolean, `[true, null, false]`, schema.Integer, integers(1, 0, 0)},
		{float32s, `[1723303545, null, 0]`, schema.Timestamp, integers(1723303552, 0, 0)}, // as float32 holds it
		{timestamps(arrow.Second), `["1970-01-02", null, "1969-12-31"]`, schema.Timestamp, integers(86400, 0, -86400)},
		{timestamps(arrow.Millisecond), `["1970-01-01 00:00:01.999", null, "1969-12-31 23:59:59.999"]`, schema.Timestamp, integers(1, 0, -1)},
		{timestamps(arrow.Nanosecond), `["1970-01-01 00:00:01", null, "1970-01-01"]`, schema.Timestamp, integers(1, 0, 0)},
		{timestamps(arrow.Microsecond), `["1970-01-02", null, "1970-01-01"]`, schema.CreatedAt, integers(86400, 0, 0)},
		{arrow.PrimitiveTypes.Int32, `[7, null, -1]`, schema.Reference, schema.Column{Null: null, Texts: []string{"7", "", "-1"}}},
		{arrow.BinaryTypes.String, `["a", null, ""]`, schema.Reference, schema.Column{Null: null, Texts: []string{"a", "", ""}}},
		{float64s, `[1.5, null, -2]`, schema.Float, floats(1.5, 0, -2)},
		{float32s, `[1.5, null, -2]`, schema.Float, floats(1.5, 0, -2)},
		{arrow.PrimitiveTypes.Uint64, `[9223372036854775808, null, 7]`, schema.Float, floats(1<<63, 0, 7)},
		{arrow.FixedWidthTypes.Boolean, `[true, null, false]`, schema.Float, floats(1, 0, 0)},
		{arrow.FixedWidthTypes.Boolean, `[true, null, false]`, schema.Boolean, schema.Column{Null: null, Booleans: []bool{true, false, false}}},
		{arrow.BinaryTypes.LargeString, `["a", null, ""]`, schema.StringList, schema.Column{Null: null, TextLists: [][]string{{"a"}, nil, {""}}}},
		{arrow.ListOf(arrow.BinaryTypes.String), `[["a", "b"], null, []]`, schema.StringList, texts},
		{arrow.LargeListOf(arrow.BinaryTypes.LargeString), `[["a", "b"], null, []]`, schema.StringList, texts},
		{arrow.ListOf(float64s), `[[1.5, 2], null, []]`, schema.FloatList, numbers},
		{arrow.LargeListOf(float32s), `[[1.5, 2], null, []]`, schema.FloatList, numbers},
		{arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int32), `[[1, 2], null, [3, 4]]`, schema.FloatList,
			schema.Column{Null: null, FloatLists: [][]float64{{1, 2}, nil, {3, 4}}}},
		{arrow.FixedSizeListOf(1, float32s), `[[1], null, [3]]`, schema.FloatList, schema.Column{Null: null, FloatLists: [][]float64{{1}, nil, {3}}}},
	}
	for _, width := range indexTypes {
		cases = append(cases, struct {
			arrow  arrow.DataType
			values string
			field  schema.Type
			want   schema.Column
		}{width, `[100, null, 7]`, schema.Integer, integers(100, 0, 7)})
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.arrow, " as ", c.field), func(t *testing.T) {
			column, bad, err := readColumn(t, arrayOf(t, mem, c.arrow, c.values), c.field)
			require.NoError(t, err)
			assert.Empty(t, bad)
			c.want.Name = "x"
			assert.Equal(t, c.want, column)
		})
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	mem := checked(t)
	for _, c := range []struct {
		arrow  arrow.DataType
		value  string
		field  schema.Type
		reason string
	}{
		{arrow.PrimitiveTypes.Float64, `1.5`, schema.Integer, "Invalid value 1.5 for the given field data type FieldDataType.INT"},
		{arrow.PrimitiveTypes.Float64, `1e19`, schema.Timestamp, "Invalid value 1e+19 for the given field data type FieldDataType.INT"},
		{arrow.PrimitiveTypes.Uint64, `9223372036854775808`, schema.Integer,
			"Invalid value 9223372036854775808 for the given field data type FieldDataType.INT"},
		{arrow.ListOf(arrow.PrimitiveTypes.Float64), `[1, null]`, schema.FloatList, "item 1 of the list is missing"},
		{arrow.ListOf(arrow.BinaryTypes.String), `[null]`, schema.StringList, "item 0 of the list is missing"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			column, bad, err := readColumn(t, arrayOf(t, mem, c.arrow, "["+c.value+"]"), c.field)
			require.NoError(t, err)
			assert.Equal(t, []bool{true}, column.Null)
			require.Len(t, bad, 1)
			assert.Equal(t, c.reason, bad[0].Reason)
		})
	}
	for field, dataType := range map[schema.Type]arrow.DataType{
		schema.Integer: arrow.BinaryTypes.String, schema.Boolean: arrow.PrimitiveTypes.Int8, schema.Float: arrow.BinaryTypes.Binary,
		schema.Timestamp: arrow.PrimitiveTypes.Date32, schema.StringList: arrow.ListOf(arrow.PrimitiveTypes.Int8),
		schema.FloatList: arrow.ListOf(arrow.FixedWidthTypes.Boolean), schema.String: arrow.PrimitiveTypes.Int64,
	} {
		_, _, err := readColumn(t, arrayOf(t, mem, dataType, `[null]`), field)
		require.ErrorContains(t, err, "a field of type "+string(field)+" takes", "%s as %s", dataType, field)
	}
}

// A column of pandas without a value is one of floats; NaN and null mean that there is no value, whatever the field.
func TestNaNIsMissing(t *testing.T) {
	mem := checked(t)
	fields := []schema.Type{schema.String, schema.Blob, schema.Integer, schema.Timestamp, schema.Float, schema.Boolean, schema.StringList,
		schema.FloatList}
	for _, field := range fields {
		for _, dataType := range []arrow.DataType{arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Float32, arrow.FixedWidthTypes.Float16} {
			column, bad, err := readColumn(t, arrayOf(t, mem, dataType, `["NaN", null]`), field)
			require.NoError(t, err, "%s as %s", dataType, field)
			assert.Empty(t, bad)
			assert.Equal(t, []bool{true, true}, column.Null)
		}
	}
	for _, field := range []schema.Type{schema.String, schema.Blob, schema.Boolean, schema.StringList, schema.FloatList} {
		column, bad, err := readColumn(t, arrayOf(t, mem, arrow.PrimitiveTypes.Float64, `["NaN", 1.5, "+Inf"]`), field)
		require.NoError(t, err)
		assert.Equal(t, []bool{true, true, true}, column.Null)
		require.Len(t, bad, 2)
		assert.Equal(t, 1, bad[0].Row)
		assert.Equal(t, "the number 1.5 is no value of a field of type "+string(field)+", which takes "+accepted[field], bad[0].Reason)
		assert.Contains(t, bad[1].Reason, "the number inf is no value")
	}
}

func TestFieldColumnsOfEachType(t *testing.T) {
	mem := checked(t)
	fields := []schema.Field{{Name: "n", Type: schema.Integer}, {Name: "t", Type: schema.Timestamp}, {Name: "x", Type: schema.Float},
		{Name: "b", Type: schema.Boolean}, {Name: "s", Type: schema.StringList}, {Name: "v", Type: schema.FloatList}}
	present := []schema.Value{schema.IntegerValue(-3), schema.IntegerValue(1723303545), schema.FloatValue(0.25), schema.BooleanValue(true),
		schema.TextListValue([]string{"a", "ü"}), schema.FloatListValue([]float64{1, 0.1})}
	empty := []schema.Value{{}, {}, {}, {}, schema.TextListValue(nil), schema.FloatListValue([]float64{})}
	reader, err := NewResult(&engine.Result{Fields: fields, Rows: []engine.ResultRow{
		{ID: "a", Values: present}, {ID: "b", Values: empty}, {ID: "c", Values: make([]schema.Value, 6)},
	}}, mem)
	require.NoError(t, err)
	defer reader.Release()
	require.True(t, reader.Next())
	want := []struct{ dataType, values string }{
		{"int64", `[-3,null,null]`}, {"int64", `[1723303545,null,null]`}, {"float64", `[0.25,null,null]`}, {"bool", `[true,null,null]`},
		{"list<item: utf8, nullable>", `[["a","ü"],[],null]`}, {"list<item: float64, nullable>", `[[1,0.1],[],null]`},
	}
	for i, c := range want {
		column := reader.Record().Column(i)
		assert.Equal(t, c.dataType, column.DataType().String())
		text, err := column.MarshalJSON()
		require.NoError(t, err)
		assert.JSONEq(t, c.values, string(text))
		name, _ := reader.Schema().Field(i).Metadata.GetValue("innerspace.type")
		assert.Equal(t, string(fields[i].Type), name)
	}
}

func TestListsWhoseOffsetsLie(t *testing.T) {
	mem := checked(t)
	honest := arrayOf(t, mem, arrow.ListOf(arrow.PrimitiveTypes.Float64), `[[1, 2], [3]]`)
	child := arrayOf(t, mem, arrow.PrimitiveTypes.Float64, `[1]`)
	data := array.NewData(honest.DataType(), 2, honest.Data().Buffers(), []arrow.ArrayData{child.Data()}, 0, 0)
	defer data.Release()
	lying := array.NewListData(data)
	defer lying.Release()
	_, _, err := readColumn(t, lying, schema.FloatList)
	require.ErrorContains(t, err, "the Arrow data is malformed: row 0 is said to be the items 0 to 2 of 1")
}
