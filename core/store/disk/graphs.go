package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
)

var _ store.GraphKeeper = (*Store)(nil)

// graphsTable names the graph of each index that has one. A store has it once there was one.
const graphsTable = "CREATE TABLE IF NOT EXISTS graphs(index_id INTEGER PRIMARY KEY, name INTEGER NOT NULL UNIQUE) STRICT"

const (
	graphsName   = "graphs" // directory of the files
	graphSuffix  = ".graph"
	unfinishedBy = ".new"
)

func (s *Store) graphPath(name uint64) string {
	return filepath.Join(s.path, graphsName, fmt.Sprintf("%016x", name)+graphSuffix)
}

// ReadOnly implements store.GraphKeeper.
func (s *Store) ReadOnly() bool { return s.options.ReadOnly }

// KeepGraph implements store.GraphKeeper: a file of its own, which is on the disk before a commit names it. Others read and write meanwhile,
// save during that commit.
func (s *Store) KeepGraph(table, index string, write func(io.Writer) error) error {
	if s.writer == nil {
		return errs.New(errs.InvalidState, "the store %s is open for reading only", s.path)
	}
	if err := s.enter(); err != nil {
		return err
	}
	name := rand.Uint64()>>1 | 1 // SQLite's integers have a sign
	err := s.writeGraph(name, write)
	s.leave()
	if err != nil {
		_ = s.files.Remove(s.graphPath(name) + unfinishedBy)
		return explain(err, s.path)
	}
	var before uint64
	err = s.exclusively(func() error {
		return s.writer.changeDurably(func(ch *changing) (err error) {
			before, err = ch.nameGraph(table, index, name)
			return err
		})
	})
	switch {
	case err == nil && before != 0:
		_ = s.files.Remove(s.graphPath(before)) // else the next to open the store for writing does
	case err != nil && s.writer.broken == nil:
		_ = s.files.Remove(s.graphPath(name))
	}
	return err
}

// nameGraph makes a file that of an index and returns the one that was; 0 for none.
func (ch *changing) nameGraph(table, index string, name uint64) (before uint64, err error) {
	t := ch.state.tables[table]
	if t == nil || t.indices[index] == nil {
		return 0, errs.New(errs.InvalidState, "the store %s has no index %q of %q any more", ch.writer.store.path, index, table)
	}
	id := t.indices[index].id
	if err := ch.connection.exec(graphsTable); err != nil {
		return 0, err
	}
	named, err := ch.connection.number("SELECT name FROM graphs WHERE index_id=?", id)
	if err != nil {
		return 0, err
	}
	return uint64(named), ch.connection.exec("INSERT OR REPLACE INTO graphs(index_id, name) VALUES(?, ?)", id, int64(name))
}

// ReadGraph implements store.GraphKeeper.
func (s *Store) ReadGraph(table, index string, known uint64, read func(io.Reader, int64) error) (uint64, error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	for missing := uint64(0); ; {
		name, err := s.graphOf(table, index)
		if err != nil || name == 0 || name == known {
			return name, explain(err, s.path)
		}
		err = s.showGraph(name, read)
		if errors.Is(err, fs.ErrNotExist) && name != missing {
			missing = name // another may have been kept in the meantime
			continue
		}
		return name, explain(err, s.path)
	}
}

// graphOf is the name of the graph of an index; 0 for none.
func (s *Store) graphOf(table, index string) (uint64, error) {
	reading, err := s.begin()
	if err != nil {
		return 0, err
	}
	defer s.end(reading)
	t := reading.state.tables[table]
	if t == nil || t.indices[index] == nil {
		return 0, errs.New(errs.Internal, "the store has no index %q of %q", index, table)
	}
	return reading.connection.graph(t.indices[index].id)
}

// graph is the name of the graph of an index; 0 for none.
func (c *connection) graph(index int64) (uint64, error) {
	if has, err := c.hasGraphs(); err != nil || !has {
		return 0, err
	}
	name, err := c.number("SELECT name FROM graphs WHERE index_id=?", index)
	return uint64(name), err
}

func (c *connection) hasGraphs() (bool, error) {
	n, err := c.number("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='graphs'")
	return n > 0, err
}

// forgetGraph ends the graph of an index; its file is removed after the commit.
func (ch *changing) forgetGraph(index int64) error {
	name, err := ch.connection.graph(index)
	if err != nil || name == 0 {
		return err
	}
	ch.droppedGraphs = append(ch.droppedGraphs, name)
	return ch.connection.exec("DELETE FROM graphs WHERE index_id=?", index)
}

// removeLeftoverGraphs removes files that the catalogue does not name.
func (w *writer) removeLeftoverGraphs() error {
	directory := filepath.Join(w.store.path, graphsName)
	names, err := w.store.files.List(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	named := map[string]bool{}
	has, err := w.connection.hasGraphs()
	if err == nil && has {
		err = w.connection.query("SELECT name FROM graphs", nil, func(row *sqlite3.Stmt) error {
			named[filepath.Base(w.store.graphPath(uint64(row.ColumnInt64(0))))] = true
			return nil
		})
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if !named[name] && (strings.HasSuffix(name, graphSuffix) || strings.HasSuffix(name, graphSuffix+unfinishedBy)) {
			if err := w.store.files.Remove(filepath.Join(directory, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Generation implements store.Lasting.
func (s *snapshot) Generation() int64 { return s.generation }

// Spans implements store.Lasting.
func (s *snapshot) Spans() []store.Span {
	spans := make([]store.Span, len(s.table.spans))
	for i, sp := range s.table.spans {
		spans[i] = store.Span{ID: sp.id, First: sp.first, Rows: sp.capacity}
	}
	return spans
}
