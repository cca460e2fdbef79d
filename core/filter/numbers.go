package filter

import (
	"math/bits"
	"slices"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/vector"
)

// between matches numbers from low to high, both included.
type between struct{ low, high int64 }

func (m between) reads() bool { return true }

func (m between) match(c *column.Column, need, into vector.Bitmap, in span) {
	// Shifted by low, the numbers in the range are those up to width without a sign: one comparison in place of two.
	width := uint64(m.high) - uint64(m.low)
	present, values := c.Present(), c.Numbers()
	for at := in.from; at < min(in.to, len(present)); at++ {
		wanted := need[at] & present[at] &^ into[at]
		if wanted == 0 {
			continue
		}
		into[at] |= wanted & within((*[64]int64)(values[at*64:]), m.low, width)
	}
}

// within has a bit set for each number of a word that is at most width above low.
func within(values *[64]int64, low int64, width uint64) (word uint64) {
	for i := 0; i < 64; i += 8 {
		v := (*[8]int64)(values[i : i+8])
		// Bits of numbers that are too high: the borrow of a subtraction is one without a branch.
		_, b0 := bits.Sub64(width, uint64(v[0]-low), 0)
		_, b1 := bits.Sub64(width, uint64(v[1]-low), 0)
		_, b2 := bits.Sub64(width, uint64(v[2]-low), 0)
		_, b3 := bits.Sub64(width, uint64(v[3]-low), 0)
		_, b4 := bits.Sub64(width, uint64(v[4]-low), 0)
		_, b5 := bits.Sub64(width, uint64(v[5]-low), 0)
		_, b6 := bits.Sub64(width, uint64(v[6]-low), 0)
		_, b7 := bits.Sub64(width, uint64(v[7]-low), 0)
		word |= (b0 | b1<<1 | b2<<2 | b3<<3 | b4<<4 | b5<<5 | b6<<6 | b7<<7) << i
	}
	return ^word
}

// oneOf matches numbers of a set: a hash table of twice as many places as there are numbers or more, a power of two. It
// is asked for each row, so it must be quicker than a map.
type oneOf struct {
	places []int64
	taken  []bool
	shift  int
	low    int64 // the lowest and
	width  uint64
}

func newOneOf(list []int64) oneOf {
	if len(list) == 0 {
		return oneOf{}
	}
	size := bits.Len(uint(2*len(list) - 1))
	m := oneOf{places: make([]int64, 1<<size), taken: make([]bool, 1<<size), shift: 64 - size, low: slices.Min(list)}
	m.width = uint64(slices.Max(list)) - uint64(m.low)
	for _, number := range list {
		at := m.place(number)
		m.places[at], m.taken[at] = number, true
	}
	return m
}

// place is where a number is, or would be.
func (m oneOf) place(number int64) int {
	at := int(uint64(number) * 0x9e3779b97f4a7c15 >> m.shift)
	for m.taken[at] && m.places[at] != number {
		at = (at + 1) & (len(m.places) - 1)
	}
	return at
}

func (m oneOf) reads() bool { return true }

func (m oneOf) match(c *column.Column, need, into vector.Bitmap, in span) {
	if len(m.places) == 0 {
		return
	}
	present, values := c.Present(), c.Numbers()
	for at := in.from; at < min(in.to, len(present)); at++ {
		wanted := need[at] & present[at] &^ into[at]
		if wanted != 0 {
			wanted &= within((*[64]int64)(values[at*64:]), m.low, m.width)
		}
		for ; wanted != 0; wanted &= wanted - 1 {
			i := bits.TrailingZeros64(wanted)
			if m.taken[m.place(values[at*64+i])] {
				into[at] |= 1 << i
			}
		}
	}
}
