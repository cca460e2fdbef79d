package arrowstream

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/errs"
)

// Reader reads the record batches of a foreign stream. It is an
// array.RecordReader; it is for one goroutine at a time, and a record may be kept (retained) for
// as long as needed, past the stream's own end.
type Reader struct {
	references atomic.Int64
	stream     *cStream
	root       *layout
	schema     *arrow.Schema
	current    arrow.Record
	err        error
	ended      bool
}

var _ array.RecordReader = (*Reader)(nil)

// NewReader reads the schema of the ArrowArrayStream at stream. The reader
// does not own the stream: the caller releases it with Release when it is done with
// the reader, and where NewReader failed.
func NewReader(stream unsafe.Pointer) (*Reader, error) {
	s := (*cStream)(stream)
	switch {
	case s == nil:
		return nil, invalid("the Arrow stream is null")
	case !isAddress(s.release):
		return nil, invalid("the Arrow stream has been released already; a stream can be read once")
	case !isAddress(s.getSchema) || !isAddress(s.getNext):
		return nil, invalid("the Arrow stream lacks its get_schema or get_next callback")
	}
	schema := newSchema()
	defer freeSchema(schema)
	if code := s.schemaInto(schema); code != 0 {
		return nil, producerError(s, code)
	}
	if !isAddress(schema.release) {
		return nil, invalid("the Arrow stream gave a schema that is released already")
	}
	root, err := readSchema(schema)
	if err != nil {
		return nil, err
	}
	r := &Reader{stream: s, root: root, schema: arrow.NewSchema(root.fields(), nil)}
	r.references.Store(1)
	return r, nil
}

// Schema returns the schema of every record.
func (r *Reader) Schema() *arrow.Schema { return r.schema }

// Record returns the current record, which is good until the next Next or Release unless retained.
func (r *Reader) Record() arrow.Record { return r.current }

// Err returns the error that ended the stream, an *errs.Error, or nil.
func (r *Reader) Err() error { return r.err }

// Next reads the next record and reports whether there is one.
func (r *Reader) Next() bool {
	r.drop()
	if r.ended {
		return false
	}
	r.current, r.err = r.read()
	r.ended = r.current == nil
	return !r.ended
}

// Retain adds a reference to the reader.
func (r *Reader) Retain() { r.references.Add(1) }

// Release drops a reference; with the last one goes the current record.
func (r *Reader) Release() {
	if r.references.Add(-1) == 0 {
		r.drop()
		r.ended = true
	}
}

func (r *Reader) drop() {
	if r.current != nil {
		r.current.Release()
		r.current = nil
	}
}

// read returns nil and no error at the end of the stream.
func (r *Reader) read() (arrow.Record, error) {
	a := newArray()
	o := &owner{release: func() { freeArray(a) }}
	o.users.Store(1)
	defer o.done()
	if code := r.stream.nextInto(a); code != 0 {
		a.release = 0 // a producer that failed owns whatever it wrote
		return nil, producerError(r.stream, code)
	}
	if !isAddress(a.release) {
		return nil, nil
	}
	if err := r.root.checkTable(a); err != nil {
		return nil, err
	}
	return r.record(a, o), nil
}

func (r *Reader) record(a *cArray, o *owner) arrow.Record {
	data := r.root.build(a, o)
	defer data.Release()
	table := array.NewStructData(data)
	defer table.Release()
	columns := make([]arrow.Array, table.NumField())
	for i := range columns {
		columns[i] = table.Field(i)
	}
	return array.NewRecord(r.schema, columns, a.length)
}

// producerStatus says what a producer's errno means; anything else is bad input.
var producerStatus = map[syscall.Errno]errs.Status{
	syscall.ECANCELED: errs.Cancelled,
	syscall.ENOENT:    errs.NotFound,
	syscall.ENOMEM:    errs.LimitExceeded,
	syscall.ENOSYS:    errs.Unsupported,
	syscall.ENOTSUP:   errs.Unsupported,
	syscall.ETIMEDOUT: errs.Timeout,
}

func producerError(stream *cStream, code syscall.Errno) error {
	status, ok := producerStatus[code]
	if !ok {
		status = errs.InvalidInput
	}
	message := stream.lastError()
	if message == "" {
		message = code.Error()
	}
	return errs.Wrap(code, status, "the Arrow stream failed: %s", message)
}
