package vector

import (
	"iter"
	"math/bits"
)

// Bitmap is a set of row numbers: bit i%64 of word i/64 is set where i is in it. Rows past its end are not.
type Bitmap []uint64

// NewBitmap returns an empty set of row numbers below rows.
func NewBitmap(rows int) Bitmap { return make(Bitmap, (rows+63)/64) }

// Add puts a row in, which must be below the number that the bitmap was made for.
func (b Bitmap) Add(row int) { b[row/64] |= 1 << (row % 64) }

// Reaching returns the set with room for a row; rows that it had no room for are not in it.
func (b Bitmap) Reaching(row int) Bitmap {
	if missing := row/64 + 1 - len(b); missing > 0 {
		return append(b, make(Bitmap, missing)...)
	}
	return b
}

// Has says whether a row is in the set.
func (b Bitmap) Has(row int) bool { return row/64 < len(b) && b[row/64]&(1<<(row%64)) != 0 }

// Count returns how many rows are in the set.
func (b Bitmap) Count() (n int) {
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// All yields the rows of the set in order.
func (b Bitmap) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for at, word := range b {
			for ; word != 0; word &= word - 1 {
				if !yield(at*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// word returns the bits of 64 rows from first on, which need not be a multiple of 64.
func (b Bitmap) word(first int) uint64 {
	at, shift := first/64, first%64
	if at >= len(b) {
		return 0
	}
	word := b[at] >> shift
	if shift > 0 && at+1 < len(b) {
		word |= b[at+1] << (64 - shift)
	}
	return word
}
