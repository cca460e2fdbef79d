package tabular

import (
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/schema"
)

// valueCells reads numbers, truth values and points in time for an Integer, Timestamp, Float or Boolean field.
func valueCells(arr arrow.Array, field schema.Type) (cells, error) {
	switch arr := arr.(type) {
	case *array.Boolean:
		return func(i int) (cell, error) {
			truth := arr.Value(i)
			value := cell{present: true, truth: truth}
			if truth {
				value.integer, value.float = 1, 1
			}
			return value, nil
		}, nil
	case *array.Timestamp:
		return timeCells(arr)
	}
	if arrow.IsFloating(arr.DataType().ID()) {
		return floatCells(arr, field)
	}
	values, err := integers(arr)
	if err != nil {
		return nil, err
	}
	return func(i int) (cell, error) {
		n, ok := values(i)
		if field == schema.Float {
			return cell{present: true, float: toFloat(n, ok)}, nil
		}
		if !ok {
			return cell{}, invalidInteger(strconv.FormatUint(uint64(n), 10))
		}
		return cell{present: true, integer: n}, nil
	}, nil
}

// toFloat is n, or where it is not ok the uint64 of its bits.
func toFloat(n int64, ok bool) float64 {
	if !ok {
		return float64(uint64(n))
	}
	return float64(n)
}

func floatCells(arr arrow.Array, field schema.Type) (cells, error) {
	values, bits, err := floats(arr)
	if err != nil {
		return nil, err
	}
	return func(i int) (cell, error) {
		x := values(i)
		if math.IsNaN(x) {
			return cell{}, nil
		}
		if field == schema.Float {
			return cell{present: true, float: x}, nil
		}
		// A column of whole numbers with holes is one of floats in pandas.
		if x != math.Trunc(x) || x < math.MinInt64 || x >= math.MaxInt64 {
			text, ok := floatText(x, bits)
			if !ok {
				text = pythonName(x)
			}
			return cell{}, invalidInteger(text)
		}
		return cell{present: true, integer: int64(x)}, nil
	}, nil
}

// mayBeMissing says whether a column of any field may have a type: pandas makes floats of a column without a value.
func mayBeMissing(t arrow.DataType) bool { return arrow.IsFloating(storageType(t).ID()) }

// missingCells reads floats for a field that takes none: NaN and null mean that there is no value.
func missingCells(arr arrow.Array, field schema.Type) (cells, error) {
	values, bits, err := floats(arr)
	if err != nil {
		return nil, err
	}
	return func(i int) (cell, error) {
		x := values(i)
		if arr.IsNull(i) || math.IsNaN(x) {
			return cell{}, nil
		}
		text, ok := floatText(x, bits)
		if !ok {
			text = pythonName(x)
		}
		return cell{}, badValue{fmt.Sprintf("the number %s is no value of a field of type %s, which takes %s", text, field, accepted[field])}
	}, nil
}

func invalidInteger(value string) badValue {
	return badValue{fmt.Sprintf("Invalid value %s for the given field data type FieldDataType.INT", value)}
}

// floats gives value i of an array of any float type; bits says how many of them make its shortest text.
func floats(arr arrow.Array) (value func(i int) float64, bits int, err error) {
	switch arr := arr.(type) {
	case *array.Float64:
		return arr.Value, 64, nil
	case *array.Float32:
		return func(i int) float64 { return float64(arr.Value(i)) }, 32, nil
	case *array.Float16:
		return func(i int) float64 { return float64(arr.Value(i).Float32()) }, 32, nil
	}
	return nil, 0, malformed("a float column holds %s", arr.DataType())
}

// timeCells gives points in time as whole unix seconds, rounded down. Without a time zone they count as UTC, as in pandas.
func timeCells(arr *array.Timestamp) (cells, error) {
	perSecond := int64(1)
	switch unit := arr.DataType().(*arrow.TimestampType).Unit; unit {
	case arrow.Second:
	case arrow.Millisecond:
		perSecond = 1e3
	case arrow.Microsecond:
		perSecond = 1e6
	case arrow.Nanosecond:
		perSecond = 1e9
	default:
		return nil, malformed("a timestamp column has the unit %d", unit)
	}
	return func(i int) (cell, error) {
		ticks := int64(arr.Value(i))
		seconds := ticks / perSecond
		if ticks%perSecond < 0 {
			seconds--
		}
		return cell{present: true, integer: seconds}, nil
	}, nil
}
