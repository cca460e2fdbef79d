package arrowstream

import (
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/capi/internal/arrowstream/streamtest"
	"github.com/innerspace/innerspace/core/errs"
)

// everyType is a schema with a column of every type that is read.
var everyType = arrow.NewSchema([]arrow.Field{
	{Name: "null", Type: arrow.Null, Nullable: true},
	{Name: "bool", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "int8", Type: arrow.PrimitiveTypes.Int8},
	{Name: "int64", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "float16", Type: arrow.FixedWidthTypes.Float16},
	{Name: "float64", Type: arrow.PrimitiveTypes.Float64},
	{Name: "string", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "large_string", Type: arrow.BinaryTypes.LargeString, Nullable: true},
	{Name: "string_view", Type: arrow.BinaryTypes.StringView, Nullable: true},
	{Name: "binary", Type: arrow.BinaryTypes.Binary},
	{Name: "large_binary", Type: arrow.BinaryTypes.LargeBinary},
	{Name: "binary_view", Type: arrow.BinaryTypes.BinaryView},
	{Name: "fixed", Type: &arrow.FixedSizeBinaryType{ByteWidth: 2}},
	{Name: "decimal", Type: &arrow.Decimal128Type{Precision: 9, Scale: 2}},
	{Name: "date", Type: arrow.FixedWidthTypes.Date32},
	{Name: "timestamp", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
	{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32), Nullable: true},
	{Name: "large_list", Type: arrow.LargeListOf(arrow.BinaryTypes.String)},
	{Name: "fixed_list", Type: arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int32)},
	{Name: "cell", Type: arrow.StructOf(
		arrow.Field{Name: "kind", Type: arrow.PrimitiveTypes.Uint8},
		arrow.Field{Name: "data", Type: arrow.BinaryTypes.LargeBinary},
	), Nullable: true},
	{Name: "dictionary", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.BinaryTypes.String}, Nullable: true},
}, nil)

const everyRow = `[
{"null":null,"bool":true,"int8":-1,"int64":null,"float16":1.5,"float64":2.5,"string":"a","large_string":"bb","string_view":"a text that is longer than twelve bytes",
 "binary":"AQ==","large_binary":"AQI=","binary_view":"AQIDBAUGBwgJCgsMDQ4PEA==","fixed":"AQI=","decimal":"1.25","date":"2024-01-02","timestamp":"2024-01-02T03:04:05Z",
 "list":[1,2,3],"large_list":["x"],"fixed_list":[1,2],"cell":{"kind":2,"data":"AQID"},"dictionary":"one"},
{"null":null,"bool":null,"int8":2,"int64":7,"float16":0,"float64":0,"string":null,"large_string":null,"string_view":null,
 "binary":"","large_binary":"","binary_view":"","fixed":"AwQ=","decimal":"0.00","date":"1970-01-01","timestamp":"1970-01-01T00:00:00Z",
 "list":null,"large_list":[],"fixed_list":[3,4],"cell":null,"dictionary":null},
{"null":null,"bool":false,"int8":3,"int64":8,"float16":1,"float64":1,"string":"äö","large_string":"","string_view":"short",
 "binary":"/w==","large_binary":"/w==","binary_view":"/w==","fixed":"BQY=","decimal":"3.50","date":"1970-01-02","timestamp":"1970-01-01T00:00:01Z",
 "list":[],"large_list":["y","z"],"fixed_list":[5,6],"cell":{"kind":0,"data":"BA=="},"dictionary":"two"}]`

func everyRecord(t testing.TB, mem memory.Allocator) arrow.Record {
	t.Helper()
	record, _, err := array.RecordFromJSON(mem, everyType, strings.NewReader(everyRow))
	require.NoError(t, err)
	return record
}

