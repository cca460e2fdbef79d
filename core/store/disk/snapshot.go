package disk

import (
	"iter"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk/record"
	"github.com/innerspace/innerspace/core/vector"
)

// snapshot reads rows from the catalogue when they are asked for. A read that fails returns nothing, and fails the whole read
// of the store afterwards, whatever was made of it: the methods have no errors to return.
type snapshot struct {
	store      *Store
	connection *connection
	table      *tableState
	generation int64

	given sync.Map // indices (*indexState) of which vectors were given out

	mu     sync.Mutex // guards the connection, and what follows
	failed error
	ids    map[int]string // of rows that were asked for: rows of one score are compared by them many times

	columnsMu sync.Mutex // guards columns, and is taken before mu
	columns   map[int]usedColumn
}

// usedColumn is a column that a read has until its end.
type usedColumn struct {
	*columnAt
	of *keptColumn
}

// release gives back what the read has.
func (s *snapshot) release() {
	s.columnsMu.Lock()
	defer s.columnsMu.Unlock()
	for _, used := range s.columns {
		used.of.release(used.columnAt)
	}
	s.columns = nil
}

var _ store.Snapshot = (*snapshot)(nil)

// failure is the first error.
func (s *snapshot) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *snapshot) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLocked(err)
}

func (s *snapshot) failLocked(err error) {
	if s.failed == nil {
		s.failed = err
	}
}

// intact is an error where a vector that was given out may not be what was written, for all its checksum.
func (s *snapshot) intact() (err error) {
	s.given.Range(func(index, _ any) bool {
		for _, opened := range index.(*indexState).segments {
			if opened != nil && err == nil {
				err = opened.Intact()
			}
		}
		return err == nil
	})
	return err
}

func (s *snapshot) Rows() int           { return s.table.rows }
func (s *snapshot) Chunks() int         { return s.table.chunks }
func (s *snapshot) Live() vector.Bitmap { return s.table.live }

// Find implements store.Snapshot.
func (s *snapshot) Find(id string) (store.Row, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, found, err := s.connection.find(s.table, id)
	if err == nil && found {
		var row store.Row
		if row, err = s.store.row(s.connection, stored); err == nil {
			return row, true
		}
	}
	if err != nil {
		s.failLocked(err)
	}
	return store.Row{}, false
}

// row turns a stored row into what the store gives out.
func (s *Store) row(c *connection, stored storedRow) (store.Row, error) {
	row := store.Row{Version: uint64(stored.version), Origin: stored.origin}
	var err error
	if row.Values, err = c.fetch(stored.values); err != nil {
		return store.Row{}, err
	}
	if stored.history != nil {
		if s.options.History == nil {
			return store.Row{}, errs.New(errs.Internal, "the row %q has a history, which nobody can read", stored.id)
		}
		row.History, err = s.options.History.Decode(stored.history)
	}
	return row, err
}

// IDs implements store.Snapshot.
func (s *snapshot) IDs() iter.Seq[string] {
	return func(yield func(string) bool) {
		const batch = 1024 // ids are read some at a time, for what is done with each may read from the snapshot too
		after := int64(-1)
		for {
			var ids []string
			s.mu.Lock()
			err := s.connection.query(s.table.sql.ids, []any{after, batch}, func(row *sqlite3.Stmt) error {
				after = row.ColumnInt64(0)
				ids = append(ids, row.ColumnText(1))
				return nil
			})
			s.mu.Unlock()
			if err != nil {
				s.fail(err)
				return
			}
			for _, id := range ids {
				if !yield(id) {
					return
				}
			}
			if len(ids) < batch {
				return
			}
		}
	}
}

// Number implements store.Snapshot.
func (s *snapshot) Number(id string) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number := 0
	found, err := s.connection.one(s.table.sql.number, []any{id}, func(row *sqlite3.Stmt) { number = row.ColumnInt(0) })
	if err != nil {
		s.failLocked(err)
	}
	return number, found && err == nil && s.table.live.Has(number)
}

