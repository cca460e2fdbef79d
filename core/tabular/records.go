package tabular

import (
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/innerspace/innerspace/core/errs"
)

// maxRecordBytes is where a new record batch begins; only a single larger row goes over it.
const maxRecordBytes = 64 << 20

// outColumn is a column to be made: its field, and how to append row i.
type outColumn struct {
	field arrow.Field
	// size is what row i takes in bytes; nil for 8.
	size func(i int) int
	// append adds row i to the builder of the field's type.
	append func(builder array.Builder, i int) error
}

func (c outColumn) bytes(i int) int {
	if c.size == nil {
		return 8
	}
	return c.size(i)
}

// newRecords makes the records of all rows at once: a stream that made them one by one could only report a fault from
// within a C callback. All memory comes from mem and is given back where newRecords fails. There is no record where
// there are no rows; the schema is there in any case.
func newRecords(columns []outColumn, rows int, metadata arrow.Metadata, mem memory.Allocator) (reader array.RecordReader, err error) {
	fields := make([]arrow.Field, len(columns))
	for i, column := range columns {
		fields[i] = column.field
	}
	s := arrow.NewSchema(fields, &metadata)
	var records []arrow.Record
	defer func() {
		for _, record := range records {
			record.Release() // the reader holds its own references
		}
		if cause := recover(); cause != nil { // arrow-go's allocators panic where there is no memory
			reader, err = nil, errs.New(errs.Internal, "the result could not be written as Arrow data: %v", cause)
		}
	}()
	for from := 0; from < rows; {
		to := recordEnd(columns, from, rows)
		record, err := newRecord(s, columns, from, to, mem)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
		from = to
	}
	reader, err = array.NewRecordReader(s, records)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "the result could not be written as Arrow data: %v", err)
	}
	return reader, nil
}

func recordEnd(columns []outColumn, from, rows int) int {
	total := 0
	for i := from; i < rows; i++ {
		for _, column := range columns {
			total += column.bytes(i)
		}
		if total > maxRecordBytes && i > from {
			return i
		}
	}
	return rows
}

func newRecord(s *arrow.Schema, columns []outColumn, from, to int, mem memory.Allocator) (arrow.Record, error) {
	arrays := make([]arrow.Array, 0, len(columns))
	defer func() {
		for _, values := range arrays {
			values.Release()
		}
	}()
	for _, column := range columns {
		values, err := newArray(column, from, to, mem)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, values)
	}
	return array.NewRecord(s, arrays, int64(to-from)), nil
}

func newArray(column outColumn, from, to int, mem memory.Allocator) (arrow.Array, error) {
	builder := array.NewBuilder(mem, column.field.Type)
	defer builder.Release()
	builder.Reserve(to - from)
	if variable, ok := builder.(interface{ ReserveData(int) }); ok {
		total := 0
		for i := from; i < to; i++ {
			total += column.bytes(i)
		}
		if column.field.Type.ID() == arrow.STRING && total > math.MaxInt32 {
			return nil, errs.New(errs.LimitExceeded, "a text of %d bytes is too long for a result", total)
		}
		variable.ReserveData(total)
	}
	for i := from; i < to; i++ {
		if err := column.append(builder, i); err != nil {
			return nil, err
		}
	}
	return builder.NewArray(), nil
}

// textColumn is utf8; ok is false for a null.
func textColumn(field arrow.Field, value func(i int) (text string, ok bool)) outColumn {
	field.Type = arrow.BinaryTypes.String
	return outColumn{
		field: field,
		size:  func(i int) int { text, _ := value(i); return len(text) + 4 },
		append: func(builder array.Builder, i int) error {
			text, ok := value(i)
			if !ok {
				builder.AppendNull()
				return nil
			}
			builder.(*array.StringBuilder).BinaryBuilder.AppendString(toUTF8(text))
			return nil
		},
	}
}

// toUTF8 makes of a text what Arrow calls one.
func toUTF8(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// bytesColumn is large_binary; nil is a null.
func bytesColumn(field arrow.Field, value func(i int) []byte) outColumn {
	field.Type = arrow.BinaryTypes.LargeBinary
	return outColumn{
		field: field,
		size:  func(i int) int { return len(value(i)) + 8 },
		append: func(builder array.Builder, i int) error {
			if data := value(i); data != nil {
				builder.(*array.BinaryBuilder).Append(data)
			} else {
				builder.AppendNull()
			}
			return nil
		},
	}
}

// integerColumn is int64; ok is false for a null.
func integerColumn(field arrow.Field, value func(i int) (n int64, ok bool)) outColumn {
	field.Type = arrow.PrimitiveTypes.Int64
	return outColumn{
		field: field,
		append: func(builder array.Builder, i int) error {
			if n, ok := value(i); ok {
				builder.(*array.Int64Builder).Append(n)
			} else {
				builder.AppendNull()
			}
			return nil
		},
	}
}
