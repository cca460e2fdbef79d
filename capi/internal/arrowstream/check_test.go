package arrowstream

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/cdata"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/capi/internal/arrowstream/streamtest"
	"github.com/innerspace/innerspace/core/errs"
)

// exported is everyRecord as a producer gives it.
type exported struct {
	root  *layout
	array *cArray
	mem   *Allocator
}

func exportEveryType(t testing.TB) exported {
	t.Helper()
	e := exported{mem: new(Allocator)}
	record := everyRecord(t, e.mem)
	defer record.Release()
	schema, p := streamtest.NewSchema(), streamtest.NewArray()
	cdata.ExportArrowRecordBatch(record, (*cdata.CArrowArray)(p), (*cdata.CArrowSchema)(schema))
	root, err := readSchema((*cSchema)(schema))
	require.NoError(t, err)
	cdata.ReleaseCArrowSchema((*cdata.CArrowSchema)(schema))
	streamtest.Free(schema)
	e.root, e.array = root, (*cArray)(p)
	t.Cleanup(func() {
		cdata.ReleaseCArrowArray((*cdata.CArrowArray)(p))
		streamtest.Free(p)
		assert.Zero(t, e.mem.InUse())
	})
	return e
}

// column returns the layout and the array of a column.
func (e exported) column(name string) (*layout, *cArray) {
	i := slices.IndexFunc(e.root.children, func(l *layout) bool { return l.name == name })
	return e.root.children[i], (*cArray)(pointer(values[uintptr](e.array.child, e.array.children)[i]))
}

// spoil changes memory for the length of a test; the producer must find its own when it releases.
func spoil[T any](t *testing.T, place *T, value T) {
	before := *place
	t.Cleanup(func() { *place = before })
	*place = value
}

// place is the i-th T of a buffer.
func place[T any](a *cArray, buffer, i int) *T {
	return &values[T](values[uintptr](a.buffer, a.buffers)[buffer], int64(i)+1)[i]
}

func bufferPointer(a *cArray, i int) *uintptr { return &values[uintptr](a.buffer, a.buffers)[i] }

