package graph

import (
	"math/bits"

	"github.com/innerspace/innerspace/core/vector"
)

// LiveRows has a bit for each row of blocks that counts.
func LiveRows(blocks []vector.Block) vector.Bitmap { return liveRows(nil, blocks) }

// liveRows is LiveRows in the memory of a bitmap that is not used any more.
func liveRows(used vector.Bitmap, blocks []vector.Block) vector.Bitmap {
	rows := 0
	for _, block := range blocks {
		rows = max(rows, block.First+block.Rows)
	}
	live := sized(used, (rows+63)/64+1) // one more, into which a block that begins inside a word may spill nothing
	clear(live)
	for _, block := range blocks {
		at, shift := block.First/64, block.First%64
		for i := range (block.Rows + 63) / 64 {
			word := ^uint64(0)
			if block.Live != nil {
				word = block.Live[i]
			}
			if left := block.Rows - i*64; left < 64 {
				word &= 1<<left - 1
			}
			live[at+i] |= word << shift
			if shift > 0 {
				live[at+i+1] |= word >> (64 - shift)
			}
		}
	}
	return live
}

// sized is a bitmap of some words, of any content, in the memory of one that is not used any more where it has room.
func sized(used vector.Bitmap, words int) vector.Bitmap {
	if cap(used) < words {
		return make(vector.Bitmap, words)
	}
	return used[:words]
}

// Linked are the rows of live that a walk can find.
func (g *Graph) Linked(live vector.Bitmap) vector.Bitmap {
	g.mu.RLock()
	defer g.mu.RUnlock()
	linked := make(vector.Bitmap, len(live))
	for i := range linked {
		linked[i] = live[i] & wordOf(g.linked, i)
	}
	return linked
}

// Differences are the rows of live that a walk cannot find, and those that it can and that are not in live, each in order.
func (g *Graph) Differences(live vector.Bitmap) (missing, gone []int) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for i := range max(len(live), len(g.linked)) {
		there, linked := wordOf(live, i), wordOf(g.linked, i)
		missing = appendRows(missing, i, there&^linked)
		gone = appendRows(gone, i, linked&^there)
	}
	return missing, gone
}

func appendRows(rows []int, word int, set uint64) []int {
	for ; set != 0; set &= set - 1 {
		rows = append(rows, word*64+bits.TrailingZeros64(set))
	}
	return rows
}
