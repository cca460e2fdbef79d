package disk

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/store/disk/record"
	"github.com/innerspace/innerspace/core/store/disk/salvage"
	"github.com/innerspace/innerspace/core/vector"
)

// rewriting is a catalogue being made of what was salvaged.
type rewriting struct {
	*salvaged
	store      *Store
	connection *connection
	report     *Report
	generation int64
	pictures   map[int64]bool               // that rows name
	tables     map[int64]*rewrittenTable    // by id
	segments   map[[2]int64]salvagedSegment // by span and index

	writtenSpans    map[int64]*span
	lastSpan, added int64
}

// rewrittenTable is a table as it is being written.
type rewrittenTable struct {
	*salvagedTable
	id      int64
	sql     statements
	live    vector.Bitmap
	pieces  int64 // chunks that are there
	spans   []*span
	dropped []string        // ids of rows that are lost
	unnamed int             // rows that are lost, with unknown ids
	lost    map[string]bool // ids of rows that stay without some of their vectors or chunks
	allLost bool            // any row may be among them
}

// writeCatalogue makes a new catalogue, with a later generation, under the name of one that is not finished.
func (s *Store) writeCatalogue(found *salvaged, report *Report) error {
	w := &rewriting{
		salvaged: found, store: s, report: report, generation: found.generation + margin,
		pictures: map[int64]bool{}, tables: map[int64]*rewrittenTable{}, segments: map[[2]int64]salvagedSegment{}, writtenSpans: map[int64]*span{},
	}
	return s.makeCatalogue(found.uuid, w.fill)
}

// margin is how far behind the last number that is known another one that was given out may be.
const margin = 1 << 16

func (w *rewriting) fill(c *connection) error {
	w.connection = c
	w.report.Dropped, w.report.Lost, w.report.Unnamed = map[string][]string{}, map[string][]string{}, map[string]int{}
	for id, t := range w.salvaged.tables {
		made := &rewrittenTable{salvagedTable: t, id: id, sql: statementsOf(id), lost: map[string]bool{}}
		w.tables[id] = made
		if err := w.connection.sqlite.Exec(tableSchema(id)); err != nil {
			return err
		}
		for _, step := range []func(*rewrittenTable) error{w.rows, w.nameLost, w.orphans, w.coverSpans} {
			if err := step(made); err != nil {
				return err
			}
		}
	}
	for _, step := range []func() error{w.blobs, w.writeSegments, w.writeIndices, w.writeLost, w.writeTables, w.writeSequences} {
		if err := step(); err != nil {
			return err
		}
	}
	return w.connection.exec("UPDATE store SET generation=?", w.generation)
}

// rows writes the rows of a table that are whole.
func (w *rewriting) rows(t *rewrittenTable) error {
	of := w.trees[rowsName(t.id)]
	if of == nil {
		return nil
	}
	return w.image.Rows(of, func(row salvage.Row) error {
		if shapes[shapeOf(row)] != "rows" || row.Number < 0 || row.Number >= maxNumber || integer(row, 2) <= 0 {
			return nil // it counts among those that are missing
		}
		bytes := row.Values[4].([]byte)
		fields, err := record.Count(bytes)
		if err != nil || fields > maxFields || t.counted && int64(fields) > t.fields {
			return nil
		}
		values, err := record.Read(bytes, fields)
		history, _ := row.Values[5].([]byte)
		if err != nil || record.CheckHistory(bytes, history) != nil {
			return nil
		}
		for i := range values {
			if blob := values[i].Blob; blob != nil && blob.Size > 0 {
				w.pictures[blob.ID] = true
			}
		}
		if !t.counted {
			t.versions, t.fields = max(t.versions, integer(row, 2)+margin), max(t.fields, int64(fields))
		}
		if row.Values[3] != nil {
			t.pieces++
		}
		t.live = withRow(t.live, int(row.Number))
		return w.connection.exec(t.sql.insert, row.Number, row.Values[1], row.Values[2], row.Values[3], bytes, row.Values[5])
	})
}

// missing calls each for the entries of an index whose rows are not there; whole says that none can be missing.
func (w *rewriting) missing(t *rewrittenTable, index string, each func(text string, number int64)) (whole bool, err error) {
	err = w.entries(index, func(entry salvage.Row) {
		if shapeOf(entry) == "ti" && (integer(entry, 1) < 0 || !t.live.Has(int(integer(entry, 1)))) {
			each(entry.Values[0].(string), integer(entry, 1))
		}
	}, &whole)
	return whole, err
}

// nameLost finds out what rows and chunks there were that are lost: the indices of a table have their ids.
func (w *rewriting) nameLost(t *rewrittenTable) error {
	chunks, seen := map[int64]bool{}, map[int64]bool{}
	whole, err := w.missing(t, fmt.Sprint("origins_", t.id), func(origin string, number int64) {
		chunks[number], seen[number], t.lost[origin] = true, true, true
	})
	if err != nil {
		return err
	}
	if t.counted && t.chunks > t.pieces+int64(len(chunks)) || !t.counted && !whole && t.pieces > 0 {
		t.allLost = true // any row may have had pieces that are lost
	}
	_, err = w.missing(t, fmt.Sprintf("sqlite_autoindex_rows_%d_1", t.id), func(id string, number int64) {
		if seen[number] = true; !chunks[number] {
			t.dropped = append(t.dropped, id)
		}
	})
	gone := t.rows - int64(t.live.Count())
	if !t.counted {
		gone = 0
		for key, bytes := range w.bits {
			if key.table == t.id && key.index == 0 {
				for bit := range bitsPage {
					if bytes[bit/8]&(1<<(bit%8)) != 0 && !t.live.Has(key.page*bitsPage+bit) {
						gone++
					}
				}
			}
		}
	}
	t.unnamed = int(gone) - len(seen)
	return err
}

