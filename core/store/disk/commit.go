package disk

import (
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk/record"
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

// put applies one change and returns the values before it.
func (ch *changing) put(t *tableState, change *store.Change) (before []schema.Value, err error) {
	stored, exists, err := ch.connection.find(t, change.ID)
	if err != nil {
		return nil, err
	}
	values := make([]record.Value, t.fields)
	if exists {
		before = places(stored.values)
		copy(values, stored.values)
	}
	for field := range change.Values {
		if !change.Values[field].Present {
			continue
		}
		if err := ch.replace(&values[field], change.Values[field]); err != nil {
			return nil, err
		}
	}
	var history any
	if change.History != nil {
		if history, err = ch.encodeHistory(change); err != nil {
			return nil, err
		}
	}
	c := ch.counts(t)
	c.versions++
	bytes := record.Append(nil, values)
	if exists && !t.anyVector(change.Vectors) {
		err = ch.connection.exec(t.sql.update, c.versions, bytes, history, stored.number)
	} else {
		err = ch.place(t, change, stored, exists, c.versions, bytes, history)
	}
	if err != nil {
		return nil, err
	}
	if !exists {
		c.rows++
	} else if stored.origin != "" {
		c.chunks--
	}
	if !change.KeepChunks {
		err = ch.putChunks(t, change)
	}
	return before, err
}

func (ch *changing) encodeHistory(change *store.Change) (any, error) {
	codec := ch.writer.store.options.History
	if codec == nil {
		return nil, errs.New(errs.Internal, "the row %q has a history, which nobody can write", change.ID)
	}
	bytes, err := codec.Encode(change.History)
	if err != nil || bytes == nil {
		return nil, err
	}
	return bytes, nil
}

func (t *tableState) anyVector(vectors map[string][]float32) bool {
	for name := range t.indices {
		if vectors[name] != nil {
			return true
		}
	}
	return false
}

// place gives a row a new number, for its vectors are others: those of the change, and in indices that it leaves out those it had.
func (ch *changing) place(t *tableState, change *store.Change, stored storedRow, exists bool, version int64, bytes []byte, history any) error {
	vectors := make(map[string][]float32, len(t.indices))
	for name := range t.indices {
		vectors[name] = change.Vectors[name]
		if vectors[name] != nil || !exists {
			continue
		}
		var err error
		if vectors[name], err = ch.vectorOf(t, name, stored.number); err != nil {
			return err
		}
	}
	if exists {
		if err := ch.vacate(t, stored.number); err != nil {
			return err
		}
	}
	number, err := ch.add(t, vectors)
	if err != nil {
		return err
	}
	return ch.connection.exec(t.sql.insert, number, change.ID, version, nil, bytes, history)
}

// replace puts a value in the place of another, and pictures into the catalogue and out of it.
func (ch *changing) replace(into *record.Value, value schema.Value) error {
	if err := ch.dropBlob(into); err != nil {
		return err
	}
	*into = record.Value{Value: value}
	if value.Blob == nil {
		return nil
	}
	into.Value.Blob = nil
	into.Blob = &record.Blob{Size: len(value.Blob)}
	if len(value.Blob) == 0 {
		return nil
	}
	var err error
	into.Blob.ID, err = ch.insert("INSERT INTO blobs(bytes) VALUES(?)", value.Blob)
	return err
}

func (ch *changing) dropBlob(value *record.Value) error {
	if value.Blob == nil || value.Blob.Size == 0 {
		return nil
	}
	return ch.connection.exec("DELETE FROM blobs WHERE id=?", value.Blob.ID)
}

// vacate deletes the row with a number, without its pictures.
func (ch *changing) vacate(t *tableState, number int) error {
	ch.clearBits(t, number)
	return ch.connection.exec(t.sql.remove, number)
}

func (ch *changing) clearBits(t *tableState, number int) {
	ch.set(t, nil, number, false)
	for _, i := range t.indices {
		if ch.has(t, i, number) {
			ch.set(t, i, number, false)
		}
	}
}

// remove deletes a row and its chunks.
func (ch *changing) remove(t *tableState, id string) (bool, error) {
	stored, found, err := ch.connection.find(t, id)
	if err != nil || !found {
		return false, err
	}
	for i := range stored.values {
		if err := ch.dropBlob(&stored.values[i]); err != nil {
			return false, err
		}
	}
	if err := ch.vacate(t, stored.number); err != nil {
		return false, err
	}
	c := ch.counts(t)
	c.rows--
	if stored.origin != "" {
		c.chunks--
		return true, nil
	}
	return true, ch.removeChunks(t, id)
}

// removeChunks deletes the chunks of a row.
func (ch *changing) removeChunks(t *tableState, id string) error {
	c := ch.counts(t)
	if c.chunks == 0 {
		return nil
	}
	var numbers []int
	err := ch.connection.query(t.sql.chunks, []any{id}, func(row *sqlite3.Stmt) error {
		numbers = append(numbers, row.ColumnInt(0))
		return nil
	})
	if err != nil {
		return err
	}
	for _, number := range numbers {
		if err := ch.vacate(t, number); err != nil {
			return err
		}
	}
	c.rows, c.chunks = c.rows-len(numbers), c.chunks-len(numbers)
	return nil
}

// putChunks puts the chunks of a change in the place of earlier ones.
func (ch *changing) putChunks(t *tableState, change *store.Change) error {
	if err := ch.removeChunks(t, change.ID); err != nil {
		return err
	}
	c := ch.counts(t)
	for _, chunk := range change.Chunks {
		if _, err := ch.remove(t, chunk.ID); err != nil { // a row of the same commit may have the id
			return err
		}
		number, err := ch.add(t, chunk.Vectors)
		if err != nil {
			return err
		}
		nothing := record.Append(nil, make([]record.Value, t.fields))
		if err := ch.connection.exec(t.sql.insert, number, chunk.ID, c.versions, change.ID, nothing, nil); err != nil {
			return err
		}
		c.rows, c.chunks = c.rows+1, c.chunks+1
	}
	return nil
}
