package column

import (
	"sync"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Rows are the rows of a table by number.
type Rows interface {
	// Live has the numbers of the rows that exist.
	Live() vector.Bitmap
	// Values returns the values of a row, by position of the field in the schema.
	Values(row int) []schema.Value
}

// Columns are the columns of a table, each made when it is first asked for: a table that is never filtered has none. Get may be
// called by many readers at the same time, Set only while there are none.
type Columns struct {
	mu   sync.Mutex
	made map[int]*Column // by field
}

// Get returns the column of a field of a type that has columns. Making it reads every row once.
func (c *Columns) Get(field int, kind schema.Type, rows Rows) *Column {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made := c.made[field]; made != nil {
		return made
	}
	if c.made == nil {
		c.made = map[int]*Column{}
	}
	made := Of(field, kind, rows)
	c.made[field] = made
	return made
}

// Of makes the column of a field of a type that has columns. It is not kept.
func Of(field int, kind schema.Type, rows Rows) *Column {
	made := New(kind)
	for row := range rows.Live().All() {
		made.Set(row, schema.Value{}, rows.Values(row)[field])
	}
	return made
}

// Set tells the columns that a row's values have changed; nil is a row that is not there.
func (c *Columns) Set(row int, before, after []schema.Value) {
	for field, column := range c.made {
		var old, new schema.Value
		if before != nil {
			old = before[field]
		}
		if after != nil {
			new = after[field]
		}
		column.Set(row, old, new)
	}
}
