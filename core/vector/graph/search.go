package graph

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// What decides between a walk and the exact scan. Measured: a walk compares about evaluatedPerWidth nodes for each of its width, over
// the share of rows that may be found; and it compares one in the time in which a scan compares about scannedPerEvaluation.
const (
	evaluatedPerWidth    = 6
	scannedPerEvaluation = 12
)

// Search answers as search.Run does over the same blocks, of which the graph may have some rows or all, but approximately: it
// walks the graph keeping width candidates, scores what it found exactly, and scores the rows that are not in the graph as well.
// The wider, the more of the best rows are among the candidates. Where so few rows are allowed that scoring them all is no more
// work, or where a walk finds that after all, that is done, and the answer is exact; so it is for a search without a limit.
func (g *Graph) Search(search vector.Search, width int, blocks []vector.Block) ([]vector.Hit, error) {
	hits, err := g.SearchMany([]vector.Search{search}, []int{width}, blocks)
	if err != nil {
		return nil, err
	}
	return hits[0], nil
}

// SearchMany answers several searches, each of a width of its own: as Search would one by one, sooner where rows are scored, for what is read
// of them serves all searches.
func (g *Graph) SearchMany(searches []vector.Search, widths []int, blocks []vector.Block) ([][]vector.Hit, error) {
	found, err := g.walks(searches, widths, blocks)
	if err != nil {
		return nil, err
	}
	scored, err := vector.RunMany(found.scans, blocks)
	if err != nil {
		return nil, err
	}
	hits := make([][]vector.Hit, len(searches))
	for i, search := range searches {
		if at := found.scan[i]; at >= 0 {
			hits[i] = scored[at]
		}
		hits[i] = g.rank(search, hits[i], found.candidates[i], blocks)
	}
	return hits, nil
}

// Try is Search that says whether a walk answers; where it does not, nothing is found.
func (g *Graph) Try(search vector.Search, width int, blocks []vector.Block) (hits []vector.Hit, walked bool, err error) {
	found, err := g.walks([]vector.Search{search}, []int{width}, blocks)
	if err != nil || found.candidates[0] == nil {
		return nil, false, err
	}
	return g.rank(search, nil, found.candidates[0], blocks), true, nil
}

// rank scores candidates exactly and puts them among hits.
func (g *Graph) rank(search vector.Search, hits []vector.Hit, candidates []candidate, blocks []vector.Block) []vector.Hit {
	best := ranked{search: search, hits: hits}
	for _, c := range candidates {
		if best.reaches(float64(c.key) + float64(c.slack)) {
			best.add(vector.Hit{Row: int(c.row), Score: vector.Dot(search.Query, vectorIn(blocks, int(c.row), g.dimension))})
		}
	}
	return best.hits
}

// walked is what the walks of several searches found.
type walked struct {
	candidates [][]candidate   // of each search; none where it is scanned
	scans      []vector.Search // over rows that walks cannot find, or over all
	scan       []int           // of each search its place in scans; -1: it has none
}

// bitmapPair is what a call of walks works with.
type bitmapPair struct{ live, allowed vector.Bitmap }

var bitmaps sync.Pool

func (g *Graph) walks(searches []vector.Search, widths []int, blocks []vector.Block) (*walked, error) {
	// Of a million rows a bitmap has 125 kB: new memory for two of them would take longer than a narrow walk.
	lent, _ := bitmaps.Get().(*bitmapPair)
	if lent == nil {
		lent = &bitmapPair{}
	}
	defer bitmaps.Put(lent)
	lent.live = liveRows(lent.live, blocks)
	lent.allowed = sized(lent.allowed, len(lent.live))
	found := &walked{candidates: make([][]candidate, len(searches)), scan: make([]int, len(searches))}
	for i, search := range searches {
		if len(search.Query) != g.dimension {
			return nil, errs.New(errs.Internal, "a query of length %d for an approximate index of dimension %d", len(search.Query), g.dimension)
		}
		found.scan[i] = -1
		if search.Limit == 0 {
			continue
		}
		candidates, rest, err := g.candidates(search, widths[i], lent.live, lent.allowed)
		if err != nil {
			return nil, err
		}
		found.candidates[i] = candidates
		if candidates == nil || rest != nil {
			found.scan[i] = len(found.scans)
			if rest != nil {
				search.Allowed = rest
			}
			found.scans = append(found.scans, search)
		}
	}
	return found, nil
}

// candidates returns what a walk found, and the rows that it could not find because they are not in the graph, nil where there
// are none. No candidates at all mean that the exact search is to be used. allowed is overwritten.
func (g *Graph) candidates(search vector.Search, width int, live, allowed vector.Bitmap) (found []candidate, rest vector.Bitmap, err error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.memory.graph == nil || g.rows == 0 || search.Limit < 0 {
		return nil, nil, nil
	}
	width = max(width, search.Limit)
	count := 0
	for i := range live {
		wanted := live[i]
		if search.Allowed != nil {
			wanted &= wordOf(search.Allowed, i)
		}
		allowed[i] = wanted & wordOf(g.linked, i)
		count += bits.OnesCount64(allowed[i])
		if left := wanted &^ allowed[i]; left != 0 {
			if rest == nil {
				rest = make(vector.Bitmap, len(live))
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
