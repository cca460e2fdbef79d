package tabular

import (
	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/schema"
)

// newColumn makes an empty column for the values of a field, with room for rows.
func newColumn(field schema.Field, rows int) schema.Column {
	column := schema.Column{Name: field.Name, Null: make([]bool, 0, rows)}
	switch field.Type.Form() {
	case schema.Blob:
		column.Blobs = make([]blob.Value, 0, rows)
	case schema.Integer, schema.Timestamp:
		column.Integers = make([]int64, 0, rows)
	case schema.Float:
		column.Floats = make([]float64, 0, rows)
	case schema.Boolean:
		column.Booleans = make([]bool, 0, rows)
	case schema.StringList:
		column.TextLists = make([][]string, 0, rows)
	case schema.FloatList:
		column.FloatLists = make([][]float64, 0, rows)
	default:
		column.Texts = make([]string, 0, rows)
	}
	return column
}

// appendCell adds a value to the column of a field of the type.
func appendCell(column *schema.Column, t schema.Type, value cell) {
	column.Null = append(column.Null, !value.present)
	switch t.Form() {
	case schema.Blob:
		column.Blobs = append(column.Blobs, value.image)
	case schema.Integer, schema.Timestamp:
		column.Integers = append(column.Integers, value.integer)
	case schema.Float:
		column.Floats = append(column.Floats, value.float)
	case schema.Boolean:
		column.Booleans = append(column.Booleans, value.truth)
	case schema.StringList:
		column.TextLists = append(column.TextLists, value.texts)
	case schema.FloatList:
		column.FloatLists = append(column.FloatLists, value.floats)
	default:
		column.Texts = append(column.Texts, value.text)
	}
}
