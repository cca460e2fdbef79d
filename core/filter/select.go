package filter

import (
	"math/bits"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Rows are stored rows by number, safe for concurrent reading.
type Rows interface {
	// Live has the numbers of the rows that exist.
	Live() vector.Bitmap
	// Values returns the values of a row.
	Values(row int) []schema.Value
}

// parallelFrom is the number of words of 64 rows from which a second goroutine pays.
const parallelFrom = 256

// Select returns the rows that pass, nil where the filter lets everything through. It uses so many goroutines at most; a
// panic of one comes back as an Internal error.
func (f Filter) Select(rows Rows, workers int) (vector.Bitmap, error) {
	if len(f) == 0 {
		return nil, nil
	}
	live := rows.Live()
	passing := make(vector.Bitmap, len(live))
	workers = max(1, min(workers, len(live)/parallelFrom+1))
	failures := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		from, to := len(live)*w/workers, len(live)*(w+1)/workers
		group.Go(func() {
			failures[w] = errs.Contain("filtering the rows", func() error {
				for word := from; word < to; word++ {
					passing[word] = f.word(rows, word, live[word])
				}
				return nil
			})
		})
	}
	group.Wait()
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}
	return passing, nil
}

// word returns the rows that pass of a word of rows.
func (f Filter) word(rows Rows, word int, live uint64) (passing uint64) {
	for ; live != 0; live &= live - 1 {
		at := bits.TrailingZeros64(live)
		if f.Matches(rows.Values(word*64 + at)) {
			passing |= 1 << at
		}
	}
	return passing
}
