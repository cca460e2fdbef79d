package engine

import (
	"context"

	"github.com/innerspace/innerspace/core/schema"
)

// Batches is a stream of rows to put.
type Batches interface {
	// Next returns the next rows, and for values in them that could not be read one RowError each:
	// its Row is the position within this batch, from 0, and the value itself is null in the batch.
	// It returns io.EOF after the last batch; any other error ends the put and nothing of the
	// unit in progress is stored. The batch stays valid after later calls,
	// and its images' bytes stay with the engine: they must not be written to again, nor lie in memory that is given back.
	Next(ctx context.Context) (*schema.Batch, []RowError, error)
}

// Progress is told how far a long call is: done of total items. Total is 0 where it is not known
// (yet). Calls come from one goroutine at a time, and done never shrinks. It should return quickly.
type Progress func(done, total int64)