// export gives records as a stream in C memory, with Go callbacks behind it.
func export(t testing.TB, schema *arrow.Schema, records ...arrow.Record) unsafe.Pointer {
	t.Helper()
	reader, err := array.NewRecordReader(schema, records)
	require.NoError(t, err)
	stream := streamtest.NewStream()
	t.Cleanup(func() { streamtest.Free(stream) })
	Export(reader, stream)
	return stream
}

func TestEveryTypeSurvivesTheTripAndIsReleased(t *testing.T) {
	mem := new(Allocator)
	record := everyRecord(t, mem)
	empty := record.NewSlice(0, 0)
	stream := export(t, everyType, record, empty)

	reader, err := NewReader(stream)
	require.NoError(t, err)
	assert.Equal(t, everyType.String(), reader.Schema().String())
	var kept []arrow.Record
	for reader.Next() {
		reader.Record().Retain()
		kept = append(kept, reader.Record())
	}
	require.NoError(t, reader.Err())
	reader.Release()
	Release(stream)
	require.Len(t, kept, 2)
	for i, want := range []arrow.Record{record, empty} {
		assertSameRows(t, want, kept[i])
		want.Release()
	}
	assert.Positive(t, mem.InUse(), "a record that was kept holds the producer's memory")
	for _, record := range kept {
		record.Release()
	}
	assert.Zero(t, mem.InUse(), "the producer got everything back")
}

// assertSameRows compares what the columns hold, whatever their offsets.
func assertSameRows(t *testing.T, want, got arrow.Record) {
	t.Helper()
	require.Equal(t, want.NumRows(), got.NumRows())
	for c := range int(want.NumCols()) {
		assert.Equal(t, want.Column(c).String(), got.Column(c).String(), want.ColumnName(c))
		assert.Equal(t, want.Column(c).NullN(), got.Column(c).NullN(), want.ColumnName(c))
	}
}

func TestAbandonedReaderReleasesItsRecord(t *testing.T) {
	mem := new(Allocator)
	record := everyRecord(t, mem)
	stream := export(t, everyType, record, record)
	record.Release()
	reader, err := NewReader(stream)
	require.NoError(t, err)
	require.True(t, reader.Next())
	reader.Release()
	assert.False(t, reader.Next())
	Release(stream)
	assert.Zero(t, mem.InUse())
	Release(stream) // again does nothing
}

func TestUnusableStreams(t *testing.T) {
	released, headless := (*cStream)(streamtest.NewStream()), (*cStream)(streamtest.NewStream())
	defer streamtest.Free(unsafe.Pointer(released))
	defer streamtest.Free(unsafe.Pointer(headless))
	headless.release = 0x10000
	for name, test := range map[string]struct {
		stream  *cStream
		message string
	}{
		"null":             {nil, "null"},
		"released":         {released, "released already"},
		"without callback": {headless, "lacks its get_schema"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewReader(unsafe.Pointer(test.stream))
			require.Error(t, err)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			assert.ErrorContains(t, err, test.message)
		})
	}
	headless.release = 0
	Release(nil)
}

func TestProducerErrorsKeepTheirMessage(t *testing.T) {
	for code, status := range map[syscall.Errno]errs.Status{
		syscall.EINVAL: errs.InvalidInput, syscall.EIO: errs.InvalidInput,
		syscall.ECANCELED: errs.Cancelled, syscall.ENOSYS: errs.Unsupported, syscall.ETIMEDOUT: errs.Timeout,
	} {
		stream := streamtest.NewFailingStream(code, "the disk is gone \xff")
		_, err := NewReader(stream)
		require.Error(t, err)
		assert.Equal(t, status, errs.StatusOf(err))
		assert.ErrorContains(t, err, "the disk is gone \uFFFD")
		Release(stream)
		assert.Zero(t, (*cStream)(stream).release)
		streamtest.Free(stream)
	}
	stream := streamtest.NewFailingStream(syscall.EIO, "")
	defer streamtest.Free(stream)
	defer Release(stream)
	_, err := NewReader(stream)
	assert.ErrorContains(t, err, "input/output error")
}
