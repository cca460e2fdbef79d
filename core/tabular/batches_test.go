package tabular

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

func TestColumnsAreMatchedByName(t *testing.T) {
	mem := checked(t)
	reader := stream(t,
		named{"extra", arrayOf(t, mem, arrow.ListOf(arrow.PrimitiveTypes.Int8), `[[1], null]`)},
		named{"description", arrayOf(t, mem, arrow.BinaryTypes.String, `["a", null]`)},
		named{"id", arrayOf(t, mem, arrow.PrimitiveTypes.Int64, `[7, 8]`)},
		named{"Image", arrayOf(t, mem, arrow.PrimitiveTypes.Int64, `[1, 2]`)},
		named{"extra", arrayOf(t, mem, arrow.PrimitiveTypes.Int64, `[1, 2]`)},
	)
	batches, bad, err := readAll(t, reader, imageSchema)
	require.NoError(t, err)
	assert.Empty(t, bad)
	require.Len(t, batches, 1)
	assert.Equal(t, &schema.Batch{
		Rows: 2,
		Columns: []schema.Column{
			{Name: "description", Null: []bool{false, true}, Texts: []string{"a", ""}},
			{Name: "id", Null: []bool{false, false}, Texts: []string{"7", "8"}},
		},
		Ignored: []string{"extra", "Image"},
	}, batches[0])
}

func TestEveryColumnThatCannotBeUsedIsNamed(t *testing.T) {
	mem := checked(t)
	numbers := arrayOf(t, mem, arrow.PrimitiveTypes.Int64, `[1]`)
	texts := arrayOf(t, mem, arrow.BinaryTypes.String, `["a"]`)
	_, _, err := readAll(t, stream(t, named{"image", numbers}, named{"id", texts}, named{"description", numbers}), imageSchema)
	message := requireStatus(t, errs.InvalidInput, err)
	assert.Contains(t, message, `the column "image" has the type int64; a field of type blob takes binary`)
	assert.Contains(t, message, `the column "description" has the type int64; a field of type string takes utf8`)

	_, _, err = readAll(t, stream(t, named{"id", texts}, named{"id", texts}), imageSchema)
	assert.Contains(t, requireStatus(t, errs.InvalidInput, err), `the column "id" is there twice`)
}

func TestStreamsWithoutRows(t *testing.T) {
	mem := checked(t)
	empty := arrayOf(t, mem, arrow.BinaryTypes.String, `[]`)
	for name, reader := range map[string]array.RecordReader{
		"no columns":        stream(t),
		"no rows":           stream(t, named{"id", empty}, named{"description", empty}),
		"a null null array": stream(t, named{"id", array.NewNull(0)}),
	} {
		batches, bad, err := readAll(t, reader, imageSchema)
		require.NoError(t, err, name)
		assert.Empty(t, batches, name)
		assert.Empty(t, bad, name)
	}
}

func TestRowsWithoutKnownColumns(t *testing.T) {
	mem := checked(t)
	batches, _, err := readAll(t, stream(t, named{"other", arrayOf(t, mem, arrow.BinaryTypes.String, `["a", "b"]`)}), imageSchema)
	require.NoError(t, err)
	require.Len(t, batches, 1)
	assert.Equal(t, 2, batches[0].Rows)
	assert.Empty(t, batches[0].Columns)
	assert.Equal(t, []string{"other"}, batches[0].Ignored)
}

func TestBadValuesNameTheirRow(t *testing.T) {
	mem := checked(t)
	cells := `[{"kind": 9, "data": ""}, {"kind": 9, "data": ""}, {"kind": 2, "data": ""}, {"kind": 9, "data": ""}]`
	reader := stream(t,
		named{"image", arrayOf(t, mem, imageCellType, cells)},
		named{"id", arrayOf(t, mem, arrow.PrimitiveTypes.Float64, `[1.5, "NaN", 2, null]`)})
	batches, bad, err := readAll(t, reader, imageSchema)
	require.NoError(t, err)
	require.Len(t, batches, 1)
	type place struct {
		row       int
		id, field string
	}
	var places []place
	for _, e := range bad {
		places = append(places, place{e.Row, e.ID, e.Field})
		assert.Equal(t, errs.InvalidInput, e.Status)
		assert.NotEmpty(t, e.Reason)
	}
	assert.Equal(t, []place{{0, "1.5", "image"}, {1, "", "image"}, {1, "", "id"}, {3, "", "image"}}, places)
}

