package approximate

import (
	"errors"
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

const (
	measuredQueries = 200
	measuredFew     = 50 // of these, after which a width that is much too small is left
	measuredLimit   = 10
	measuredAtOnce  = 16 // queries are asked while nothing is committed
	// The widths that are tried: each is larger than the one before by about stepWider.
	smallestWidth = 16
	stepWider     = 1.5
)

var errClosed = errors.New("the store is being closed")

// measure finds out how wide searches must be, where that is not known for about as many rows.
func (f *follower) measure(c *current) {
	known, rows := c.widths.Load(), c.graph.Len()
	if f.index.Width > 0 || 2*rows < f.index.MinimumRows || f.measuredFor(known) && rows < known.rows+known.rows/4 {
		return
	}
	m := meter{follower: f, current: c}
	if found, err := m.widths(known); err == nil { // else the next change is an occasion
		c.widths.Store(found)
	}
}

// meter measures a graph, of which it looks at the rows that are in it alone.
type meter struct {
	*follower
	*current
	live, linked vector.Bitmap
	snapshot     store.Snapshot
	blocks       []vector.Block
}

// probe is a query, and what there is to be found.
type probe struct {
	query []float32
	best  int     // how many rows, and
	floor float32 // the score of the last
}

func (m *meter) widths(known *widths) (*widths, error) {
	places, err := m.places()
	if err != nil {
		return nil, err
	}
	found := &widths{rows: m.graph.Len(), recall: m.index.Recall}
	from := func(width int) int { return max(smallestWidth, int(float64(width)/stepWider/stepWider)) }
	start := smallestWidth
	if m.measuredFor(known) {
		start = from(known.even)
	}
	if found.even, err = m.narrowest(places, start); err != nil {
		return nil, err
	}
	for part := range m.index.Parts {
		if len(m.index.Parts) == 1 {
			break
		}
		alone := make([][]float32, len(places))
		for i, place := range places {
			alone[i] = onlyPart(slices.Clone(place), m.index.Parts, part)
		}
		width, err := m.narrowest(alone, from(found.even))
		if err != nil {
			return nil, err
		}
		found.alone = append(found.alone, width)
	}
	return found, nil
}

// read shows the rows, a few queries at a time.
func (m *meter) read(use func() error) error {
	if m.isClosed() {
		return errClosed
	}
	return m.follower.store.Read(m.index.Schema, func(snapshot store.Snapshot) error {
		_, spans := store.SpansOf(snapshot)
		if m.numbers.meet(spans, m.graph) {
			return errOlder
		}
		m.snapshot, m.blocks = snapshot, snapshot.Blocks(m.index.Name)
		m.live = graph.LiveRows(m.blocks)
		m.linked = m.graph.Linked(m.live)
		return use()
	})
}

func (m *meter) search(query []float32) vector.Search {
	return vector.Search{
		Query: query, Limit: measuredLimit, Floor: math.Inf(-1), Allowed: m.linked, ID: m.snapshot.ID, Workers: max(1, m.index.Graph.Workers),
	}
}

func (m *meter) exactly(queries [][]float32) ([][]vector.Hit, error) {
	searches := make([]vector.Search, len(queries))
	for i, query := range queries {
		searches[i] = m.search(query)
	}
	return vector.RunMany(searches, m.blocks)
}

// places are between rows, always the same, and the last of the best for them.
func (m *meter) places() (places [][]float32, err error) {
	var drawn []int
	err = m.read(func() error {
		const seed = 2 // other rows than Recall's
		drawn = draw(m.linked, measuredQueries, seed)
		return nil
	})
	for some := range slices.Chunk(drawn, measuredAtOnce) {
		if err != nil {
			return nil, err
		}
		err = m.read(func() error {
			var vectors [][]float32
			for _, row := range some {
				if m.linked.Has(row) {
					vectors = append(vectors, slices.Clone(m.snapshot.Vector(m.index.Name, row)))
				}
			}
			near, err := m.exactly(vectors)
			for i, hits := range near {
				addLast(vectors[i], hits, m.snapshot, m.index.Name)
			}
			places = append(places, vectors...)
			return err
		})
	}
	return places, err
}

// narrowest is the width at which searches find the share that is asked for, less what chance may have added to it.
func (m *meter) narrowest(queries [][]float32, start int) (int, error) {
	probes, err := m.probes(queries)
	if err != nil {
		return 0, err
	}
	for width := start; ; {
		share, walked, err := m.share(probes, width)
		if err != nil {
			return 0, err
		}
		if !walked {
			return scored, nil
		}
		if share >= m.index.Recall {
			return width, nil
		}
		width = int(math.Ceil(float64(width) * stepWider))
	}
}

func (m *meter) probes(queries [][]float32) (probes []probe, err error) {
	for some := range slices.Chunk(queries, measuredAtOnce) {
		err := m.read(func() error {
			best, err := m.exactly(some)
			for i, hits := range best {
				if len(hits) > 0 {
					probes = append(probes, probe{some[i], len(hits), hits[len(hits)-1].Score})
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return probes, nil
}

// share is how much of the best rows searches of a width find: the mean less its standard error. walked says that most were answered by walks.
func (m *meter) share(probes []probe, width int) (share float64, walked bool, err error) {
	sum, squares, walks, n := 0.0, 0.0, 0, 0.0
	for some := range slices.Chunk(probes, measuredAtOnce) {
		err := m.read(func() error {
			for _, p := range some {
				hits, walked, err := m.graph.Try(m.search(p.query), width, m.blocks)
				if err != nil {
					return err
				}
				if walked {
					walks++
				}
				found := 0
				for _, hit := range hits {
					if hit.Score >= p.floor {
						found++
					}
				}
				one := float64(min(found, p.best)) / float64(p.best)
				n, sum, squares = n+1, sum+one, squares+one*one
			}
			return nil
		})
		if err != nil {
			return 0, false, err
		}
		if n >= measuredFew && (float64(walks) < n/2 || sum/n < m.index.Recall-0.05) {
			break
		}
	}
	if n == 0 {
		return 1, true, nil
	}
	mean := sum / n
	return mean - math.Sqrt(max(0, squares/n-mean*mean)/n), float64(walks) >= n/2, nil
}
