package filter

import (
	"math/bits"
	"slices"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/vector"
)

// between matches numbers from low to high, both included.
type between struct{ low, high int64 }

func (between) cost() cost { return ofNumbers }

func (m between) match(c *column.Column, need, into vector.Bitmap, in span) {
	if o, any := operandsOf(c, need, into, in); any {
		chosen.between(o, m.low, uint64(m.high)-uint64(m.low))
	}
}

// none matches nothing.
type none struct{}

func (none) cost() cost { return ofLists }

func (none) match(*column.Column, vector.Bitmap, vector.Bitmap, span) {}

// oneOf matches numbers of a list.
func oneOf(list []int64) matcher {
	if len(list) == 0 {
		return none{}
	}
	low := slices.Min(list)
	if width := uint64(slices.Max(list)) - uint64(low); width < widestTable {
		return newNumberTable(list, low, int(width))
	}
	if len(list) <= fewNumbers {
		return eachOf(list)
	}
	return newNumberSet(list)
}

// fewNumbers are looked for one after the other sooner than in a set.
const fewNumbers = 100

// eachOf matches a few numbers.
type eachOf []int64

func (m eachOf) cost() cost { return cost(len(m)) * ofNumbers }

func (m eachOf) match(c *column.Column, need, into vector.Bitmap, in span) {
	if o, any := operandsOf(c, need, into, in); any {
		for _, number := range m {
			chosen.between(o, number, 0)
		}
	}
}

// widestTable is the size of the largest table, which a processor's second cache holds with ease.
const widestTable = 1 << 16

// numberTable matches numbers that do not lie far from one another.
type numberTable struct {
	matches []uint8 // 1 at number - low; the last one is 0, and stands for all that is beyond
	low     int64
}

func newNumberTable(list []int64, low int64, width int) numberTable {
	m := numberTable{matches: make([]uint8, width+2), low: low}
	for _, number := range list {
		m.matches[uint64(number)-uint64(low)] = 1
	}
	return m
}

func (numberTable) cost() cost { return ofTable }

func (m numberTable) match(c *column.Column, need, into vector.Bitmap, in span) {
	if o, any := operandsOf(c, need, into, in); any {
		oneOfTable(o, m.low, m.matches)
	}
}

// numberSet matches any numbers: a hash table of twice as many places as there are numbers or more, a power of two. It
// is asked for each row, so it must be quicker than a map.
type numberSet struct {
	places []int64
	taken  []bool
	shift  int
}

func newNumberSet(list []int64) numberSet {
	size := bits.Len(uint(2*len(list) - 1))
	m := numberSet{places: make([]int64, 1<<size), taken: make([]bool, 1<<size), shift: 64 - size}
	for _, number := range list {
		at := m.place(number)
		m.places[at], m.taken[at] = number, true
	}
	return m
}

// place is where a number is, or would be.
func (m numberSet) place(number int64) int {
	at := int(uint64(number) * 0x9e3779b97f4a7c15 >> m.shift)
	for m.taken[at] && m.places[at] != number {
		at = (at + 1) & (len(m.places) - 1)
	}
	return at
}

func (numberSet) cost() cost { return ofSet }

func (m numberSet) match(c *column.Column, need, into vector.Bitmap, in span) {
	present, values := c.Present(), c.Numbers()
	for at := in.from; at < min(in.to, len(present)); at++ {
		for asked := need[at] & present[at] &^ into[at]; asked != 0; asked &= asked - 1 {
			i := bits.TrailingZeros64(asked)
			if m.taken[m.place(values[at*64+i])] {
				into[at] |= 1 << i
			}
		}
	}
}
