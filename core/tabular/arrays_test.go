package tabular

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

var imageSchema = &schema.Schema{Name: "Image", Fields: []schema.Field{
	{Name: "id", Type: schema.ID}, {Name: "image", Type: schema.Blob}, {Name: "description", Type: schema.String},
}}

var imageCellType = arrow.StructOf(
	arrow.Field{Name: "kind", Type: arrow.PrimitiveTypes.Uint8, Nullable: true},
	arrow.Field{Name: "data", Type: arrow.BinaryTypes.LargeBinary, Nullable: true},
	arrow.Field{Name: "mode", Type: arrow.BinaryTypes.String, Nullable: true},
	arrow.Field{Name: "width", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	arrow.Field{Name: "height", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
)

// checked is an allocator that fails the test for every byte that isn't given back.
func checked(t *testing.T) *memory.CheckedAllocator {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// arrayOf makes an array from JSON. Cleanup releases it.
func arrayOf(t *testing.T, mem memory.Allocator, dataType arrow.DataType, values string) arrow.Array {
	t.Helper()
	arr, _, err := array.FromJSON(mem, dataType, strings.NewReader(values))
	require.NoError(t, err)
	t.Cleanup(arr.Release)
	return arr
}

// dictionaryOf makes a dictionary-encoded array.
func dictionaryOf(t *testing.T, mem memory.Allocator, index, value arrow.DataType, indices, values string) arrow.Array {
	t.Helper()
	dataType := &arrow.DictionaryType{IndexType: index, ValueType: value}
	arr := array.NewDictionaryArray(dataType, arrayOf(t, mem, index, indices), arrayOf(t, mem, value, values))
	t.Cleanup(arr.Release)
	return arr
}

// named is a column of a stream.
type named struct {
	name   string
	values arrow.Array
}

// stream makes a reader over one record. Cleanup releases it.
func stream(t *testing.T, columns ...named) array.RecordReader {
	t.Helper()
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for i, column := range columns {
		fields[i] = arrow.Field{Name: column.name, Type: column.values.DataType(), Nullable: true}
		arrays[i] = column.values
	}
	rows := int64(-1)
	if len(arrays) == 0 {
		rows = 0
	}
	record := array.NewRecord(arrow.NewSchema(fields, nil), arrays, rows)
	defer record.Release()
	return streamOf(t, record)
}

func streamOf(t *testing.T, records ...arrow.Record) array.RecordReader {
	t.Helper()
	reader, err := array.NewRecordReader(records[0].Schema(), records)
	require.NoError(t, err)
	t.Cleanup(reader.Release)
	return reader
}

// readAll reads a stream to its end or to an error.
func readAll(t *testing.T, reader array.RecordReader, s *schema.Schema) ([]*schema.Batch, []engine.RowError, error) {
	t.Helper()
	batches := NewBatches(reader, s)
	defer batches.Release()
	var all []*schema.Batch
	var bad []engine.RowError
	rows := 0
	for {
		batch, failures, err := batches.Next(context.Background())
		if errors.Is(err, io.EOF) {
			_, _, again := batches.Next(context.Background())
			require.Equal(t, io.EOF, again)
			return all, bad, nil
		}
		if err != nil {
			return all, bad, err
		}
		require.NoError(t, batch.Check(s))
		for _, failure := range failures {
			failure.Row += rows
			bad = append(bad, failure)
		}
		rows += batch.Rows
		all = append(all, batch)
	}
}

// readColumn reads one column as a field called "x" of one batch.
func readColumn(t *testing.T, values arrow.Array, field schema.Type) (schema.Column, []engine.RowError, error) {
	t.Helper()
	s := &schema.Schema{Name: "T", Fields: []schema.Field{{Name: "x", Type: field}}}
	batches, bad, err := readAll(t, stream(t, named{"x", values}), s)
	if err != nil {
		return schema.Column{}, bad, err
	}
	require.Len(t, batches, 1)
	return batches[0].Columns[0], bad, nil
}

func requireStatus(t *testing.T, want errs.Status, err error) string {
	t.Helper()
	var e *errs.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, want.String(), e.Status.String(), e.Message)
	return e.Error()
}
