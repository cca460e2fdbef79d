package approximate

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// current is a graph, and what is known of it.
type current struct {
	graph   *graph.Graph
	numbers numbers
	widths  atomic.Pointer[widths] // nil: not measured yet

	// Of the goroutine that follows.
	changes int           // rows that came, went or got another number since the graph was kept
	tried   vector.Bitmap // rows that no node was found for
}

// search answers searches of a snapshot.
func (f *follower) search(snapshot store.Snapshot, searches []vector.Search) ([][]vector.Hit, error) {
	generation, spans := store.SpansOf(snapshot)
	if generation != f.followed.Load() {
		f.follow() // another process may have committed, or a compaction
	}
	c := f.current.Load()
	c.numbers.meet(spans, c.graph)
	each := make([]int, len(searches))
	for i, search := range searches {
		each[i] = f.width(c, search.Query, search.Limit)
	}
	return c.graph.SearchMany(searches, each, snapshot.Blocks(f.index.Name))
}

// numbers knows which spans the rows of a graph are of. A store that lasts gives numbers out again, in spans of their own.
type numbers struct {
	mu    sync.Mutex
	spans []store.Span // by First
	last  []store.Span // that were met
}

// meet takes note of the spans of a snapshot, and takes rows out of the graph whose numbers are those of later ones now. older says that the
// snapshot has such an earlier span itself: the graph is ahead of it.
func (n *numbers) meet(spans []store.Span, g *graph.Graph) (older bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.Equal(n.last, spans) {
		return false
	}
	for _, span := range spans {
		older = n.take(span, g) || older
	}
	if !older {
		n.last = spans
	}
	return older
}

// take takes note of one span. The caller holds mu, so that nobody searches before the rows are out.
func (n *numbers) take(span store.Span, g *graph.Graph) (older bool) {
	var ended []store.Span
	for _, known := range n.spans {
		switch {
		case known.First >= span.First+span.Rows || span.First >= known.First+known.Rows:
		case known == span:
			return false
		case known.ID > span.ID:
			return true
		default:
			ended = append(ended, known)
		}
	}
	for _, known := range ended {
		rows := make([]int, known.Rows)
		for i := range rows {
			rows[i] = known.First + i
		}
		g.Delete(rows)
	}
	n.spans = slices.DeleteFunc(n.spans, func(known store.Span) bool { return slices.Contains(ended, known) })
	at, _ := slices.BinarySearchFunc(n.spans, span, func(a, b store.Span) int { return a.First - b.First })
	n.spans = slices.Insert(n.spans, at, span)
	return false
}

// all are the spans that were met and not replaced.
func (n *numbers) all() []store.Span {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.spans)
}
