package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// columns says what it takes to have the columns of numbers and of texts, of which each row has another, after changes.
func (b *bench) columns(s *disk.Store) error {
	rng := rand.New(rand.NewPCG(4, 4))
	var held *column.Column
	read := func(what string, field int, kind schema.Type) error {
		return timed(what, func() error {
			return s.Read("Item", func(snapshot store.Snapshot) error { held = snapshot.Column(field, kind); return nil })
		})
	}
	for _, step := range []struct {
		what  string
		apply func() error
	}{
		{"made", func() error { return nil }},
		{"after a put of 100 new rows", func() error {
			more := bench{rows: b.rows + 100, batch: 100, dimension: b.dimension}
			_, err := s.Commit("Item", more.changes(rng, b.rows))
			return err
		}},
		{"after a change of 100 values", func() error {
			changes := b.changes(rng, b.rows-100)
			for i := range changes {
				changes[i].Vectors = nil
			}
			_, err := s.Commit("Item", changes)
			return err
		}},
		{"after 100 rows were deleted", func() error {
			var ids []string
			for range 100 {
				ids = append(ids, id(rng.IntN(b.rows)))
			}
			_, _, err := s.Delete("Item", ids)
			return err
		}},
	} {
		if err := step.apply(); err != nil {
			return err
		}
		if err := read("column of numbers, "+step.what, 1, schema.Integer); err != nil {
			return err
		}
		if err := read("column of texts, "+step.what, 0, schema.String); err != nil {
			return err
		}
	}
	return s.Read("Item", func(snapshot store.Snapshot) error {
		texts := snapshot.Column(0, schema.String)
		return timed("a copy of it, as made under a read that has it", func() error {
			held = texts.Clone()
			if held.Present().Count() != snapshot.Rows() {
				return fmt.Errorf("a copy of %d rows of %d", held.Present().Count(), snapshot.Rows())
			}
			return nil
		})
	})
}
