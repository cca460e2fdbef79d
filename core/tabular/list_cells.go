package tabular

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/schema"
)

// maxListItems caps the list of one row: as many as the longest vector of an index has entries.
const maxListItems = 1 << 20

// isListOf says whether a type is a list of what a field of the item type takes.
func isListOf(t arrow.DataType, item schema.Type) bool {
	switch t.ID() {
	case arrow.LIST, arrow.LARGE_LIST, arrow.FIXED_SIZE_LIST:
		values := storageType(t.(arrow.ListLikeType).Elem())
		return values.ID() != arrow.BOOL && accepts(values, item)
	}
	return false
}

// listCells reads lists of texts or of numbers.
func listCells(arr arrow.Array, field schema.Type) (cells, error) {
	list, ok := arr.(array.ListLike)
	if !ok {
		return nil, malformed("a list column holds %s", arr.DataType())
	}
	item := schema.String
	if field == schema.FloatList {
		item = schema.Float
	}
	items := list.ListValues()
	read, err := newCells(items, item)
	if err != nil {
		return nil, err
	}
	return func(i int) (cell, error) {
		start, end := list.ValueOffsets(i)
		switch {
		case start < 0 || end < start || end > int64(items.Len()):
			return cell{}, malformed("row %d is said to be the items %d to %d of %d", i, start, end, items.Len())
		case end-start > maxListItems:
			return cell{}, badValue{fmt.Sprintf("the list has %d items; at most %d are allowed", end-start, maxListItems)}
		}
		if field == schema.FloatList {
			numbers, err := readFloats(items, read, int(start), int(end))
			return cell{present: err == nil, floats: numbers}, err
		}
		texts, err := readList(read, int(start), int(end), func(c cell) string { return c.text })
		return cell{present: err == nil, texts: texts}, err
	}, nil
}

// readFloats copies whole runs of the usual arrays of vectors, and reads any other item by item.
func readFloats(items arrow.Array, read cells, start, end int) ([]float64, error) {
	if items.NullN() == 0 {
		switch values := items.(type) {
		case *array.Float64:
			return append(make([]float64, 0, end-start), values.Float64Values()[start:end]...), nil
		case *array.Float32:
			numbers := make([]float64, end-start)
			for i, x := range values.Float32Values()[start:end] {
				numbers[i] = float64(x)
			}
			return numbers, nil
		}
	}
	return readList(read, start, end, func(c cell) float64 { return c.float })
}

func readList[T any](read cells, start, end int, value func(cell) T) ([]T, error) {
	values := make([]T, 0, end-start)
	for i := start; i < end; i++ {
		item, err := read(i)
		var bad badValue
		switch {
		case errors.As(err, &bad):
			return nil, badValue{fmt.Sprintf("item %d of the list: %s", i-start, bad.reason)}
		case err != nil:
			return nil, err
		case !item.present:
			return nil, badValue{fmt.Sprintf("item %d of the list is missing", i-start)}
		}
		values = append(values, value(item))
	}
	return values, nil
}