// orphans deletes the chunks of rows that are lost, which they name.
func (w *rewriting) orphans(t *rewrittenTable) error {
	without := fmt.Sprintf("FROM rows_%[1]d WHERE origin IS NOT NULL AND origin NOT IN (SELECT id FROM rows_%[1]d WHERE origin IS NULL)", t.id)
	named := map[string]bool{}
	for _, id := range t.dropped {
		named[id] = true
	}
	name := func(id string) {
		if !named[id] {
			named[id] = true
			t.dropped = append(t.dropped, id)
			t.unnamed--
		}
	}
	err := w.connection.query("SELECT DISTINCT origin "+without, nil, func(row *sqlite3.Stmt) error {
		name(row.ColumnText(0))
		return nil
	})
	for id := range t.lost {
		found, failed := w.connection.one(t.sql.number, []any{id}, func(*sqlite3.Stmt) {})
		if err = errors.Join(err, failed); failed == nil && !found {
			name(id)
		}
	}
	if t.unnamed > 0 {
		w.report.Unnamed[t.name] = t.unnamed
	}
	if err != nil {
		return err
	}
	return w.drop(t, "SELECT number "+without)
}

// drop deletes the rows whose numbers a statement gives.
func (w *rewriting) drop(t *rewrittenTable, sql string, values ...any) error {
	var numbers []int
	err := w.connection.query(sql, values, func(row *sqlite3.Stmt) error {
		numbers = append(numbers, row.ColumnInt(0))
		return nil
	})
	for _, number := range numbers {
		if err == nil {
			t.live[number/64] &^= 1 << (number % 64)
			err = w.connection.exec(t.sql.remove, number)
		}
	}
	return err
}

// coverSpans takes the spans of a table that can be, and makes others for rows that are in none.
func (w *rewriting) coverSpans(t *rewrittenTable) error {
	for id, sp := range w.salvaged.spans {
		if w.ofTable[id] == t.id {
			t.spans = append(t.spans, sp)
		}
		w.lastSpan = max(w.lastSpan, id)
	}
	slices.SortFunc(t.spans, func(a, b *span) int { return a.first - b.first })
	end := 0
	t.spans = slices.DeleteFunc(t.spans, func(sp *span) bool {
		if !sp.possible(end) {
			return true
		}
		end = sp.first + sp.capacity
		return false
	})
	for _, made := range uncovered(t.live, t.spans) {
		w.added++
		made.id = w.lastSpan + margin + w.added
		t.spans = append(t.spans, made)
	}
	slices.SortFunc(t.spans, func(a, b *span) int { return a.first - b.first })
	for _, sp := range t.spans {
		err := w.connection.exec("INSERT INTO spans(id, table_id, first, capacity, used, synced) VALUES(?, ?, ?, ?, ?, ?)", sp.id, t.id, sp.first, sp.capacity, sp.used, sp.synced)
		if err != nil {
			return err
		}
		w.writtenSpans[sp.id] = sp
	}
	return nil
}

// uncovered are spans for the rows that are in none of those that there are, which are in order.
func uncovered(live vector.Bitmap, spans []*span) (made []*span) {
	known := &tableState{spans: spans}
	var latest *span
	for row := range live.All() {
		if known.spanOf(row) >= 0 {
			continue
		}
		if latest == nil || slices.ContainsFunc(spans, func(sp *span) bool { return sp.first >= latest.first && sp.first <= row }) {
			latest = &span{first: row / 64 * 64}
			made = append(made, latest)
		}
		latest.capacity = row/64*64 + 64 - latest.first
		latest.used, latest.synced = latest.capacity, latest.capacity
	}
	return made
}

// blobs writes the pictures that rows name. Rows whose pictures are lost are found when the store is examined.
func (w *rewriting) blobs() error {
	of := w.trees["blobs"]
	if of == nil {
		return nil
	}
	return w.image.Rows(of, func(row salvage.Row) error {
		if shapes[shapeOf(row)] != "blobs" || !w.pictures[row.Number] {
			return nil
		}
		return w.connection.exec("INSERT INTO blobs(id, bytes) VALUES(?, ?)", row.Number, row.Values[1])
	})
}

// writeSegments writes the segments of spans and indices that are there.
func (w *rewriting) writeSegments() error {
	for _, of := range w.salvaged.segments {
		sp, i := w.writtenSpans[of.span], w.indices[of.index]
		if sp == nil || i == nil || w.ofTable[of.span] != i.table || of.used < 0 || of.used > int64(sp.used) || of.id <= 0 {
			continue
		}
		w.segments[[2]int64{of.span, of.index}] = of
		if err := w.connection.exec("INSERT INTO segments(id, span_id, index_id, used) VALUES(?, ?, ?, ?)", of.id, of.span, of.index, of.used); err != nil {
			return err
		}
	}
	return nil
}
