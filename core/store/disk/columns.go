package disk

import (
	"slices"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store/disk/record"
	"github.com/innerspace/innerspace/core/vector"
)

// columns are those of the tables of a store, each made when it is first asked for, and then brought to the state of each read that asks for it: what
// commits changed since is read, of whatever process they are.
type columns struct {
	mu   sync.Mutex
	kept map[columnKey]*keptColumn
}

// columnKey names the column of a field of a table.
type columnKey struct {
	table int64
	field int
}

// keptColumn is a column at the latest state that a read had of it.
type keptColumn struct {
	mu     sync.Mutex
	latest *columnAt // nil: none
}

// columnAt is a column, and of the state of the table that it shows what tells it from later ones.
type columnAt struct {
	*column.Column
	generation, versions int64
	live                 vector.Bitmap
	spans                []*span
	users                int // reads that have it; guarded by the mutex of its keptColumn
}

func newColumnAt(t *tableState, made *column.Column) *columnAt {
	return &columnAt{Column: made, generation: t.generation, versions: t.versions, live: t.live, spans: t.spans}
}

func (c *columns) get(key columnKey) *keptColumn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[columnKey]*keptColumn{}
	}
	if c.kept[key] == nil {
		c.kept[key] = &keptColumn{}
	}
	return c.kept[key]
}

// at returns the column of a field as a read has it, until release.
func (k *keptColumn) at(s *snapshot, field int, kind schema.Type) (*columnAt, error) {
	k.mu.Lock()
	latest := k.latest
	if latest != nil && latest.generation > s.table.generation {
		k.mu.Unlock() // this read began before one that the column was brought on for
		made, err := s.makeColumn(field, kind)
		return &columnAt{Column: made, users: 1}, err
	}
	defer k.mu.Unlock()
	if latest == nil || latest.generation < s.table.generation {
		k.latest = nil // until it is right
		made, err := s.bringOn(latest, field, kind)
		if err != nil {
			return nil, err
		}
		latest = newColumnAt(s.table, made)
		k.latest = latest
	}
	latest.users++
	return latest, nil
}

func (k *keptColumn) release(used *columnAt) {
	k.mu.Lock()
	defer k.mu.Unlock()
	used.users--
}

// bringOn makes the column of a field of what it was at an earlier state, if there is one.
func (s *snapshot) bringOn(earlier *columnAt, field int, kind schema.Type) (*column.Column, error) {
	if earlier == nil {
		return s.makeColumn(field, kind)
	}
	gone, fresh := earlier.difference(s.table)
	changed, err := s.changedInPlace(earlier.versions, fresh)
	if err != nil {
		return nil, err
	}
	const lookup = 10 // to look a row up takes so many times as long as to come by it
	if fresh.Count()+lookup*len(changed) > s.table.rows {
		return s.makeColumn(field, kind)
	}
	made := earlier.Column
	if earlier.users > 0 {
		made = made.Clone()
	}
	for row := range gone.All() {
		made.Replace(row, schema.Value{})
	}
	return made, s.change(made, fresh, changed, field)
}

// difference has the rows of an earlier state that are gone, and those that are there since. Numbers of spans that are not in both states may
// have been given to other rows.
func (c *columnAt) difference(t *tableState) (gone, fresh vector.Bitmap) {
	gone, fresh = slices.Clone(c.live), slices.Clone(t.live)
	for _, sp := range c.spans {
		at := t.spanOf(sp.first)
		if at < 0 || t.spans[at].id != sp.id {
			continue
		}
		for word := sp.first / 64; word < min((sp.first+sp.capacity)/64, len(gone), len(fresh)); word++ {
			both := gone[word] & fresh[word]
			gone[word], fresh[word] = gone[word]&^both, fresh[word]&^both
		}
	}
	return gone, fresh
}

// changedInPlace are the rows that got a version later than one, and not their number.
func (s *snapshot) changedInPlace(version int64, fresh vector.Bitmap) (numbers []int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.connection.query(s.table.sql.since, []any{version}, func(row *sqlite3.Stmt) error {
		if number := row.ColumnInt(0); number < 0 || !fresh.Has(number) {
			numbers = append(numbers, number)
		}
		return nil
	})
	return numbers, err
}

// change puts rows into a column.
func (s *snapshot) change(into *column.Column, fresh vector.Bitmap, changed []int, field int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	read := func(from, to int) error {
		return s.connection.query(s.table.sql.between, []any{from, to}, func(row *sqlite3.Stmt) error { return s.replace(into, row, field) })
	}
	for _, row := range changed {
		if err := read(row, row); err != nil {
			return err
		}
	}
	for from := 0; from < len(fresh); from++ {
		to := from
		for to < len(fresh) && fresh[to] != 0 {
			to++
		}
		if to == from {
			continue
		}
		if err := read(from*64, to*64-1); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// makeColumn reads the column of a field from the records, without their pictures.
func (s *snapshot) makeColumn(field int, kind schema.Type) (*column.Column, error) {
	if field < 0 || field >= s.table.fields {
		return nil, errs.New(errs.Internal, "a table of %d fields was asked for the one at %d", s.table.fields, field)
	}
	made := column.NewRemembering(kind)
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.connection.query(s.table.sql.records, nil, func(row *sqlite3.Stmt) error { return s.replace(made, row, field) })
	return made, err
}

// replace puts the value of a row of the catalogue into a column.
func (s *snapshot) replace(made *column.Column, row *sqlite3.Stmt, field int) error {
	number := row.ColumnInt(0)
	if number < 0 || !s.table.live.Has(number) {
		return damagedCatalogue("the row %d, which is not there", number)
	}
	value, err := record.ReadField(row.ColumnRawBlob(1), s.table.fields, field)
	if err == nil {
		made.Replace(number, value)
	}
	return err
}
