package tabular

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/schema"
)

// fieldColumn is the column of a selected field, in the Arrow type of the field's own type.
func fieldColumn(r *engine.Result, position int, field schema.Field) outColumn {
	metadata := arrow.NewMetadata([]string{roleKey, typeKey}, []string{"field", string(field.Type)})
	arrowField := arrow.Field{Name: field.Name, Nullable: true, Metadata: metadata}
	value := func(i int) *schema.Value { return &r.Rows[i].Values[position] }
	switch field.Type {
	case schema.Blob:
		return bytesColumn(arrowField, func(i int) []byte {
			if value(i).Present && value(i).Blob == nil {
				return []byte{}
			}
			return value(i).Blob
		})
	case schema.Integer, schema.Timestamp:
		return integerColumn(arrowField, func(i int) (int64, bool) { return value(i).Integer(), value(i).Present })
	case schema.Float:
		return floatColumn(arrowField, func(i int) (float64, bool) { return value(i).Float(), value(i).Present })
	case schema.Boolean:
		return booleanColumn(arrowField, func(i int) (truth, ok bool) { return value(i).Boolean(), value(i).Present })
	case schema.StringList:
		return textsColumn(arrowField, func(i int) []string {
			if value(i).Present && value(i).Texts() == nil {
				return []string{}
			}
			return value(i).Texts()
		})
	case schema.FloatList:
		return scoresColumn(arrowField, func(i int) []float64 {
			if value(i).Present && value(i).Floats() == nil {
				return []float64{}
			}
			return value(i).Floats()
		})
	}
	return textColumn(arrowField, func(i int) (string, bool) { return value(i).Text, value(i).Present })
}

// floatColumn is float64; ok is false for a null.
func floatColumn(field arrow.Field, value func(i int) (x float64, ok bool)) outColumn {
	field.Type = arrow.PrimitiveTypes.Float64
	return outColumn{
		field: field,
		append: func(builder array.Builder, i int) error {
			x, ok := value(i)
			if !ok {
				builder.AppendNull()
				return nil
			}
			if err := checkFinite(field.Name, i, x); err != nil {
				return err
			}
			builder.(*array.Float64Builder).Append(x)
			return nil
		},
	}
}

// booleanColumn is bool; ok is false for a null.
func booleanColumn(field arrow.Field, value func(i int) (truth, ok bool)) outColumn {
	field.Type = arrow.FixedWidthTypes.Boolean
	return outColumn{
		field: field,
		append: func(builder array.Builder, i int) error {
			if truth, ok := value(i); ok {
				builder.(*array.BooleanBuilder).Append(truth)
			} else {
				builder.AppendNull()
			}
			return nil
		},
	}
}

// textsColumn is list<utf8>; nil is a null.
func textsColumn(field arrow.Field, value func(i int) []string) outColumn {
	field.Type = arrow.ListOf(arrow.BinaryTypes.String)
	return outColumn{
		field: field,
		size: func(i int) int {
			total := 4
			for _, text := range value(i) {
				total += 4 + len(text)
			}
			return total
		},
		append: func(builder array.Builder, i int) error {
			list := builder.(*array.ListBuilder)
			texts := value(i)
			if texts == nil {
				list.AppendNull()
				return nil
			}
			list.Append(true)
			for _, text := range texts {
				list.ValueBuilder().(*array.StringBuilder).Append(toUTF8(text))
			}
			return nil
		},
	}
}
