package disk

import (
	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk/record"
)

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
	var history []byte
	if change.History != nil {
		if history, err = ch.encodeHistory(change); err != nil {
			return nil, err
		}
	}
	c := ch.counts(t)
	c.versions++
	bytes := record.Append(nil, values, history)
	if exists && !t.anyVector(change.Vectors) {
		err = ch.connection.exec(t.sql.update, c.versions, bytes, orNull(history), stored.number)
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

// orNull is what a statement takes for bytes; nil are none.
func orNull(bytes []byte) any {
	if bytes == nil {
		return nil
	}
	return bytes
}

func (ch *changing) encodeHistory(change *store.Change) ([]byte, error) {
	codec := ch.writer.store.options.History
	if codec == nil {
		return nil, errs.New(errs.Internal, "the row %q has a history, which nobody can write", change.ID)
	}
	return codec.Encode(change.History)
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
func (ch *changing) place(t *tableState, change *store.Change, stored storedRow, exists bool, version int64, bytes, history []byte) error {
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
	return ch.connection.exec(t.sql.insert, number, change.ID, version, nil, bytes, orNull(history))
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
	into.Blob = &record.Blob{Size: len(value.Blob), Sum: record.Sum(value.Blob)}
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
		nothing := record.Append(nil, make([]record.Value, t.fields), nil)
		if err := ch.connection.exec(t.sql.insert, number, chunk.ID, c.versions, change.ID, nothing, nil); err != nil {
			return err
		}
		c.rows, c.chunks = c.rows+1, c.chunks+1
	}
	return nil
}
