package engine_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/schema"
)

// typedColumn is a column under construction, from values as JSON has them.
type typedColumn struct {
	schema.Column
	kind schema.Type
}

// newTypedColumn makes a column of nulls.
func newTypedColumn(name string, kind schema.Type, rows int) *typedColumn {
	c := &typedColumn{schema.Column{Name: name, Null: make([]bool, rows)}, kind}
	for i := range c.Null {
		c.Null[i] = true
	}
	switch kind.Form() {
	case schema.Integer, schema.Timestamp:
		c.Integers = make([]int64, rows)
	case schema.Float:
		c.Floats = make([]float64, rows)
	case schema.Boolean:
		c.Booleans = make([]bool, rows)
	case schema.StringList:
		c.TextLists = make([][]string, rows)
	case schema.FloatList:
		c.FloatLists = make([][]float64, rows)
	case schema.Blob:
		c.Blobs = make([]blob.Value, rows)
	default:
		c.Texts = make([]string, rows)
	}
	return c
}

// set sets a value; false where it is of another type, and the cell stays null.
func (c *typedColumn) set(row int, value any) (ok bool) {
	switch c.kind.Form() {
	case schema.ID:
		switch v := value.(type) {
		case string:
			c.Texts[row], ok = v, true
		case json.Number:
			c.Texts[row], ok = v.String(), true
		case bool:
			c.Texts[row], ok = map[bool]string{true: "True", false: "False"}[v], true
		}
	case schema.String:
		c.Texts[row], ok = value.(string)
	case schema.Integer, schema.Timestamp:
		c.Integers[row], ok = wholeNumber(value)
	case schema.Float:
		c.Floats[row], ok = number(value)
	case schema.Boolean:
		c.Booleans[row], ok = value.(bool)
	case schema.StringList:
		c.TextLists[row], ok = list(value, func(item any) (string, bool) { text, isText := item.(string); return text, isText })
	case schema.FloatList:
		c.FloatLists[row], ok = list(value, number)
	}
	c.Null[row] = !ok
	return ok
}

// typedBatch makes a batch of rows whose fields have the given types.
func typedBatch(t testing.TB, types map[string]string, rows []row) *schema.Batch {
	made := &schema.Batch{Rows: len(rows)}
	for name, kind := range types {
		column := newTypedColumn(name, schema.Type(kind), len(rows))
		for i, row := range rows {
			if value := row[name]; value != nil {
				require.True(t, column.set(i, value), "%s of row %d: %v", name, i, value)
			}
		}
		made.Columns = append(made.Columns, column.Column)
	}
	return made
}

func wholeNumber(value any) (int64, bool) {
	if truth, ok := value.(bool); ok {
		return map[bool]int64{true: 1}[truth], true
	}
	if n, ok := value.(int64); ok {
		return n, true
	}
	text, ok := value.(json.Number)
	n, err := strconv.ParseInt(text.String(), 10, 64)
	return n, ok && err == nil
}

func number(value any) (float64, bool) {
	if x, ok := value.(float64); ok {
		return x, true
	}
	if truth, ok := value.(bool); ok {
		return map[bool]float64{true: 1}[truth], true
	}
	text, ok := value.(json.Number)
	x, err := text.Float64()
	return x, ok && err == nil
}

// list reads a list, or one item as a list of one.
func list[T any](value any, read func(any) (T, bool)) ([]T, bool) {
	items, isList := value.([]any)
	if !isList {
		items = []any{value}
	}
	made := make([]T, len(items))
	for i, item := range items {
		var ok bool
		if made[i], ok = read(item); !ok {
			return nil, false
		}
	}
	return made, true
}
