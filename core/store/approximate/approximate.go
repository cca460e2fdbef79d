// Package approximate keeps graphs beside the vectors of a store, so that some of its indices can be searched without looking at every
// row. A graph follows the store in the background: rows that are not in it yet are scored exactly, so that a search misses none of
// them, and what it finds has its exact score. It knows nothing of what the vectors stand for.
package approximate

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// MinimumRows is the number of rows below which there is no graph: scoring all of them takes about as long as walking one.
const MinimumRows = 20_000

// DefaultWidth is the width of a search that names none, in a graph of up to defaultWidthRows; it grows with the cube root of the rows from
// there on, which keeps recall about where it is (docs/performance.md: .993 at 80 of 100,000 rows, .989 at 160 and .997 at 320 of a million).
const (
	DefaultWidth     = 100
	defaultWidthRows = 100_000
)

// Index is an index to be searched approximately.
type Index struct {
	Schema, Name string
	Parts        []int // lengths of the parts that queries weigh on their own; together the dimension
	Width        int   // of a search, for a query that weighs all parts alike; 0: from DefaultWidth on
	MinimumRows  int   // 0: MinimumRows
	Graph        graph.Options
}

// Store is a store with graphs beside it.
type Store struct {
	store.Store
	followers []*follower
}

// New puts graphs beside a store. Those of rows that it has already are made at once, in the background.
func New(inner store.Store, indices []Index) (*Store, error) {
	s := &Store{Store: inner}
	for _, index := range indices {
		if index.MinimumRows == 0 {
			index.MinimumRows = MinimumRows
		}
		dimension := 0
		for _, part := range index.Parts {
			dimension += part
		}
		made, err := graph.New(dimension, index.Graph)
		if err != nil {
			s.close()
			return nil, errs.From(err)
		}
		s.followers = append(s.followers, &follower{store: inner, index: index, graph: made})
	}
	for _, f := range s.followers {
		f.follow()
	}
	return s, nil
}

func (s *Store) of(schema string) (list []*follower) {
	for _, f := range s.followers {
		if f.index.Schema == schema {
			list = append(list, f)
		}
	}
	return list
}

// Commit implements store.Store.
func (s *Store) Commit(schema string, changes []store.Change) (store.Outcome, error) {
	outcome, err := s.Store.Commit(schema, changes)
	if err != nil || len(outcome.Conflicts) > 0 {
		return outcome, err
	}
	followers := s.of(schema)
	if len(followers) == 0 {
		return outcome, nil
	}
	changed := changedRows{}
	err = s.Read(schema, func(snapshot store.Snapshot) error {
		for i := range changes {
			changed.add(snapshot, changes[i].ID)
			for _, chunk := range changes[i].Chunks {
				changed.add(snapshot, chunk.ID)
			}
		}
		return nil
	})
	for _, f := range followers {
		f.graph.Delete(changed.rows) // it has their old vectors, if any
		f.follow()
	}
	return outcome, err
}

type changedRows struct{ rows []int }

func (c *changedRows) add(snapshot store.Snapshot, id string) {
	if number, ok := snapshot.Number(id); ok { // else it was deleted meanwhile
		c.rows = append(c.rows, number)
	}
}

// Delete implements store.Store.
func (s *Store) Delete(schema string, ids []string) (deleted int, missing []string, err error) {
	deleted, missing, err = s.Store.Delete(schema, ids)
	for _, f := range s.of(schema) {
		f.follow()
	}
	return deleted, missing, err
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.close()
	return s.Store.Close()
}

func (s *Store) close() {
	var group sync.WaitGroup
	for _, f := range s.followers {
		group.Go(f.close)
	}
	group.Wait()
}

// Search answers search over the blocks of a snapshot's index, approximately where the index has a graph.
func (s *Store) Search(schema, index string, search vector.Search, blocks []vector.Block) ([]vector.Hit, error) {
	if f := s.follower(schema, index); f != nil {
		return f.graph.Search(search, f.width(search.Query), blocks)
	}
	return search.Run(blocks)
}

func (s *Store) follower(schema, index string) *follower {
	for _, f := range s.followers {
		if f.index.Schema == schema && f.index.Name == index {
			return f
		}
	}
	return nil
}

// Wait returns when the graphs have caught up with the store, or the context ends.
func (s *Store) Wait(ctx context.Context) error {
	for _, f := range s.followers {
		if err := f.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Rows is how many rows of an index its graph has.
func (s *Store) Rows(schema, index string) int {
	if f := s.follower(schema, index); f != nil {
		return f.graph.Len()
	}
	return 0
}
