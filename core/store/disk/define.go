package disk

import (
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk/record"
)

// describe lists the tables of a state in order of their making.
func (s *state) describe() []store.Table {
	sorted := make([]*tableState, 0, len(s.tables))
	for _, t := range s.tables {
		sorted = append(sorted, t)
	}
	slices.SortFunc(sorted, func(a, b *tableState) int { return int(a.id - b.id) })
	tables := make([]store.Table, len(sorted))
	for at, t := range sorted {
		tables[at] = store.Table{Schema: t.name, Fields: t.fields, Index: map[string]int{}}
		for name, i := range t.indices {
			tables[at].Index[name] = i.dimension
		}
	}
	return tables
}

// Define makes the stored tables those that are given, and stores metadata by name (nil removes), as one commit. Tables and indices that are new begin
// empty: the rows that are there get vectors in a new index when they are committed with them. Tables and indices that are not given are removed with
// what is in them. Fields may be added at the end of a table, which rows that are there then do not have. An index with another dimension, and fewer
// fields, are InvalidState. A store that is open for reading only must have all that is given.
func (s *Store) Define(tables []store.Table, metadata map[string][]byte) error {
	if s.writer == nil {
		return s.mustHave(tables)
	}
	return s.exclusively(func() error {
		return s.writer.changeDurably(func(ch *changing) error { return ch.defineAll(tables, metadata) })
	})
}

func (ch *changing) defineAll(tables []store.Table, metadata map[string][]byte) error {
	if err := ch.connection.setMetadata(metadata); err != nil {
		return err
	}
	return ch.define(tables)
}

func (s *Store) mustHave(tables []store.Table) error {
	stored, err := s.Tables()
	if err != nil {
		return err
	}
	for _, wanted := range tables {
		at := slices.IndexFunc(stored, func(t store.Table) bool { return t.Schema == wanted.Schema })
		if at < 0 {
			return errs.New(errs.InvalidState, "the store %s has no table %q, and is open for reading only", s.path, wanted.Schema)
		}
		if stored[at].Fields != wanted.Fields {
			return errs.New(errs.InvalidState, "the store %s has %d fields in the table %q, not %d", s.path, stored[at].Fields, wanted.Schema, wanted.Fields)
		}
		for name, dimension := range wanted.Index {
			if has, ok := stored[at].Index[name]; !ok || has != dimension {
				return errs.New(errs.InvalidState, "the store %s has no index %q of dimension %d, and is open for reading only", s.path, name, dimension)
			}
		}
	}
	return nil
}

func (ch *changing) define(tables []store.Table) error {
	// Rows are added to spans that have a segment for each index: new ones are made.
	for table := range ch.writer.tails {
		ch.writer.leaveTail(table)
	}
	for _, t := range ch.state.tables {
		if !slices.ContainsFunc(tables, func(wanted store.Table) bool { return wanted.Schema == t.name }) {
			if err := ch.removeTable(t); err != nil {
				return err
			}
		}
	}
	for _, wanted := range tables {
		if err := ch.defineTable(wanted); err != nil {
			return err
		}
	}
	return nil
}

func (ch *changing) defineTable(wanted store.Table) error {
	if wanted.Fields < 0 || wanted.Fields > maxFields {
		return errs.New(errs.InvalidInput, "the table %q has %d fields; a store keeps up to %d", wanted.Schema, wanted.Fields, maxFields)
	}
	t := ch.state.tables[wanted.Schema]
	if t == nil {
		id, err := ch.insert("INSERT INTO tables(name, fields, versions, rows, chunks, generation) VALUES(?, ?, 0, 0, 0, ?)", wanted.Schema, wanted.Fields, ch.state.generation+1)
		if err != nil {
			return err
		}
		if err := ch.connection.sqlite.Exec(tableSchema(id)); err != nil {
			return err
		}
		t = &tableState{id: id, name: wanted.Schema, fields: wanted.Fields}
	}
	if wanted.Fields < t.fields {
		return errs.New(errs.InvalidState, "the table %q of the store %s has %d fields, and cannot have %d", t.name, ch.writer.store.path, t.fields, wanted.Fields)
	}
	if wanted.Fields > t.fields {
		if err := ch.connection.exec("UPDATE tables SET fields=?, generation=? WHERE id=?", wanted.Fields, ch.state.generation+1, t.id); err != nil {
			return err
		}
	}
	for name, i := range t.indices {
		dimension, kept := wanted.Index[name]
		if kept && dimension != i.dimension {
			return errs.New(errs.InvalidState, "the index %q of the store %s has vectors of dimension %d, not %d", name, ch.writer.store.path, i.dimension, dimension)
		}
		if !kept {
			if err := ch.removeIndex(t, i); err != nil {
				return err
			}
		}
	}
	for name, dimension := range wanted.Index {
		if t.indices[name] != nil {
			continue
		}
		if err := ch.connection.exec("INSERT INTO indices(table_id, name, dimension) VALUES(?, ?, ?)", t.id, name, dimension); err != nil {
			return err
		}
	}
	return nil
}

func (ch *changing) removeIndex(t *tableState, i *indexState) error {
	for _, opened := range i.segments {
		if opened != nil {
			ch.dropped = append(ch.dropped, opened.number)
		}
	}
	if err := ch.forgetGraph(i.id); err != nil {
		return err
	}
	for _, sql := range []string{"DELETE FROM segments WHERE index_id=?", "DELETE FROM bits WHERE index_id=?", "DELETE FROM indices WHERE id=?"} {
		if err := ch.connection.exec(sql, i.id); err != nil {
			return err
		}
	}
	return nil
}

func (ch *changing) removeTable(t *tableState) error {
	for _, i := range t.indices {
		if err := ch.removeIndex(t, i); err != nil {
			return err
		}
	}
	if err := ch.dropBlobs(t); err != nil {
		return err
	}
	for _, sql := range []string{"DELETE FROM spans WHERE table_id=?", "DELETE FROM bits WHERE table_id=?", "DELETE FROM tables WHERE id=?"} {
		if err := ch.connection.exec(sql, t.id); err != nil {
			return err
		}
	}
	return ch.connection.sqlite.Exec(t.sql.drop)
}

// dropBlobs removes the pictures of a table.
func (ch *changing) dropBlobs(t *tableState) error {
	return ch.connection.query(t.sql.records, nil, func(row *sqlite3.Stmt) error {
		values, err := record.Read(row.ColumnRawBlob(1), t.fields)
		if err != nil {
			return err
		}
		for i := range values {
			if err := ch.dropBlob(&values[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