func TestLargeRecordsAreHandedOutInParts(t *testing.T) {
	mem := checked(t)
	t.Run("rows", func(t *testing.T) {
		builder := array.NewInt64Builder(mem)
		defer builder.Release()
		const rows = 2*maxBatchRows + 5
		for i := range rows {
			builder.Append(int64(i))
		}
		arr := builder.NewArray()
		defer arr.Release()
		batches, _, err := readAll(t, stream(t, named{"id", arr}), imageSchema)
		require.NoError(t, err)
		require.Len(t, batches, 3)
		i := 0
		for _, batch := range batches {
			assert.LessOrEqual(t, batch.Rows, maxBatchRows)
			for _, id := range batch.Columns[0].Texts {
				require.Equal(t, fmt.Sprint(i), id)
				i++
			}
		}
		assert.Equal(t, rows, i)
	})
	t.Run("bytes", func(t *testing.T) {
		picture := make([]byte, 30<<20)
		indices := arrayOf(t, mem, arrow.PrimitiveTypes.Int8, `[0, 0, 0, 0, 0, 0, 0]`)
		builder := array.NewBinaryBuilder(mem, arrow.BinaryTypes.LargeBinary)
		defer builder.Release()
		builder.Append(picture)
		values := builder.NewArray()
		defer values.Release()
		arr := array.NewDictionaryArray(&arrow.DictionaryType{IndexType: indices.DataType(), ValueType: values.DataType()}, indices, values)
		defer arr.Release()
		batches, _, err := readAll(t, stream(t, named{"image", arr}), imageSchema)
		require.NoError(t, err)
		var rows []int
		for _, batch := range batches {
			rows = append(rows, batch.Rows)
		}
		assert.Equal(t, []int{3, 3, 1}, rows)
	})
}

// TestNothingRefersToArrowMemory overwrites the record after Next, as a producer that reuses its buffers would.
func TestNothingRefersToArrowMemory(t *testing.T) {
	mem := memory.NewGoAllocator()
	columns := []named{
		{"id", arrayOf(t, mem, arrow.BinaryTypes.String, `["an id of some length"]`)},
		{"description", arrayOf(t, mem, arrow.BinaryTypes.StringView, `["in a view"]`)},
		{"image", arrayOf(t, mem, imageCellType, `[{"kind": 3, "data": "QUJD", "mode": "RGB", "width": 1, "height": 1}]`)},
	}
	reader := stream(t, columns...)
	batches := NewBatches(reader, imageSchema)
	batch, _, err := batches.Next(context.Background())
	require.NoError(t, err)
	batches.Release()
	for _, column := range columns {
		scribble(column.values.Data())
	}
	assert.Equal(t, []string{"an id of some length"}, batch.Columns[0].Texts)
	assert.Equal(t, []string{"in a view"}, batch.Columns[1].Texts)
	assert.Equal(t, []blob.Value{{Kind: blob.Raw, Data: []byte("ABC"), Mode: "RGB", Width: 1, Height: 1}}, batch.Columns[2].Blobs)
}

func scribble(data arrow.ArrayData) {
	for _, buffer := range data.Buffers() {
		if buffer != nil {
			for i := range buffer.Bytes() {
				buffer.Bytes()[i] = 0xee
			}
		}
	}
	for _, child := range data.Children() {
		scribble(child)
	}
}

func TestReleaseGivesTheRecordBack(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	builder := array.NewStringBuilder(mem)
	builder.AppendValues([]string{"a", "b"}, nil)
	arr := builder.NewArray()
	builder.Release()
	record := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "id", Type: arr.DataType()}}, nil), []arrow.Array{arr}, 2)
	arr.Release()
	reader, err := array.NewRecordReader(record.Schema(), []arrow.Record{record})
	require.NoError(t, err)
	record.Release()
	batches := NewBatches(reader, imageSchema)
	reader.Release()
	_, _, err = batches.Next(context.Background())
	require.NoError(t, err)
	require.NotZero(t, mem.CurrentAlloc())
	batches.Release()
	batches.Release()
	mem.AssertSize(t, 0)
}

