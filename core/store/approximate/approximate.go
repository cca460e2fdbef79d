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

// DefaultRecall is the share of the best rows that searches of an index find which asks for no other.
const DefaultRecall = 0.99

// Index is an index to be searched approximately.
type Index struct {
	Schema, Name string
	Parts        []int // lengths of the parts that queries weigh on their own; together the dimension
	// Width is that of a search for a query that weighs all parts alike. 0: as wide as it takes to find Recall of the best rows, which is
	// measured on the rows again and again as they grow. Where no walk of the graph finds as much in less time than scoring all rows,
	// all are scored; so they are until there was a measurement.
	Width       int
	Recall      float64 // 0: DefaultRecall
	MinimumRows int     // 0: MinimumRows
	Graph       graph.Options
}

// Store is a store with graphs beside it.
type Store struct {
	store.Store
	followers []*follower
}

// New puts graphs beside a store. In the background those that it kept are read, and brought to the state of its rows; where it is a
// store.GraphKeeper they are kept there, now and then and by Close.
func New(inner store.Store, indices []Index) (*Store, error) {
	s := &Store{Store: inner}
	for _, index := range indices {
		if index.MinimumRows == 0 {
			index.MinimumRows = MinimumRows
		}
		if index.Recall == 0 {
			index.Recall = DefaultRecall
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
		f := &follower{store: inner, index: index}
		f.keeper, _ = inner.(store.GraphKeeper)
		f.current.Store(&current{graph: made})
		s.followers = append(s.followers, f)
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
		if _, spans := store.SpansOf(snapshot); spans != nil {
			return nil // what changed has another number
		}
		for i := range changes {
			changed.add(snapshot, changes[i].ID)
			for _, chunk := range changes[i].Chunks {
				changed.add(snapshot, chunk.ID)
			}
		}
		return nil
	})
	for _, f := range followers {
		f.current.Load().graph.Delete(changed.rows) // it has their old vectors, if any
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

// Search answers searches of a snapshot's index, approximately where the index has a graph. Those that score rows do it together.
func (s *Store) Search(snapshot store.Snapshot, schema, index string, searches []vector.Search) ([][]vector.Hit, error) {
	if f := s.follower(schema, index); f != nil {
		return f.search(snapshot, searches)
	}
	return vector.RunMany(searches, snapshot.Blocks(index))
}

// Follow sees to it that the graphs come to the state of a store that changed in another way than by Commit and Delete.
func (s *Store) Follow() {
	for _, f := range s.followers {
		f.follow()
	}
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

// Linked is how many rows of an index this process linked: those that it did not find linked in what was kept.
func (s *Store) Linked(schema, index string) int {
	if f := s.follower(schema, index); f != nil {
		return int(f.linked.Load())
	}
	return 0
}

// Rows is how many rows of an index its graph has.
func (s *Store) Rows(schema, index string) int {
	if f := s.follower(schema, index); f != nil {
		return f.current.Load().graph.Len()
	}
	return 0
}
