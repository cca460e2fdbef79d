package tabular

import (
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// isNumber says whether a type can be an id beside text: integers, floats and booleans.
func isNumber(t arrow.DataType) bool {
	return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) || t.ID() == arrow.BOOL
}

// numberCells gives numbers and booleans as the text that Python's str gives.
func numberCells(arr arrow.Array) (cells, error) {
	switch arr := arr.(type) {
	case *array.Boolean:
		return func(i int) (cell, error) { return cell{present: true, text: boolText(arr.Value(i))}, nil }, nil
	case *array.Float64:
		return func(i int) (cell, error) { return floatCell(arr.Value(i), 64) }, nil
	case *array.Float32:
		return func(i int) (cell, error) { return floatCell(float64(arr.Value(i)), 32) }, nil
	case *array.Float16:
		return func(i int) (cell, error) { return floatCell(float64(arr.Value(i).Float32()), 32) }, nil
	case *array.Uint64:
		return func(i int) (cell, error) {
			return cell{present: true, text: strconv.FormatUint(arr.Value(i), 10)}, nil
		}, nil
	}
	values, err := integers(arr)
	if err != nil {
		return nil, err
	}
	return func(i int) (cell, error) {
		n, _ := values(i)
		return cell{present: true, text: strconv.FormatInt(n, 10)}, nil
	}, nil
}

func floatCell(x float64, bits int) (cell, error) {
	text, ok := floatText(x, bits)
	if !ok {
		return cell{}, badValue{fmt.Sprintf("The mandatory id field has missing or has invalid type values in the input object. "+
			"%s is no id", pythonName(x))}
	}
	return cell{present: true, text: text}, nil
}

// pythonName is Python's str of what floatText refuses.
func pythonName(x float64) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case x < 0:
		return "-inf"
	}
	return "inf"
}

// integers gives value i of an array of any integer type; ok is false for one that int64 does not hold.
func integers(arr arrow.Array) (func(i int) (n int64, ok bool), error) {
	switch arr := arr.(type) {
	case *array.Int8:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), true }, nil
	case *array.Int16:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), true }, nil
	case *array.Int32:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), true }, nil
	case *array.Int64:
		return func(i int) (int64, bool) { return arr.Value(i), true }, nil
	case *array.Uint8:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), true }, nil
	case *array.Uint16:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), true }, nil
	case *array.Uint32:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), true }, nil
	case *array.Uint64:
		return func(i int) (int64, bool) { return int64(arr.Value(i)), arr.Value(i) <= math.MaxInt64 }, nil
	}
	return nil, malformed("an integer column holds %s", arr.DataType())
}
