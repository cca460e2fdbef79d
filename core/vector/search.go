package vector

import (
	"cmp"
	"container/heap"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
)

// Block is a run of vectors that lie one after the other in memory.
type Block struct {
	First   int       // row number of the first vector
	Rows    int       // how many vectors
	Vectors []float32 // [Rows][dimension]
	Codes   Codes     // of the vectors; zero: none
	Live    []uint64  // bit i set: vector i counts; nil: all do
}

// live returns a word of the bits of Live.
func (b Block) live(word int) uint64 {
	if b.Live == nil {
		return math.MaxUint64
	}
	return b.Live[word]
}

// Hit is a row found.
type Hit struct {
	Row   int
	Score float32
}

// Search is what to look for.
type Search struct {
	Query   []float32
	Limit   int              // at most so many hits; negative: no limit
	Floor   float64          // only scores of at least Floor; -Inf: all
	Allowed Bitmap           // rows that may be found; nil: all. Others are not even scored
	ID      func(int) string // name of a row, by which equal scores are ordered
	Workers int              // goroutines at most
}

// parallelFrom is the number of multiplications from which a second goroutine pays.
const parallelFrom = 1 << 20

// Run scores every live vector that is allowed against the query and returns the hits, highest score first, equal
// scores by id (byte order, which for UTF-8 is code point order). A panic of a goroutine comes back as an Internal error.
func (s Search) Run(blocks []Block) ([]Hit, error) {
	if s.Limit == 0 {
		return nil, nil
	}
	total := 0
	for _, block := range blocks {
		total += s.work(block)
	}
	workers := max(1, min(s.Workers, len(blocks), total/parallelFrom+1))
	found := make([]*best, workers)
	failures := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		found[w] = &best{limit: s.Limit, before: s.before}
		group.Go(func() {
			failures[w] = errs.Contain("scoring the rows", func() error {
				for i := w; i < len(blocks); i += workers {
					s.scan(blocks[i], found[w])
				}
				return nil
			})
		})
	}
	group.Wait()
	hits := found[0].hits
	for w := range workers {
		if failures[w] != nil {
			return nil, failures[w]
		}
		if w > 0 {
			hits = append(hits, found[w].hits...)
		}
	}
	slices.SortFunc(hits, s.compare)
	if s.Limit > 0 && len(hits) > s.Limit {
		hits = hits[:s.Limit]
	}
	return hits, nil
}

// work is the number of multiplications that scanning a block takes.
func (s Search) work(block Block) int {
	if s.Allowed == nil {
		return len(block.Vectors)
	}
	rows := 0
	for word := range (block.Rows + 63) / 64 {
		rows += bits.OnesCount64(s.wanted(block, word))
	}
	return rows * len(s.Query)
}

// wanted has a bit set for each row of a word of the block that is to be scored.
func (s Search) wanted(block Block, word int) uint64 {
	wanted := block.live(word)
	if rest := block.Rows - word*64; rest < 64 {
		wanted &= 1<<rest - 1
	}
	if s.Allowed != nil {
		wanted &= s.Allowed.word(block.First + word*64)
	}
	return wanted
}

func (s Search) scan(block Block, found *best) {
	dimension := len(s.Query)
	everything := math.IsInf(s.Floor, -1)
	for word := range (block.Rows + 63) / 64 {
		for wanted := s.wanted(block, word); wanted != 0; wanted &= wanted - 1 {
			i := word*64 + bits.TrailingZeros64(wanted)
			score := Dot(s.Query, block.Vectors[i*dimension:(i+1)*dimension])
			if everything || float64(score) >= s.Floor {
				found.add(Hit{Row: block.First + i, Score: score})
			}
		}
	}
}
func (s Search) compare(a, b Hit) int {
	if a.Score != b.Score {
		return cmp.Compare(b.Score, a.Score)
	}
	return cmp.Compare(s.ID(a.Row), s.ID(b.Row))
}

func (s Search) before(a, b Hit) bool { return s.compare(a, b) < 0 }

// best keeps the limit best hits; its heap has the worst of them on top.
type best struct {
	hits   []Hit
	limit  int
	before func(a, b Hit) bool
}

func (b *best) add(hit Hit) {
	switch {
	case b.limit < 0:
		b.hits = append(b.hits, hit)
	case len(b.hits) < b.limit:
		heap.Push(b, hit)
	case b.before(hit, b.hits[0]):
		b.hits[0] = hit
		heap.Fix(b, 0)
	}
}

func (b *best) Len() int           { return len(b.hits) }
func (b *best) Less(i, j int) bool { return b.before(b.hits[j], b.hits[i]) }
func (b *best) Swap(i, j int)      { b.hits[i], b.hits[j] = b.hits[j], b.hits[i] }
func (b *best) Push(x any)         { b.hits = append(b.hits, x.(Hit)) }
func (b *best) Pop() any {
	last := b.hits[len(b.hits)-1]
	b.hits = b.hits[:len(b.hits)-1]
	return last
}
