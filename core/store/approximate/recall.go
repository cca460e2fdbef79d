package approximate

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// Recall is how much of the best rows searches of an index find, measured on rows of its own.
type Recall struct {
	Rows      int       // rows that have a vector
	GraphRows int       // of which the graph has
	Queries   int       // each between a row that was drawn at random and one that is near to it
	Share     float64   // of the best rows that was found, all parts weighing what they do in the rows
	Parts     []float64 // the same with one part weighing alone; nil where there is only one
	// Medians of a search's time, all parts weighing.
	Approximate, Exact time.Duration
	Width              int // of a search that weighs all parts; 0: all rows are scored
}

// Recall waits until the graph has caught up, and then asks for limit rows at each of some places between two rows: the rows themselves, of
// which the graph has nodes, would be found too easily. While there are too few rows for a graph all is found, exactly.
func (s *Store) Recall(ctx context.Context, schema, index string, queries, limit, workers int) (Recall, error) {
	f := s.follower(schema, index)
	if f == nil {
		return Recall{}, errs.New(errs.InvalidInput, "the index %s is not approximate", index)
	}
	f.follow() // another process may have committed
	if err := f.wait(ctx); err != nil {
		return Recall{}, err
	}
	m := measuring{follower: f, limit: limit, workers: workers}
	if err := m.run(ctx, queries); err != nil {
		return Recall{}, err
	}
	return m.recall, nil
}

type measuring struct {
	*follower
	limit, workers int
	snapshot       store.Snapshot
	blocks         []vector.Block
	recall         Recall
}

func (m *measuring) run(ctx context.Context, queries int) error {
	var drawn []int
	err := m.read(func(live vector.Bitmap) error {
		const seed = 1
		drawn = draw(live, queries, seed)
		m.recall.Rows = live.Count()
		return nil
	})
	if err != nil {
		return err
	}
	c := m.current.Load()
	m.recall.GraphRows, m.recall.Queries = c.graph.Len(), len(drawn)
	if m.recall.Width = m.index.Width; m.recall.Width == 0 && m.measuredFor(c.widths.Load()) {
		m.recall.Width = c.widths.Load().even
	}
	parts := 0
	if len(m.index.Parts) > 1 {
		parts = len(m.index.Parts)
		m.recall.Parts = make([]float64, parts)
	}
	var approximate, exact []time.Duration
	for part := -1; part < parts; part++ {
		tally := tally{}
		for _, row := range drawn {
			if err := ctx.Err(); err != nil {
				return errs.From(err)
			}
			// Each on its own, so that writing need not wait for all of them.
			err := m.read(func(live vector.Bitmap) error {
				if !live.Has(row) {
					return nil // deleted meanwhile
				}
				query, err := m.between(row)
				if err != nil {
					return err
				}
				return m.ask(&tally, m.alone(query, part))
			})
			if err != nil {
				return err
			}
		}
		if part < 0 {
			m.recall.Share = tally.share()
			approximate, exact = tally.approximate, tally.exact
		} else {
			m.recall.Parts[part] = tally.share()
		}
	}
	m.recall.Approximate, m.recall.Exact = median(approximate), median(exact)
	return nil
}

// read shows the rows of the index as they are now.
func (m *measuring) read(use func(live vector.Bitmap) error) error {
	return m.store.Read(m.index.Schema, func(snapshot store.Snapshot) error {
		m.snapshot, m.blocks = snapshot, snapshot.Blocks(m.index.Name)
		return use(graph.LiveRows(m.blocks))
	})
}

func (m *measuring) search(query []float32) vector.Search {
	return vector.Search{Query: query, Limit: m.limit, Floor: math.Inf(-1), ID: m.snapshot.ID, Workers: m.workers}
}

// between is the sum of a row's vector and the last of the best for it.
func (m *measuring) between(row int) ([]float32, error) {
	query := slices.Clone(m.snapshot.Vector(m.index.Name, row))
	near, err := m.search(query).Run(m.blocks)
	if err == nil {
		addLast(query, near, m.snapshot, m.index.Name)
	}
	return query, err
}

// addLast adds the vector of the last of some hits, if there is one.
func addLast(to []float32, hits []vector.Hit, snapshot store.Snapshot, index string) {
	if len(hits) > 0 {
		for i, value := range snapshot.Vector(index, hits[len(hits)-1].Row) {
			to[i] += value
		}
	}
}

// alone leaves only one part of a query, or with -1 all.
func (m *measuring) alone(query []float32, part int) []float32 {
	if part < 0 {
		return query
	}
	return onlyPart(query, m.index.Parts, part)
}

// onlyPart clears all parts of a query but one.
func onlyPart(query []float32, parts []int, only int) []float32 {
	at := 0
	for i, length := range parts {
		if i != only {
			clear(query[at : at+length])
		}
		at += length
	}
	return query
}

// tally adds up what searches found.
type tally struct {
	found, there       int
	approximate, exact []time.Duration
}

func (t *tally) share() float64 {
	if t.there == 0 {
		return 1
	}
	return float64(t.found) / float64(t.there)
}

func (m *measuring) ask(t *tally, query []float32) error {
	search := m.search(query)
	started := time.Now()
	best, err := search.Run(m.blocks)
	if err != nil {
		return err
	}
	t.exact = append(t.exact, time.Since(started))
	started = time.Now()
	found, err := m.follower.search(m.snapshot, []vector.Search{search})
	if err != nil {
		return err
	}
	t.approximate = append(t.approximate, time.Since(started))
	t.there += len(best)
	for _, hit := range found[0] {
		// Among rows of equal score it does not matter which are found.
		if hit.Score >= best[len(best)-1].Score {
			t.found++
		}
	}
	return nil
}

// draw chooses rows at random, always the same for a seed.
func draw(live vector.Bitmap, most int, seed uint64) []int {
	rows := slices.Collect(live.All())
	rng := rand.New(rand.NewPCG(uint64(len(rows)), seed))
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows[:min(most, len(rows))]
}

func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.SortFunc(times, cmp.Compare[time.Duration])
	return times[len(times)/2]
}
