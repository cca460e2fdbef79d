package approximate

import (
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// Stale counts rows of a graph whose nodes are of other vectors than they have.
func (s *Store) Stale(schema, index string) (int, error) {
	f := s.follower(schema, index)
	c := f.current.Load()
	var rows []int
	err := f.store.Read(schema, func(snapshot store.Snapshot) error {
		rows = draw(c.graph.Linked(graph.LiveRows(snapshot.Blocks(index))), 1<<30, 1)
		return nil
	})
	if err != nil {
		return 0, err
	}
	stale, err := c.graph.Stale(rows, f.vectors(c))
	return len(stale), err
}