func TestArraysThatAreRefused(t *testing.T) {
	for name, change := range map[string]struct {
		column string
		spoil  func(*testing.T, *cArray)
		status errs.Status // InvalidInput where left out
	}{
		"negative length":            {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.length, -1) }},
		"negative offset":            {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.offset, -1) }},
		"absurd length":              {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.length, 1<<62) }},
		"absurd offset":              {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.offset, 1<<62) }},
		"length that is too much":    {column: "decimal", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.length, maxRows) }},
		"too short":                  {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.length, 2) }},
		"nulls below -1":             {column: "int64", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.nulls, -2) }},
		"more nulls than rows":       {column: "int64", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.nulls, 4) }},
		"nulls without validity":     {column: "int64", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 0), 0) }},
		"negative buffers":           {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.buffers, -1) }},
		"absurd buffers":             {column: "string_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.buffers, 1<<40) }, status: errs.LimitExceeded},
		"too few buffers":            {column: "string", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.buffers, 2) }},
		"too few buffers of a view":  {column: "string_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.buffers, 2) }},
		"too many buffers":           {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.buffers, 3) }},
		"null buffers":               {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.buffer, 0) }},
		"null values":                {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 1), 0) }},
		"dangling values":            {column: "int8", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 1), 0x40) }},
		"null offsets":               {column: "string", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 1), 0) }},
		"null bytes":                 {column: "large_binary", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 2), 0) }},
		"negative first offset":      {column: "string", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int32](a, 1, 0), -1) }},
		"offsets that shrink":        {column: "string", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int32](a, 1, 2), 0) }},
		"negative offset in between": {column: "large_string", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int64](a, 1, 1), -5) }},
		"absurd last offset":         {column: "large_binary", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int64](a, 1, 3), 1<<60) }},
		"list offsets past the child": {column: "list", spoil: func(t *testing.T, a *cArray) {
			spoil(t, place[int32](a, 1, 3), 4)
		}},
		"large list offsets past the child": {column: "large_list", spoil: func(t *testing.T, a *cArray) {
			spoil(t, place[int64](a, 1, 3), 400)
		}},
		"list offsets that shrink": {column: "list", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int32](a, 1, 3), 2) }},
		"short child of a fixed list": {column: "fixed_list", spoil: func(t *testing.T, a *cArray) {
			child := (*cArray)(pointer(values[uintptr](a.child, 1)[0]))
			spoil(t, &child.length, 5)
		}},
		"absurd fixed list":     {column: "fixed_list", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.length, maxRows) }},
		"no children":           {column: "cell", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.children, 0) }},
		"negative children":     {column: "cell", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.children, -2) }},
		"null children":         {column: "cell", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.child, 0) }},
		"null child":            {column: "cell", spoil: func(t *testing.T, a *cArray) { spoil(t, &values[uintptr](a.child, 2)[1], 0) }},
		"unexpected dictionary": {column: "string", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.dictionary, a.child|0x10000) }},
		"missing dictionary":    {column: "dictionary", spoil: func(t *testing.T, a *cArray) { spoil(t, &a.dictionary, 0) }},
		"negative index":        {column: "dictionary", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int16](a, 1, 0), -1) }},
		"index past the values": {column: "dictionary", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int16](a, 1, 2), 2) }},
		"bad dictionary": {column: "dictionary", spoil: func(t *testing.T, a *cArray) {
			spoil(t, &(*cArray)(pointer(a.dictionary)).length, -1)
		}},
		"view of negative size":  {column: "string_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &place[view](a, 1, 0).size, -1) }},
		"view of no buffer":      {column: "string_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &place[view](a, 1, 0).buffer, 7) }},
		"view of buffer -1":      {column: "string_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &place[view](a, 1, 0).buffer, -1) }},
		"view that starts at -1": {column: "string_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &place[view](a, 1, 0).start, -1) }},
		"view past its buffer":   {column: "binary_view", spoil: func(t *testing.T, a *cArray) { spoil(t, &place[view](a, 1, 0).size, 1<<30) }},
		"null views":             {column: "binary_view", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 1), 0) }},
		"null sizes":             {column: "binary_view", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 3), 0) }},
		"negative buffer size":   {column: "binary_view", spoil: func(t *testing.T, a *cArray) { spoil(t, place[int64](a, 3, 0), -1) }},
		"null buffer of views":   {column: "binary_view", spoil: func(t *testing.T, a *cArray) { spoil(t, bufferPointer(a, 2), 0) }},
	} {
		t.Run(name, func(t *testing.T) {
			e := exportEveryType(t)
			require.NoError(t, e.root.check(e.array))
			_, a := e.column(change.column)
			change.spoil(t, a)
			err := e.root.check(e.array)
			require.Error(t, err)
			assert.Equal(t, cmp.Or(change.status, errs.InvalidInput), errs.StatusOf(err))
			if name != "too short" { // which is its parent's to notice
				assert.Contains(t, errs.From(err).Path, fmt.Sprintf("columns[%q]", change.column))
			}
		})
	}
}

// build makes a record of what check has passed, and reads every value of it.
func (e exported) build(t *testing.T) arrow.Record {
	o := &owner{release: func() {}}
	o.users.Store(1)
	r := &Reader{root: e.root, schema: arrow.NewSchema(e.root.fields(), nil)}
	record := r.record(e.array, o)
	t.Cleanup(func() {
		record.Release()
		assert.Equal(t, int64(1), o.users.Load(), "every buffer was released")
	})
	return record
}

