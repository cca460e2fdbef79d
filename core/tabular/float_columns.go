package tabular

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/errs"
)

// Floats in results are finite: a reader would take NaN for a missing value, and JSON has none.

func scoreColumn(field arrow.Field, value func(i int) float64) outColumn {
	field.Type = arrow.PrimitiveTypes.Float64
	return outColumn{
		field: field,
		append: func(builder array.Builder, i int) error {
			if err := checkFinite(field.Name, i, value(i)); err != nil {
				return err
			}
			builder.(*array.Float64Builder).Append(value(i))
			return nil
		},
	}
}

// scoresColumn is list<float64>; nil is a null.
func scoresColumn(field arrow.Field, value func(i int) []float64) outColumn {
	field.Type = arrow.ListOf(arrow.PrimitiveTypes.Float64)
	return outColumn{
		field: field,
		size:  func(i int) int { return 4 + 8*len(value(i)) },
		append: func(builder array.Builder, i int) error {
			list := builder.(*array.ListBuilder)
			scores := value(i)
			if scores == nil {
				list.AppendNull()
				return nil
			}
			list.Append(true)
			if err := checkFinite(field.Name, i, scores...); err != nil {
				return err
			}
			list.ValueBuilder().(*array.Float64Builder).AppendValues(scores, nil)
			return nil
		},
	}
}

// vectorColumn is list<float32>; nil is a null.
func vectorColumn(field arrow.Field, value func(i int) []float32) outColumn {
	field.Type = arrow.ListOf(arrow.PrimitiveTypes.Float32)
	return outColumn{
		field: field,
		size:  func(i int) int { return 4 + 4*len(value(i)) },
		append: func(builder array.Builder, i int) error {
			return appendVector(builder.(*array.ListBuilder), field.Name, i, value(i))
		},
	}
}

// vectorsColumn is list<list<float32>>; nil is a null.
func vectorsColumn(field arrow.Field, value func(i int) [][]float32) outColumn {
	field.Type = arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Float32))
	return outColumn{
		field: field,
		size: func(i int) int {
			total := 4
			for _, vector := range value(i) {
				total += 4 + 4*len(vector)
			}
			return total
		},
		append: func(builder array.Builder, i int) error {
			list := builder.(*array.ListBuilder)
			vectors := value(i)
			if vectors == nil {
				list.AppendNull()
				return nil
			}
			list.Append(true)
			for _, vector := range vectors {
				if err := appendVector(list.ValueBuilder().(*array.ListBuilder), field.Name, i, vector); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func appendVector(list *array.ListBuilder, name string, i int, vector []float32) error {
	if vector == nil {
		list.AppendNull()
		return nil
	}
	list.Append(true)
	if err := checkFinite(name, i, vector...); err != nil {
		return err
	}
	list.ValueBuilder().(*array.Float32Builder).AppendValues(vector, nil)
	return nil
}

func checkFinite[T float32 | float64](name string, i int, values ...T) error {
	for _, value := range values {
		if x := float64(value); math.IsNaN(x) || math.IsInf(x, 0) {
			return errs.New(errs.Internal, "row %d of the result has the value %v in %s", i, x, name)
		}
	}
	return nil
}
