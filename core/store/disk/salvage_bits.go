package disk

import (
	"encoding/binary"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/vector"
)

// writeIndices writes the indices and which rows have vectors in them. Rows of which that is not known, or whose vectors are in segments of which
// nothing is known, stay without.
func (w *rewriting) writeIndices() error {
	present := map[int64]vector.Bitmap{}
	for _, id := range slices.Sorted(maps.Keys(w.indices)) {
		i := w.indices[id]
		t := w.tables[i.table]
		if t == nil {
			continue
		}
		if err := w.connection.exec("INSERT INTO indices(id, table_id, name, dimension) VALUES(?, ?, ?, ?)", id, i.table, i.name, i.dimension); err != nil {
			return err
		}
		var lost vector.Bitmap
		present[id], lost = w.present(t, id)
		for row := range lost.All() {
			if err := w.lose(t, row); err != nil {
				return err
			}
		}
	}
	if w.store.options.Lost == nil {
		for _, t := range w.tables {
			if err := w.dropLost(t); err != nil {
				return err
			}
		}
	}
	for _, t := range w.tables {
		if err := w.writeBits(t, 0, t.live, t.live); err != nil {
			return err
		}
	}
	for id, bitmap := range present {
		t := w.tables[w.indices[id].table]
		if err := w.writeBits(t, id, bitmap, t.live); err != nil {
			return err
		}
	}
	return nil
}

// present are the rows that have a vector in an index, and those that have lost it.
func (w *rewriting) present(t *rewrittenTable, index int64) (present, lost vector.Bitmap) {
	present, lost = vector.NewBitmap(len(t.live)*64), vector.NewBitmap(len(t.live)*64)
	spans := &tableState{spans: t.spans}
	for row := range t.live.All() {
		bytes, known := w.bits[bitsKey{t.id, index, row / bitsPage}]
		switch {
		case !known && w.bitsLost:
			lost.Add(row)
		case !known || bytes[row%bitsPage/8]&(1<<(row%8)) == 0:
		default:
			sp := t.spans[spans.spanOf(row)]
			if of, has := w.segments[[2]int64{sp.id, index}]; has && int64(row-sp.first) < of.used {
				present.Add(row)
			} else {
				lost.Add(row)
			}
		}
	}
	return present, lost
}

// lose takes note that a row, or a chunk of it, stays without a vector.
func (w *rewriting) lose(t *rewrittenTable, row int) error {
	id, err := w.connection.bytes(t.sql.origin, row)
	if err == nil && len(id) == 0 {
		id, err = w.connection.bytes(t.sql.id, row)
	}
	t.lost[string(id)] = true
	return err
}

// dropLost deletes rows that are not whole, with their chunks.
func (w *rewriting) dropLost(t *rewrittenTable) error {
	ids, err := w.lostOf(t)
	for _, id := range ids {
		if err == nil {
			t.dropped = append(t.dropped, id)
			err = w.drop(t, fmt.Sprintf("SELECT number FROM rows_%[1]d WHERE id=?1 OR origin=?1", t.id), id)
		}
	}
	return err
}

// lostOf are the ids of the rows of a table that have lost something, and are there.
func (w *rewriting) lostOf(t *rewrittenTable) (ids []string, err error) {
	if t.allLost {
		err = w.connection.query(fmt.Sprintf("SELECT id FROM rows_%d WHERE origin IS NULL ORDER BY id", t.id), nil, func(row *sqlite3.Stmt) error {
			ids = append(ids, row.ColumnText(0))
			return nil
		})
		return ids, err
	}
	for _, id := range sortedNames(t.lost) {
		found, err := w.connection.one(t.sql.number, []any{id}, func(*sqlite3.Stmt) {})
		if err != nil {
			return nil, err
		}
		if found {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (w *rewriting) writeBits(t *rewrittenTable, index int64, bitmap, live vector.Bitmap) error {
	for page := 0; page*bitsPageWords < len(bitmap); page++ {
		bytes := make([]byte, bitsPage/8)
		for at, word := range wordsOf(bitmap, page*bitsPage, bitsPage) {
			binary.LittleEndian.PutUint64(bytes[at*8:], word&live[page*bitsPageWords+at])
		}
		if zero(bytes) {
			continue
		}
		err := w.connection.exec("INSERT INTO bits(table_id, index_id, page, generation, bits) VALUES(?, ?, ?, ?, ?)", t.id, index, page, w.generation, bytes)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeLost says in the metadata, and in the report, what was lost.
func (w *rewriting) writeLost() error {
	for _, t := range w.tables {
		if w.store.options.Lost != nil {
			ids, err := w.lostOf(t)
			if err != nil {
				return err
			}
			if len(ids) > 0 {
				w.report.Lost[t.name] = ids
			}
		}
		if len(t.dropped) > 0 {
			slices.Sort(t.dropped)
			w.report.Dropped[t.name] = slices.Compact(t.dropped)
		}
	}
	metadata := w.metadata
	if len(w.report.Lost) > 0 {
		changed, err := w.store.options.Lost(w.report.Lost, metadata)
		if err != nil {
			return err
		}
		metadata = maps.Clone(metadata)
		maps.Copy(metadata, changed)
	}
	return w.connection.setMetadata(metadata)
}

func (w *rewriting) writeTables() error {
	for _, t := range w.tables {
		err := w.connection.exec(fmt.Sprintf(`INSERT INTO tables(id, name, fields, versions, rows, chunks, generation)
			SELECT ?, ?, ?, ?, count(*), count(origin), ? FROM rows_%d`, t.id), t.id, t.name, t.fields, t.versions, w.generation)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeSequences sees to it that no id is given out a second time.
func (w *rewriting) writeSequences() error {
	files, err := w.store.files.List(w.store.segments.directory)
	if err != nil {
		return err
	}
	for _, table := range []string{"tables", "indices", "spans", "segments", "blobs"} {
		last, err := w.connection.number("SELECT max(id) FROM " + table)
		if err != nil {
			return err
		}
		if known, has := w.sequences[table]; has {
			last = max(last, known)
		} else {
			last += margin
		}
		for _, file := range files {
			if number, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(file), ".seg"), 10, 64); err == nil && table == "segments" {
				last = max(last, number)
			}
		}
		if err := w.connection.exec("DELETE FROM sqlite_sequence WHERE name=?", table); err != nil {
			return err
		}
		if err := w.connection.exec("INSERT INTO sqlite_sequence(name, seq) VALUES(?, ?)", table, last); err != nil {
			return err
		}
	}
	return nil
}