func TestOddButLegalArraysAreRead(t *testing.T) {
	whole := everyRecord(t, new(Allocator))
	defer whole.Release()
	for name, test := range map[string]struct {
		spoil    func(*testing.T, exported)
		from, to int64
	}{
		"unknown number of nulls": {func(t *testing.T, e exported) {
			_, a := e.column("string")
			spoil(t, &a.nulls, -1)
		}, 0, 3},
		"wrong number of nulls": {func(t *testing.T, e exported) {
			_, a := e.column("string")
			spoil(t, &a.nulls, 3)
		}, 0, 3},
		"unknown number of nulls, no validity": {func(t *testing.T, e exported) {
			_, a := e.column("int8")
			spoil(t, &a.nulls, -1)
		}, 0, 3},
		"a slice of everything": {func(t *testing.T, e exported) {
			spoil(t, &e.array.offset, 1)
			spoil(t, &e.array.length, 2)
		}, 1, 3},
		"fewer rows than its columns have": {func(t *testing.T, e exported) { spoil(t, &e.array.length, 1) }, 0, 1},
		"garbage in a null view": {func(t *testing.T, e exported) {
			_, a := e.column("string_view")
			spoil(t, place[view](a, 1, 1), view{size: 1 << 30, buffer: 9, start: -1})
		}, 0, 3},
		"garbage in a null index": {func(t *testing.T, e exported) {
			_, a := e.column("dictionary")
			spoil(t, place[int16](a, 1, 1), -77)
		}, 0, 3},
		"no rows, and dangling or null buffers": {func(t *testing.T, e exported) {
			spoil(t, &e.array.length, 0)
			for _, l := range e.root.children {
				_, a := e.column(l.name)
				spoil(t, &a.length, 0)
				spoil(t, &a.nulls, 0)
				for i := range int(a.buffers) {
					spoil(t, bufferPointer(a, i), uintptr(i%2)*0x40)
				}
			}
			for _, name := range []string{"string_view", "binary_view"} {
				_, a := e.column(name)
				spoil(t, &a.buffers, 3)
			}
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := exportEveryType(t)
			test.spoil(t, e)
			require.NoError(t, e.root.check(e.array))
			want := whole.NewSlice(test.from, test.to)
			defer want.Release()
			assertSameRows(t, want, e.build(t))
		})
	}
}

func TestNullRowsAreRefused(t *testing.T) {
	validity := streamtest.NewString("\x05") // rows 0 and 2
	defer streamtest.Free(validity)
	e := exportEveryType(t)
	require.NoError(t, e.root.checkTable(e.array))
	spoil(t, bufferPointer(e.array, 0), uintptr(validity))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(e.root.checkTable(e.array)))
}

// FuzzArray changes one thing in a record and wants an error, or a record whose every value can be read.
// It stays clear of what no consumer can check: how long the buffers behind the pointers are.
func FuzzArray(f *testing.F) {
	f.Add(uint8(0), uint8(0), int64(-1), uint16(0))
	f.Add(uint8(6), uint8(9), int64(1), uint16(4))
	f.Fuzz(func(t *testing.T, column, what uint8, value int64, position uint16) {
		e := exportEveryType(t)
		l := e.root.children[int(column)%len(e.root.children)]
		_, a := e.column(l.name)
		switch what % 8 {
		case 0:
			spoil(t, &a.length, min(value, a.length))
		case 1:
			spoil(t, &a.nulls, value)
		case 2:
			spoil(t, &a.offset, min(value, 0))
		case 3:
			spoil(t, &a.buffers, min(value, a.buffers))
		case 4:
			spoil(t, &a.children, min(value, a.children))
		case 5:
			if a.buffers > 0 {
				spoil(t, bufferPointer(a, int(position)%int(a.buffers)), uintptr(value)%lowestAddress)
			}
		case 6:
			spoil(t, &a.buffer, uintptr(value)%lowestAddress)
		case 7:
			spoilBuffer(t, l, a, value, int(position))
		}
		if e.root.check(e.array) != nil {
			return
		}
		record := e.build(t)
		for _, c := range record.Columns() {
			_ = c.String()
			array.NewSlice(c, 0, int64(c.Len())).Release()
		}
	})
}

// spoilBuffer changes a value within the second buffer: an offset, an index or a view.
func spoilBuffer(t *testing.T, l *layout, a *cArray, value int64, position int) {
	rows := int(a.length)
	switch {
	case l.shape == offset32:
		end := *place[int32](a, 1, rows)
		spoil(t, place[int32](a, 1, position%(rows+1)), min(int32(value), end))
	case l.shape == offset64:
		end := *place[int64](a, 1, rows)
		spoil(t, place[int64](a, 1, position%(rows+1)), min(value, end))
	case l.shape == list32:
		spoil(t, place[int32](a, 1, position%(rows+1)), int32(value))
	case l.shape == list64:
		spoil(t, place[int64](a, 1, position%(rows+1)), value)
	case l.shape == viewShape:
		spoil(t, place[uint32](a, 1, position%(4*rows)), uint32(value))
	case l.dictionary != nil:
		spoil(t, place[int16](a, 1, position%rows), int16(value))
	}
}
