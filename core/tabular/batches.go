package tabular

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Caps on a stream. A record over a batch's caps is handed out in parts; no row is ever split.
const (
	maxBatchRows  = 1 << 16
	maxBatchBytes = 64 << 20
	// maxStreamRows is far more than memory holds as vectors; a stream that claims more is broken.
	maxStreamRows = 1 << 27
)

var _ engine.Batches = (*Batches)(nil)

// Batches is a stream of Arrow records as batches of rows. It is for one goroutine at a time.
type Batches struct {
	reader  array.RecordReader
	schema  *schema.Schema
	matched bool
	columns []column
	ignored []string

	record  arrow.Record // being handed out; retained
	cells   []cells      // of record, one a column
	row     int          // the next one of record
	rows    int64        // in all records so far
	failure error        // io.EOF at the end
}

// NewBatches adapts an Arrow stream to rows of a schema, whose fields are matched to columns by name. Columns that the
// schema does not know are named in Batch.Ignored. It keeps a reference to reader until Release. Columns that cannot
// be used are an InvalidInput error of the first Next, which names each of them.
func NewBatches(reader array.RecordReader, s *schema.Schema) *Batches {
	reader.Retain()
	return &Batches{reader: reader, schema: s}
}

// Release gives back the stream. It may be called more than once; Next must not be called afterwards.
func (b *Batches) Release() {
	b.dropRecord()
	if b.reader != nil {
		b.reader.Release()
		b.reader = nil
	}
}

func (b *Batches) dropRecord() {
	if b.record != nil {
		b.record.Release()
		b.record, b.cells = nil, nil
	}
}

// Next returns the next rows: at most 65,536 and, but for a single larger row, about 64 MiB. A value that cannot be
// used is null in the batch and has a RowError, whose Row is the position in the batch. Everything is copied out of
// the record. It returns io.EOF after the last batch, and repeats any other error.
func (b *Batches) Next(ctx context.Context) (*schema.Batch, []engine.RowError, error) {
	if b.failure != nil {
		return nil, nil, b.failure
	}
	var batch *schema.Batch
	var bad []engine.RowError
	err := guarded(func() (err error) {
		if err = b.advance(ctx); err == nil {
			batch, bad, err = b.take(ctx)
		}
		return err
	})
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = errs.From(err)
		}
		b.failure = err
		b.dropRecord()
		return nil, nil, err
	}
	return batch, bad, nil
}

// advance makes sure that there is a record with rows left.
func (b *Batches) advance(ctx context.Context) error {
	if !b.matched {
		var err error
		if b.columns, b.ignored, err = matchColumns(b.reader.Schema(), b.schema); err != nil {
			return err
		}
		b.matched = true
	}
	for b.record == nil || int64(b.row) == b.record.NumRows() {
		b.dropRecord()
		if err := ctx.Err(); err != nil {
			return err
		}
		if !b.reader.Next() {
			if err := readerError(b.reader); err != nil {
				return err
			}
			return io.EOF
		}
		if err := b.open(b.reader.Record()); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batches) open(record arrow.Record) error {
	rows := record.NumRows()
	if rows < 0 || rows > maxStreamRows-b.rows {
		return errs.New(errs.LimitExceeded, "the stream has %d rows or more; at most %d can be put at once", b.rows+max(rows, 0), maxStreamRows)
	}
	b.rows += rows
	record.Retain()
	b.record, b.row, b.cells = record, 0, make([]cells, len(b.columns))
	for i, c := range b.columns {
		values, err := columnCells(record, c.position, c.field.Type.Form())
		if err != nil {
			return errs.From(err).At(c.field.Name)
		}
		b.cells[i] = values
	}
	return nil
}

// columnCells reads a column of a record, which need not be as long as the record says.
func columnCells(record arrow.Record, position int, field schema.Type) (cells, error) {
	if position >= int(record.NumCols()) {
		return nil, malformed("a record has %d columns, fewer than its stream", record.NumCols())
	}
	values := record.Column(position)
	if int64(values.Len()) < record.NumRows() {
		return nil, malformed("a column has %d values in a record of %d rows", values.Len(), record.NumRows())
	}
	if t := values.DataType(); mayBeMissing(t) && !accepts(storageType(t), field) {
		return missingCells(storageOf(values), field)
	}
	return newCells(values, field)
}

// take copies rows out of the record until the batch is full.
func (b *Batches) take(ctx context.Context) (*schema.Batch, []engine.RowError, error) {
	limit := min(int(b.record.NumRows())-b.row, maxBatchRows)
	batch := &schema.Batch{Columns: make([]schema.Column, len(b.columns)), Ignored: b.ignored}
	idColumn := -1
	for i, c := range b.columns {
		batch.Columns[i] = newColumn(c.field, limit)
		if c.field.Type == schema.ID {
			idColumn = i
		}
	}
	var bad []engine.RowError
	bytes := 0
	for batch.Rows < limit && (bytes < maxBatchBytes || batch.Rows == 0) {
		if batch.Rows%1024 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		firstBad := len(bad)
		for i, c := range b.columns {
			value, err := b.cells[i](b.row)
			var reason badValue
			switch {
			case errors.As(err, &reason):
				bad = append(bad, engine.RowError{Row: batch.Rows, Field: c.field.Name, Status: errs.InvalidInput, Reason: reason.reason})
			case err != nil:
				return nil, nil, errs.From(err).At(c.field.Name)
			}
			appendCell(&batch.Columns[i], c.field.Type, value)
			bytes += value.size()
		}
		if idColumn >= 0 {
			id := batch.Columns[idColumn].Texts[batch.Rows]
			for i := range bad[firstBad:] {
				bad[firstBad+i].ID = id
			}
		}
		b.row++
		batch.Rows++
	}
	return batch, bad, nil
}
