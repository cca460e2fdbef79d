package column

import (
	"math/bits"
	"slices"

	"github.com/innerspace/innerspace/core/vector"
)

// RowSet is a set of row numbers: a list of them where they are few, else a bitmap. A nil one is empty.
type RowSet struct {
	rows  []uint32      // ascending
	bits  vector.Bitmap // in place of rows where not nil
	count int
	// number is that of the text, in a column that remembers.
	number uint32
}

const (
	// A row takes 32 bits in a list, so a bitmap is smaller where more than one row in 32 is in the set.
	denseFrom = 32
	// It turns back into a list only where less than one in 64 is, so that a set at the border does not turn at every change.
	denseUntil = 64
	// fewRows are not worth a bitmap.
	fewRows = 64
)

// Count is the number of rows.
func (s *RowSet) Count() int {
	if s == nil {
		return 0
	}
	return s.count
}

func (s *RowSet) add(row int) {
	if s.bits == nil {
		s.addToList(row)
		return
	}
	if row/64 >= len(s.bits) {
		s.bits = extended(s.bits, row/64+1)
	}
	if !s.bits.Has(row) {
		s.bits.Add(row)
		s.count++
	}
	s.settle()
}

func (s *RowSet) addToList(row int) {
	// Rows of a growing table come in ascending order.
	if last := len(s.rows) - 1; last < 0 || int(s.rows[last]) < row {
		s.rows = append(s.rows, uint32(row))
	} else if at, found := slices.BinarySearch(s.rows, uint32(row)); !found {
		s.rows = slices.Insert(s.rows, at, uint32(row))
	}
	s.count = len(s.rows)
	if s.count <= fewRows || s.count <= int(s.rows[s.count-1])/denseFrom {
		return
	}
	s.bits = vector.NewBitmap(int(s.rows[s.count-1]) + 1)
	for _, row := range s.rows {
		s.bits.Add(int(row))
	}
	s.rows = nil
}

func (s *RowSet) remove(row int) {
	if s.bits == nil {
		if at, found := slices.BinarySearch(s.rows, uint32(row)); found {
			s.rows = slices.Delete(s.rows, at, at+1)
		}
		s.count = len(s.rows)
		return
	}
	if s.bits.Has(row) {
		s.bits[row/64] &^= 1 << (row % 64)
		s.count--
	}
	s.settle()
}

// settle makes a list of a bitmap that has become thin.
func (s *RowSet) settle() {
	if s.count >= len(s.bits)*64/denseUntil {
		return
	}
	s.rows = make([]uint32, 0, s.count)
	for row := range s.bits.All() {
		s.rows = append(s.rows, uint32(row))
	}
	s.bits = nil
}

// AddTo puts the rows of the words from up to to, of 64 rows each, into a bitmap that has these words.
func (s *RowSet) AddTo(into vector.Bitmap, from, to int) {
	if s == nil {
		return
	}
	if s.bits != nil {
		for at := from; at < min(to, len(s.bits)); at++ {
			into[at] |= s.bits[at]
		}
		return
	}
	first := 0
	if from > 0 {
		first, _ = slices.BinarySearch(s.rows, uint32(from*64))
	}
	for _, row := range s.rows[first:] {
		if int(row) >= to*64 {
			return
		}
		into.Add(int(row))
	}
}

// Keep leaves of the words from up to to of a bitmap only the rows of the set.
func (s *RowSet) Keep(in vector.Bitmap, from, to int) {
	if s == nil {
		clear(in[from:to])
		return
	}
	next := 0
	if s.bits == nil {
		next, _ = slices.BinarySearch(s.rows, uint32(from*64))
	}
	for at := from; at < to; at++ {
		var word uint64
		if at < len(s.bits) {
			word = s.bits[at]
		}
		for ; next < len(s.rows) && int(s.rows[next]/64) == at; next++ {
			word |= 1 << (s.rows[next] % 64)
		}
		in[at] &= word
	}
}

// CountIn is how many of the rows are in a bitmap.
func (s *RowSet) CountIn(within vector.Bitmap) (n int) {
	if s == nil {
		return 0
	}
	for at := range min(len(s.bits), len(within)) {
		n += bits.OnesCount64(s.bits[at] & within[at])
	}
	inside, _ := slices.BinarySearch(s.rows, uint32(len(within)*64))
	for _, row := range s.rows[:inside] {
		n += int(within[row/64] >> (row % 64) & 1) // without a branch, which nobody could foresee
	}
	return n
}
