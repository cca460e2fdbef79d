package disk

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
)

// writer is what changes the store. It is used by one goroutine at a time: the store's writing is held.
type writer struct {
	store      *Store
	connection *connection
	tails      map[int64]*tail   // by table: where rows are added
	full       map[int64]bool    // spans that no more rows are added to
	spent      map[int64][]*span // by table: spans that compaction removed; their numbers are not given out again by this writer
	broken     error             // set where it is unknown whether a commit is on the disk: nothing more is written then
}

func (s *Store) newWriter() (*writer, error) {
	synchronous := "synchronous=FULL"
	if s.options.Durability == Fast {
		synchronous = "synchronous=NORMAL"
	}
	c, err := connect(filepath.Join(s.path, catalogueName), s.files.SQLite(), sqlite3.OPEN_READWRITE, "cache_size=-65536", synchronous,
		"fullfsync=ON", "checkpoint_fullfsync=ON", "secure_delete=ON", "journal_mode=WAL", "wal_autocheckpoint=0")
	if err != nil {
		return nil, err
	}
	w := &writer{store: s, connection: c, tails: map[int64]*tail{}, full: map[int64]bool{}, spent: map[int64][]*span{}}
	err = s.checkCatalogue(c)
	if err == nil {
		err = w.removeLeftovers()
	}
	if err == nil {
		err = w.removeLeftoverGraphs()
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return w, nil
}

// removeLeftovers removes segments that the catalogue does not name: those of commits that did not come to their end, and those
// that compaction left.
func (w *writer) removeLeftovers() error {
	named := map[string]bool{}
	err := w.connection.query("SELECT id FROM segments", nil, func(row *sqlite3.Stmt) error {
		named[filepath.Base(w.store.segments.path(uint64(row.ColumnInt64(0))))] = true
		return nil
	})
	if err != nil {
		return err
	}
	names, err := w.store.files.List(w.store.segments.directory)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !named[name] && (strings.HasSuffix(name, ".seg") || strings.HasSuffix(name, ".seg.new")) {
			if err := w.store.files.Remove(filepath.Join(w.store.segments.directory, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// changeDurably is change with Full durability, which commits need after which files are removed.
func (w *writer) changeDurably(work func(*changing) error) error {
	if w.store.options.Durability == Full {
		return w.change(work)
	}
	if err := w.connection.sqlite.Exec("PRAGMA synchronous=FULL"); err != nil {
		return err
	}
	err := w.change(func(ch *changing) error {
		ch.durable = true
		return work(ch)
	})
	return errors.Join(err, w.connection.sqlite.Exec("PRAGMA synchronous=NORMAL"))
}

// change runs work in a transaction on the latest state, as one commit. With Full, segments that work wrote are synced before it.
func (w *writer) change(work func(*changing) error) error {
	if w.broken != nil {
		return w.broken
	}
	ch := &changing{
		writer: w, connection: w.connection, durable: w.store.options.Durability == Full, dirty: map[bitsKey][]byte{}, counted: map[int64]*counts{},
		moved: map[*tail]*tableState{}, made: map[int64][]*span{},
	}
	committing := false
	err := w.connection.within("BEGIN IMMEDIATE", func() error {
		if err := ch.begin(); err != nil {
			return err
		}
		if err := work(ch); err != nil {
			return err
		}
		if err := ch.finish(); err != nil {
			return err
		}
		committing = true
		return nil
	})
	if ch.state != nil {
		w.store.segments.leave(ch.state)
	}
	if err != nil {
		w.abandon(ch)
		if committing && !errors.Is(err, sqlite3.FULL) && !errors.Is(err, sqlite3.BUSY) {
			w.broken = errs.Wrap(err, errs.InvalidState, "it is unknown whether the last commit to the store %s is on the disk: %v. Close the store and open it again to write more; it can still be read", w.store.path, err)
		}
		return err
	}
	// The commit is there. What follows is tried again later where it fails.
	for _, number := range ch.dropped {
		_ = w.store.files.Remove(w.store.segments.path(number))
	}
	for _, name := range ch.droppedGraphs {
		_ = w.store.files.Remove(w.store.graphPath(name))
	}
	_ = w.store.refresh()
	_ = w.checkpoint()
	w.store.tidy()
	return nil
}

// begin finds the state that the transaction sees.
func (ch *changing) begin() error {
	s := ch.writer.store
	latest := s.segments.acquire()
	made, err := s.load(ch.connection, latest)
	if err == nil && made == latest {
		ch.state = latest
		return nil
	}
	if latest != nil {
		s.segments.leave(latest)
	}
	if err != nil {
		return err
	}
	s.segments.publish(made)
	ch.state = made
	return nil
}

// abandon forgets the tails that a commit added to, after a failure: their rows were not given out after all. Where segments were written to,
// rows go elsewhere from now on, for it is unknown what is there.
func (w *writer) abandon(ch *changing) {
	for table, t := range w.tails {
		if ch.moved[t] == nil {
			continue
		}
		w.full[t.span.id] = w.full[t.span.id] || ch.wrote
		w.leaveTail(table)
	}
}

// leaveTail ends adding to the tail of a table. Rows of Fast commits that are in it are made durable: nobody would know of them later.
func (w *writer) leaveTail(table int64) {
	t := w.tails[table]
	delete(w.tails, table)
	if w.store.options.Durability == Fast && w.broken == nil {
		if err := t.sync(); err != nil {
			w.broken = unsettled(w.store.path, err)
		}
	}
	t.close()
}

func unsettled(path string, err error) error {
	return errs.Wrap(err, errs.InvalidState, "it is unknown which rows of the store %s are on the disk: %v. Close the store and open it again to write more; it can still be read", path, err)
}

// checkpointFrom is the size of the log in pages from which it is written into the catalogue: 16 MB.
const checkpointFrom = 4096

// checkpoint writes the log into the catalogue where it has grown. With Fast, segments are synced before, so that what is durable never names
// rows that are not.
func (w *writer) checkpoint() error {
	frames, _, err := w.connection.sqlite.WALCheckpoint("main", sqlite3.CHECKPOINT_NOOP)
	if err != nil || frames < checkpointFrom {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	_, _, err = w.connection.sqlite.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	return err
}

// settle makes what Fast commits wrote durable, and says so in the catalogue.
func (w *writer) settle() error {
	if w.store.options.Durability == Full || w.broken != nil {
		return nil
	}
	if err := w.syncTails(); err != nil {
		w.broken = unsettled(w.store.path, err)
		return err
	}
	return w.connection.exec("UPDATE spans SET synced=used WHERE synced<used")
}

func (w *writer) close() error {
	err := w.settle()
	for table := range w.tails {
		w.leaveTail(table)
	}
	return errors.Join(err, w.connection.close())
}

// syncTails makes what was added to segments durable.
func (w *writer) syncTails() error {
	for _, t := range w.tails {
		if err := t.sync(); err != nil {
			return err
		}
	}
	return nil
}
