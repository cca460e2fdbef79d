package filter

import (
	"math/bits"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Rows are stored rows by number.
type Rows interface {
	// Live has the numbers of the rows that exist.
	Live() vector.Bitmap
	// Values returns the values of a row.
	Values(row int) []schema.Value
}

// Select returns the rows that pass; nil where the filter lets everything through.
func (f Filter) Select(rows Rows) vector.Bitmap {
	if len(f) == 0 {
		return nil
	}
	live := rows.Live()
	passing := make(vector.Bitmap, len(live))
	for word, left := range live {
		for ; left != 0; left &= left - 1 {
			at := bits.TrailingZeros64(left)
			if f.Matches(rows.Values(word*64 + at)) {
				passing[word] |= 1 << at
			}
		}
	}
	return passing
}
