package vector

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

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
	ID      func(int) string // name of a row, by which equal scores are ordered; called by several goroutines
	Workers int              // goroutines at most
}

// parallelFrom is the number of entries from which a second goroutine pays.
const parallelFrom = 1 << 20

// Run scores every live vector that is allowed against the query and returns the hits, highest score first, equal
// scores by id (byte order, which for UTF-8 is code point order). Scores are those of Dot, and the hits those of scoring all vectors by it, though
// blocks with Codes are scanned by these and few of their vectors read. A panic of a goroutine comes back as an Internal error.
func (s Search) Run(blocks []Block) ([]Hit, error) {
	found, err := RunMany([]Search{s}, blocks)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// RunMany runs several searches, whose queries must have one length, on the same blocks. It returns what each of them would, sooner: what is
// read of the blocks serves all of them, and where the processor can, several are scored in one go. At most the largest number of Workers run.
func RunMany(searches []Search, blocks []Block) ([][]Hit, error) {
	hits := make([][]Hit, len(searches))
	for _, s := range searches {
		if len(s.Query) != len(searches[0].Query) {
			return nil, errs.New(errs.Internal, "queries of dimension %d and %d cannot run together", len(searches[0].Query), len(s.Query))
		}
	}
	r := newRun(searches, blocks)
	if r == nil {
		return hits, nil
	}
	workers := make([]*worker, r.workers)
	failures := make([]error, r.workers)
	var next atomic.Int64
	work := func(i int) {
		failures[i] = errs.Contain("scoring the rows", func() error {
			workers[i] = r.worker()
			for at := int(next.Add(1)) - 1; at < len(r.chunks); at = int(next.Add(1)) - 1 {
				workers[i].scan(r.chunks[at])
			}
			return nil
		})
	}
	var group sync.WaitGroup
	for i := 1; i < r.workers; i++ {
		group.Go(func() { work(i) })
	}
	work(0) // here, so that a short search need not wait for any goroutine to start
	group.Wait()
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}
	for i, j := range r.jobs {
		var all []Hit
		for _, w := range workers {
			all = append(all, w.best[i].hits...)
		}
		slices.SortFunc(all, j.compare)
		if j.Limit > 0 && len(all) > j.Limit {
			all = all[:j.Limit]
		}
		hits[j.number] = all
	}
	for _, w := range workers {
		w.done()
	}
	return hits, nil
}

func (s Search) compare(a, b Hit) int {
	if order := cmp.Compare(b.Score, a.Score); order != 0 {
		return order
	}
	return cmp.Compare(s.ID(a.Row), s.ID(b.Row))
}

func (s Search) before(a, b Hit) bool { return s.compare(a, b) < 0 }
