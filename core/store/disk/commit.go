package disk

import (
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
)

// maxBlob is the largest picture that a store keeps.
const maxBlob = 256 << 20

// errUnchanged ends a commit that changes nothing.
var errUnchanged = errors.New("nothing to commit")

// Commit implements store.Store. In Outcome.Before one byte stands for those of a picture. With Full the rows survive a power cut when it
// returns. Where it fails nothing is applied, save that with an InvalidState that says so it is unknown.
func (s *Store) Commit(name string, changes []store.Change) (outcome store.Outcome, err error) {
	err = s.write(name, func(ch *changing, t *tableState) error {
		return ch.commit(t, changes, &outcome)
	})
	if err != nil {
		return store.Outcome{}, err
	}
	return outcome, nil
}

// Delete implements store.Store. The rows cannot be found any more; their bytes are removed by the next compaction.
func (s *Store) Delete(name string, ids []string) (deleted int, missing []string, err error) {
	err = s.write(name, func(ch *changing, t *tableState) error {
		for _, id := range ids {
			removed, err := ch.remove(t, id)
			if err != nil {
				return err
			}
			if removed {
				deleted++
			} else {
				missing = append(missing, id)
			}
		}
		if deleted == 0 {
			return errUnchanged
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return deleted, missing, nil
}

// write runs work on a table as one commit.
func (s *Store) write(name string, work func(*changing, *tableState) error) error {
	return s.alter(func(ch *changing) error {
		t := ch.state.tables[name]
		if t == nil {
			return errs.New(errs.Internal, "the store has no table %q", name)
		}
		if err := work(ch, t); err != nil {
			return err
		}
		return ch.count(t)
	})
}

// alter runs work as one commit, with the durability of the store.
func (s *Store) alter(work func(*changing) error) error {
	return s.exclusively(func() error { return s.writer.change(work) })
}

// exclusively runs work that writes, while no other does.
func (s *Store) exclusively(work func() error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if s.writer == nil {
		return errs.New(errs.InvalidState, "the store %s is open for reading only", s.path)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	err := work()
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return explain(err, s.path)
}

// count writes the numbers of a table into the catalogue.
func (ch *changing) count(t *tableState) error {
	c := ch.counts(t)
	return ch.connection.exec("UPDATE tables SET versions=?, rows=?, chunks=?, generation=? WHERE id=?", c.versions, c.rows, c.chunks, ch.state.generation+1, t.id)
}

// counts are the numbers of a table as a commit leaves them.
type counts struct {
	versions     int64
	rows, chunks int
}

func (ch *changing) counts(t *tableState) *counts {
	c := ch.counted[t.id]
	if c == nil {
		c = &counts{t.versions, t.rows, t.chunks}
		ch.counted[t.id] = c
	}
	return c
}

func (ch *changing) commit(t *tableState, changes []store.Change, outcome *store.Outcome) error {
	*outcome = store.Outcome{}
	for i := range changes {
		if err := ch.check(t, &changes[i]); err != nil {
			return err
		}
		ch.expected += 1 + len(changes[i].Chunks)
	}
	for i := range changes {
		if changes[i].Expected == nil {
			continue
		}
		stored, _, err := ch.connection.find(t, changes[i].ID)
		if err != nil {
			return err
		}
		if uint64(stored.version) != *changes[i].Expected {
			outcome.Conflicts = append(outcome.Conflicts, i)
		}
	}
	if len(outcome.Conflicts) > 0 {
		return errUnchanged
	}
	outcome.Before = make([][]schema.Value, len(changes))
	for i := range changes {
		var err error
		if outcome.Before[i], err = ch.put(t, &changes[i]); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return errUnchanged
	}
	return nil
}

// check refuses a change that does not fit the table, or takes ids that chunks or rows have.
func (ch *changing) check(t *tableState, change *store.Change) error {
	if len(change.Values) != t.fields {
		return errs.New(errs.Internal, "a change has %d values; the table has %d fields", len(change.Values), t.fields)
	}
	for field := range change.Values {
		if size := len(change.Values[field].Blob); size > maxBlob {
			return errs.New(errs.LimitExceeded, "the row %q has a picture of %d bytes; a store keeps up to %d", change.ID, size, maxBlob)
		}
	}
	for name, i := range t.indices {
		if values, given := change.Vectors[name]; given && len(values) != i.dimension {
			return errs.New(errs.Internal, "a change has a vector of length %d for the index %s of dimension %d", len(values), name, i.dimension)
		}
		for _, chunk := range change.Chunks {
			if values, given := chunk.Vectors[name]; given && len(values) != i.dimension {
				return errs.New(errs.Internal, "a chunk has a vector of length %d for the index %s of dimension %d", len(values), name, i.dimension)
			}
		}
	}
	stored, found, err := ch.origin(t, change.ID)
	if err != nil {
		return err
	}
	if found && stored != "" {
		return errs.New(errs.InvalidInput, "the id %q is that of a chunk of %q; choose another", change.ID, stored)
	}
	for _, chunk := range change.Chunks {
		origin, found, err := ch.origin(t, chunk.ID)
		if err != nil {
			return err
		}
		if found && origin != change.ID {
			return errs.New(errs.InvalidInput, "a chunk of %q would have the id %q, which is taken; delete that row first", change.ID, chunk.ID)
		}
	}
	return nil
}

// origin is the row that a row is a chunk of.
func (ch *changing) origin(t *tableState, id string) (origin string, found bool, err error) {
	found, err = ch.connection.one(t.sql.originOf, []any{id}, func(row *sqlite3.Stmt) { origin = row.ColumnText(0) })
	return origin, found, err
}
