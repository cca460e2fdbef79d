package disk

import (
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/segment"
	"github.com/innerspace/innerspace/core/vector"
)

// recover looks at the rows of Fast commits of which nobody knows whether they are on the disk: those that a power cut took are deleted, and the
// others made durable.
func (s *Store) recover() error {
	latest := s.segments.acquire()
	unsettled := false
	for _, t := range latest.tables {
		for _, sp := range t.spans {
			unsettled = unsettled || sp.synced < sp.used
		}
	}
	s.segments.leave(latest)
	if !unsettled {
		return nil
	}
	return s.writer.change(func(ch *changing) error {
		for _, t := range ch.state.tables {
			if err := ch.recover(t); err != nil {
				return err
			}
			if err := ch.count(t); err != nil {
				return err
			}
		}
		return ch.connection.exec("UPDATE spans SET synced=used WHERE synced<used")
	})
}

func (ch *changing) recover(t *tableState) error {
	for at, sp := range t.spans {
		if sp.synced == sp.used {
			continue
		}
		for _, i := range t.indices {
			opened := i.segments[at]
			if opened == nil {
				continue
			}
			file, err := ch.writer.store.files.Open(opened.Path())
			if err != nil {
				return err
			}
			if err := errors.Join(file.Sync(), file.Close()); err != nil {
				return err
			}
			damaged, badCodes, err := opened.Check(from(wordsOf(i.present, sp.first, sp.capacity), sp.synced), i.used[at])
			if err != nil {
				return err
			}
			for _, row := range damaged {
				if _, err := ch.drop(t, sp.first+row); err != nil {
					return err
				}
			}
			if len(damaged)+len(badCodes) > 0 {
				ch.writer.full[sp.id] = true
			}
		}
	}
	return nil
}

// from is a set without the rows before one, save for those in its unit.
func from(set vector.Bitmap, row int) vector.Bitmap {
	later := make(vector.Bitmap, len(set))
	if first := row / segment.Unit; first < len(set) {
		copy(later[first:], set[first:])
	}
	return later
}

// drop deletes the row with a number, where it is still there.
// It returns the id of the row.
func (ch *changing) drop(t *tableState, number int) (id string, err error) {
	found, err := ch.connection.one(t.sql.id, []any{number}, func(row *sqlite3.Stmt) { id = row.ColumnText(0) })
	if err != nil || !found {
		return "", err
	}
	if _, err = ch.remove(t, id); errs.StatusOf(err) == errs.InvalidInput {
		err = ch.discard(t, id, number)
	}
	return id, err
}

// discard deletes a row that cannot be read. Its pictures, which it cannot name, stay.
func (ch *changing) discard(t *tableState, id string, number int) error {
	origin, err := ch.connection.bytes(t.sql.origin, number)
	if err == nil {
		err = ch.vacate(t, number)
	}
	if err != nil {
		return err
	}
	c := ch.counts(t)
	c.rows--
	if len(origin) > 0 {
		c.chunks--
		return nil
	}
	return ch.removeChunks(t, id)
}
