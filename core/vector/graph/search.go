package graph

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// What decides between a walk and the exact scan. Measured: a walk compares about evaluatedPerWidth nodes for each of its width, over
// the share of rows that may be found; and it compares one in the time in which a scan compares about scannedPerEvaluation.
const (
	evaluatedPerWidth    = 6
	scannedPerEvaluation = 4
)

// Search answers as search.Run does over the same blocks, of which the graph may have some rows or all, but approximately: it
// walks the graph keeping width candidates, scores what it found exactly, and scores the rows that are not in the graph as well.
// The wider, the more of the best rows are among the candidates. Where so few rows are allowed that scoring them all is no more
// work, or where a walk finds that after all, that is done, and the answer is exact; so it is for a search without a limit.
func (g *Graph) Search(search vector.Search, width int, blocks []vector.Block) ([]vector.Hit, error) {
	if len(search.Query) != g.dimension {
		return nil, errs.New(errs.Internal, "a query of length %d for an approximate index of dimension %d", len(search.Query), g.dimension)
	}
	if search.Limit == 0 {
		return nil, nil
	}
	candidates, rest, err := g.candidates(search, width, blocks)
	if err != nil {
		return nil, err
	}
	if candidates == nil {
		return search.Run(blocks)
	}
	found := ranked{search: search}
	if rest != nil {
		others := search
		others.Allowed = rest
		if found.hits, err = others.Run(blocks); err != nil {
			return nil, err
		}
	}
	for _, c := range candidates {
		if found.reaches(float64(c.key) + float64(c.slack)) {
			found.add(vector.Hit{Row: int(c.row), Score: vector.Dot(search.Query, vectorIn(blocks, int(c.row), g.dimension))})
		}
	}
	return found.hits, nil
}

// candidates returns what a walk found, and the rows that it could not find because they are not in the graph, nil where there
// are none. No candidates at all mean that the exact search is to be used.
func (g *Graph) candidates(search vector.Search, width int, blocks []vector.Block) (found []candidate, rest vector.Bitmap, err error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.memory.graph == nil || g.rows == 0 || search.Limit < 0 {
		return nil, nil, nil
	}
	width = max(width, search.Limit)
	allowed, rest := LiveRows(blocks), vector.Bitmap(nil)
	count := 0
	for i := range allowed {
		wanted := allowed[i]
		if search.Allowed != nil {
			wanted &= wordOf(search.Allowed, i)
		}
		allowed[i] = wanted & wordOf(g.linked, i)
		count += bits.OnesCount64(allowed[i])
		if left := wanted &^ allowed[i]; left != 0 {
			if rest == nil {
				rest = make(vector.Bitmap, len(allowed))
			}
			rest[i] = left
		}
	}
	if count == 0 || evaluatedPerWidth*float64(width)*float64(g.rows)/float64(count)*scannedPerEvaluation > float64(count) {
		return nil, nil, nil
	}
	found, complete, err := g.walk(search.Query, width, allowed, count/scannedPerEvaluation)
	if err != nil || !complete || len(found) < min(width, count) {
		return nil, nil, err
	}
	return found, rest, nil
}

func wordOf(bitmap vector.Bitmap, i int) uint64 {
	if i < len(bitmap) {
		return bitmap[i]
	}
	return 0
}

// vectorIn returns a row's vector from blocks in the order of their rows.
func vectorIn(blocks []vector.Block, row, dimension int) []float32 {
	i, found := slices.BinarySearchFunc(blocks, row, func(block vector.Block, row int) int { return cmp.Compare(block.First, row) })
	if !found {
		i--
	}
	at := (row - blocks[i].First) * dimension
	return blocks[i].Vectors[at : at+dimension]
}

// ranked keeps the best hits of a search in order.
type ranked struct {
	search vector.Search
	hits   []vector.Hit
}

// reaches says whether a row of at most this score can be among the best.
func (r *ranked) reaches(most float64) bool {
	return len(r.hits) < r.search.Limit || most >= float64(r.hits[len(r.hits)-1].Score)
}

func (r *ranked) add(hit vector.Hit) {
	if !math.IsInf(r.search.Floor, -1) && !(float64(hit.Score) >= r.search.Floor) {
		return
	}
	at, _ := slices.BinarySearchFunc(r.hits, hit, func(a, b vector.Hit) int {
		if a.Score != b.Score {
			return cmp.Compare(b.Score, a.Score)
		}
		return cmp.Compare(r.search.ID(a.Row), r.search.ID(b.Row))
	})
	if at < r.search.Limit {
		r.hits = slices.Insert(r.hits, at, hit)
		r.hits = r.hits[:min(len(r.hits), r.search.Limit)]
	}
}