// ID implements store.Snapshot.
func (s *snapshot) ID(row int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, known := s.ids[row]; known {
		return id
	}
	id := s.text(s.table.sql.id, row)
	const most = 1 << 16
	if s.ids == nil || len(s.ids) >= most {
		s.ids = map[int]string{}
	}
	s.ids[row] = id
	return id
}

// Origin implements store.Snapshot.
func (s *snapshot) Origin(row int) string {
	if s.table.chunks == 0 {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text(s.table.sql.origin, row)
}

func (s *snapshot) text(sql string, row int) (text string) {
	found, err := s.connection.one(sql, []any{row}, func(row *sqlite3.Stmt) { text = row.ColumnText(0) })
	if err == nil && !found {
		err = damagedCatalogue("no row %d", row)
	}
	if err != nil {
		s.failLocked(err)
	}
	return text
}

// Values implements store.Snapshot.
func (s *snapshot) Values(row int) []schema.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	values, err := s.values(row)
	if err != nil {
		s.failLocked(err)
		return make([]schema.Value, s.table.fields)
	}
	return values
}

func (s *snapshot) values(row int) ([]schema.Value, error) {
	values, err := s.record(row)
	if err != nil {
		return nil, err
	}
	return s.connection.fetch(values)
}

func (s *snapshot) record(row int) ([]record.Value, error) {
	bytes, err := s.connection.bytes(s.table.sql.record, row)
	if err != nil {
		return nil, err
	}
	if bytes == nil {
		return nil, damagedCatalogue("no row %d", row)
	}
	return record.Read(bytes, s.table.fields)
}

// Selected implements store.Selective: pictures that nobody asks for are not read.
func (s *snapshot) Selected(row int, fields []int) []schema.Value {
	if len(fields) == 0 {
		return []schema.Value{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values, err := s.record(row)
	selected := make([]record.Value, len(fields))
	for i, position := range fields {
		switch {
		case err != nil:
		case position < 0 || position >= len(values):
			err = errs.New(errs.Internal, "a row of %d values was asked for the one at %d", len(values), position)
		default:
			selected[i] = values[position]
		}
	}
	if err == nil {
		var fetched []schema.Value
		if fetched, err = s.connection.fetch(selected); err == nil {
			return fetched
		}
	}
	s.failLocked(err)
	return make([]schema.Value, len(fields))
}

// Column implements store.Snapshot.
func (s *snapshot) Column(field int, kind schema.Type) *column.Column {
	if !column.Has(kind) {
		return nil
	}
	s.columnsMu.Lock()
	defer s.columnsMu.Unlock()
	if used, has := s.columns[field]; has {
		return used.Column
	}
	of := s.store.columns.get(columnKey{s.table.id, field})
	made, err := of.at(s, field, kind)
	if err != nil {
		s.fail(err)
		return nil
	}
	if s.columns == nil {
		s.columns = map[int]usedColumn{}
	}
	s.columns[field] = usedColumn{made, of}
	return made.Column
}

// Vector implements store.Snapshot.
func (s *snapshot) Vector(name string, row int) []float32 {
	index := s.table.indices[name]
	if index == nil {
		s.fail(errs.New(errs.Internal, "the store has no index %q", name))
		return nil
	}
	s.given.Store(index, nil)
	vector, err := s.table.vector(index, row)
	if err != nil {
		s.fail(err)
	}
	if vector == nil {
		return make([]float32, index.dimension)
	}
	return vector
}

// Blocks implements store.Snapshot.
func (s *snapshot) Blocks(name string) []vector.Block {
	index := s.table.indices[name]
	if index == nil {
		return nil
	}
	s.given.Store(index, nil)
	blocks, err := index.all(s.table)
	if err != nil {
		s.fail(err)
		return nil
	}
	return blocks
}