func TestCancelledStream(t *testing.T) {
	mem := checked(t)
	batches := NewBatches(stream(t, named{"id", arrayOf(t, mem, arrow.BinaryTypes.String, `["a"]`)}), imageSchema)
	defer batches.Release()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 2 {
		_, _, err := batches.Next(ctx)
		requireStatus(t, errs.Cancelled, err)
	}
}

// fakeReader gives one record, then stops with an error.
type fakeReader struct {
	array.RecordReader
	record arrow.Record
	given  bool
	err    error
	panics bool
}

func (r *fakeReader) Schema() *arrow.Schema { return r.record.Schema() }
func (r *fakeReader) Retain()               {}
func (r *fakeReader) Release()              {}
func (r *fakeReader) Record() arrow.Record  { return r.record }
func (r *fakeReader) Err() error            { return r.err }
func (r *fakeReader) Next() bool {
	if r.panics {
		panic("arrow/array: string offsets out of bounds of data buffer")
	}
	first := !r.given
	r.given = true
	return first
}

// lyingRecord says that it has other rows or columns than it has.
type lyingRecord struct {
	arrow.Record
	rows, columns int64
}

func (r lyingRecord) NumRows() int64 { return r.rows }
func (r lyingRecord) NumCols() int64 { return r.columns }
func (r lyingRecord) Retain()        {}
func (r lyingRecord) Release()       {}

func TestReadersThatFail(t *testing.T) {
	mem := checked(t)
	texts := stream(t, named{"id", arrayOf(t, mem, arrow.BinaryTypes.String, `["a"]`)})
	require.True(t, texts.Next())
	record := texts.Record()
	for name, test := range map[string]struct {
		reader *fakeReader
		status errs.Status
		says   string
	}{
		"any error":        {&fakeReader{record: record, err: errors.New("the disk is gone")}, errs.InvalidInput, "the disk is gone"},
		"one of ours":      {&fakeReader{record: record, err: errs.New(errs.Unsupported, "what it says")}, errs.Unsupported, "what it says"},
		"a cancel":         {&fakeReader{record: record, err: context.Canceled}, errs.Cancelled, ""},
		"a panic":          {&fakeReader{record: record, panics: true}, errs.InvalidInput, "malformed"},
		"absurd length":    {&fakeReader{record: lyingRecord{record, 1 << 60, 1}}, errs.LimitExceeded, "1152921504606846976"},
		"negative length":  {&fakeReader{record: lyingRecord{record, -5, 1}}, errs.LimitExceeded, ""},
		"rows not there":   {&fakeReader{record: lyingRecord{record, 2, 1}}, errs.InvalidInput, "1 values in a record of 2 rows"},
		"column not there": {&fakeReader{record: lyingRecord{record, 1, 0}}, errs.InvalidInput, "0 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(t, test.reader, imageSchema)
			assert.Contains(t, requireStatus(t, test.status, err), test.says)
		})
	}
}

func TestRecordOfAnotherTypeThanTheStream(t *testing.T) {
	mem := checked(t)
	numbers := stream(t, named{"description", arrayOf(t, mem, arrow.PrimitiveTypes.Int64, `[1]`)})
	require.True(t, numbers.Next())
	texts := stream(t, named{"description", arrayOf(t, mem, arrow.BinaryTypes.String, `["a"]`)})
	batches := NewBatches(&otherRecord{texts, numbers.Record()}, imageSchema)
	_, _, err := batches.Next(context.Background())
	assert.Contains(t, requireStatus(t, errs.InvalidInput, err), "another type than its stream")
}

type otherRecord struct {
	array.RecordReader
	record arrow.Record
}

func (r *otherRecord) Record() arrow.Record { return r.record }
func (r *otherRecord) Retain()              {}
func (r *otherRecord) Release()             {}

// TestManyNullRowsCanBeCancelled: rows of the null type cost a producer nothing.
func TestManyNullRowsCanBeCancelled(t *testing.T) {
	arr := array.NewNull(maxStreamRows)
	defer arr.Release()
	batches := NewBatches(stream(t, named{"id", arr}), imageSchema)
	defer batches.Release()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	for {
		batch, _, err := batches.Next(ctx)
		if err != nil {
			requireStatus(t, errs.Timeout, err)
			return
		}
		require.LessOrEqual(t, batch.Rows, maxBatchRows)
	}
}
