package disk

import (
	"math/bits"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/segment"
	"github.com/innerspace/innerspace/core/vector"
)

// blockRows is the number of vectors in a block at most: 2 MB of them at 512 dimensions. It is a multiple of segment.Unit.
const blockRows = 1024

// blocks are the blocks of an index, made when they are first asked for.
type blocks struct {
	mu   sync.Mutex
	made bool
	list []vector.Block
}

// vector returns the vector of a row, verified; nil where it has none.
func (t *tableState) vector(i *indexState, row int) ([]float32, error) {
	at := t.spanOf(row)
	if row < 0 || at < 0 || !i.present.Has(row) {
		return nil, nil
	}
	if i.segments[at] == nil {
		return nil, errs.New(errs.InvalidInput, "the vector of row %d is in a segment that cannot be used", row)
	}
	place := row - t.spans[at].first
	set := make(vector.Bitmap, place/64+1)
	set.Add(place)
	damaged, _, err := i.segments[at].Check(set, 0)
	if err == nil && len(damaged) > 0 {
		err = damagedVectors(i.segments[at], damaged)
	}
	if err != nil {
		return nil, err
	}
	return i.segments[at].Vectors(place, 1), nil
}

func damagedVectors(s *openSegment, rows []int) error {
	return errs.New(errs.InvalidInput, "%d vectors in %s do not have their checksum, the first in row %d: the file is damaged. Verify the store and repair it, or take a copy that is not",
		len(rows), s.Path(), rows[0])
}

// all returns the blocks of an index. Each vector is verified before it is first given out, by this process.
func (i *indexState) all(t *tableState) ([]vector.Block, error) {
	i.blocks.mu.Lock()
	defer i.blocks.mu.Unlock()
	if i.blocks.made {
		return i.blocks.list, nil
	}
	var list []vector.Block
	for at, sp := range t.spans {
		some, err := i.blocksOf(at, sp)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	i.blocks.list, i.blocks.made = list, true
	return list, nil
}

// blocksOf are the blocks of a span.
func (i *indexState) blocksOf(at int, sp *span) (list []vector.Block, err error) {
	set := wordsOf(i.present, sp.first, sp.capacity)
	if i.segments[at] == nil || set.Count() == 0 {
		return nil, nil
	}
	badCodes, err := verify(i.segments[at], set, i.used[at])
	if err != nil {
		return nil, err
	}
	for first := 0; first < i.used[at]; first += blockRows {
		rows := min(blockRows, i.used[at]-first)
		whole := rows / segment.Unit * segment.Unit // have codes
		if badCodes[first/blockRows] {
			whole = 0
		}
		for _, part := range [][2]int{{first, whole}, {first + whole, rows - whole}} {
			if block, ok := i.block(at, sp, part[0], part[1], part[1] == whole); ok {
				list = append(list, block)
			}
		}
	}
	return list, nil
}

// block is a run of rows of a span; false where none of them has a vector.
func (i *indexState) block(at int, sp *span, first, rows int, coded bool) (vector.Block, bool) {
	live := wordsOf(i.present, sp.first+first, rows)
	count := live.Count()
	if count == 0 {
		return vector.Block{}, false
	}
	block := vector.Block{First: sp.first + first, Rows: rows, Vectors: i.segments[at].Vectors(first, rows)}
	if count < rows {
		block.Live = live[:len(live):len(live)].Reaching(rows - 1) // what lies behind it is of others
	}
	if coded {
		block.Codes = i.segments[at].Codes(first, rows)
	}
	return block, true
}

// verify checks the rows of a set on several goroutines. It returns the blocks of which codes are damaged: they are made from
// the vectors, and so is their place in a search.
func verify(s *openSegment, set vector.Bitmap, used int) (badCodes map[int]bool, err error) {
	if s.Known(set, used) {
		return nil, nil
	}
	const words = 1 << 6
	var (
		mu      sync.Mutex
		damaged []int
		group   sync.WaitGroup
	)
	badCodes = map[int]bool{}
	for from := 0; from < len(set); from += words {
		part := make(vector.Bitmap, min(from+words, len(set)))
		if copy(part[from:], set[from:]); part.Count() == 0 {
			continue
		}
		check := func() {
			rows, codes, failed := s.Check(part, used)
			mu.Lock()
			defer mu.Unlock()
			damaged = append(damaged, rows...)
			for _, row := range codes {
				badCodes[row/blockRows] = true
			}
			if err == nil {
				err = failed
			}
		}
		group.Go(check)
	}
	group.Wait()
	if err == nil && len(damaged) > 0 {
		err = damagedVectors(s, damaged)
	}
	return badCodes, err
}

// last is the highest row of a bitmap; -1 where it is empty.
func last(bitmap vector.Bitmap) int {
	for at := len(bitmap) - 1; at >= 0; at-- {
		if bitmap[at] != 0 {
			return at*64 + 63 - bits.LeadingZeros64(bitmap[at])
		}
	}
	return -1
}
