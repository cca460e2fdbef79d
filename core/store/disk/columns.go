package disk

import (
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store/disk/record"
)

// columns are those of a table between two changes of it, each made when it is first asked for.
type columns struct {
	mu   sync.Mutex
	made map[int]*column.Column // by field
}

// get returns the column of a field, which is made where there is none yet.
func (c *columns) get(field int, fill func() (*column.Column, error)) (*column.Column, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made := c.made[field]; made != nil {
		return made, nil
	}
	made, err := fill()
	if err != nil {
		return nil, err
	}
	if c.made == nil {
		c.made = map[int]*column.Column{}
	}
	c.made[field] = made
	return made, nil
}

// makeColumn reads the column of a field from the records, without their pictures.
func (s *snapshot) makeColumn(field int, kind schema.Type) (*column.Column, error) {
	if field < 0 || field >= s.table.fields {
		return nil, errs.New(errs.Internal, "a table of %d fields was asked for the one at %d", s.table.fields, field)
	}
	made := column.New(kind)
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.connection.query(s.table.sql.records, nil, func(row *sqlite3.Stmt) error {
		number := row.ColumnInt(0)
		if number < 0 || !s.table.live.Has(number) {
			return damagedCatalogue("the row %d, which is not there", number)
		}
		value, err := record.ReadField(row.ColumnRawBlob(1), s.table.fields, field)
		if err == nil {
			made.Set(number, schema.Value{}, value)
		}
		return err
	})
	return made, err
}
