package disk

import (
	"errors"
	"slices"

	"github.com/innerspace/innerspace/core/store/disk/segment"
	"github.com/innerspace/innerspace/core/vector"
)

// Spans begin small and double, so that a small store has small files and a large one has few.
const (
	smallestSpan = 1024
	largestSpan  = 65536
	// largestSegment is the size in bytes of the vectors of a segment of more than the smallest span.
	largestSegment = 128 << 20
)

// tail is the span of a table that rows are added to.
type tail struct {
	span    *span
	next    int // number of the next row that is given out
	written int // rows from this number on are still to be written
	writers map[string]*segment.Writer
	numbers map[string]uint64 // of the segments
}

func (t *tail) close() {
	for _, writer := range t.writers {
		_ = writer.Close()
	}
}

func (t *tail) sync() error {
	for _, writer := range t.writers {
		if err := writer.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// run is rows of a commit with numbers one after the other.
type run struct {
	table int64
	first int
	rows  []map[string][]float32
}

// add gives a row with the given vectors a number.
func (ch *changing) add(t *tableState, vectors map[string][]float32) (int, error) {
	at, err := ch.tailOf(t)
	if err != nil {
		return 0, err
	}
	number := at.next
	at.next++
	ch.moved[at] = t
	if n := len(ch.runs); n == 0 || ch.runs[n-1].table != t.id || ch.runs[n-1].first+len(ch.runs[n-1].rows) != number {
		ch.runs = append(ch.runs, run{table: t.id, first: number})
	}
	latest := &ch.runs[len(ch.runs)-1]
	latest.rows = append(latest.rows, vectors)
	ch.set(t, nil, number, true)
	for name, i := range t.indices {
		if vectors[name] != nil {
			ch.set(t, i, number, true)
		}
	}
	return number, nil
}

// vectorOf is the vector that a row has in an index, which this commit may have added; nil where it has none.
func (ch *changing) vectorOf(t *tableState, name string, number int) ([]float32, error) {
	for i := range ch.runs {
		if r := &ch.runs[i]; r.table == t.id && number >= r.first && number < r.first+len(r.rows) {
			return r.rows[number-r.first][name], nil
		}
	}
	ch.read = true
	return t.vector(t.indices[name], number)
}

// tailOf returns the span to which rows of a table are added: one with room for one more.
func (ch *changing) tailOf(t *tableState) (*tail, error) {
	w := ch.writer
	at := w.tails[t.id]
	if at != nil && at.next < at.span.first+at.span.capacity {
		return at, nil
	}
	if at != nil {
		if err := ch.retire(t, at); err != nil {
			return nil, err
		}
	}
	made, err := ch.reopenTail(t)
	if made == nil && err == nil {
		made, err = ch.newSpan(t)
	}
	if err != nil {
		return nil, err
	}
	w.tails[t.id] = made
	return made, nil
}

// retire writes what is left of a tail that is full, and ends it.
func (ch *changing) retire(t *tableState, at *tail) error {
	delete(ch.writer.tails, t.id)
	defer at.close()
	if err := ch.flush(t, at); err != nil {
		return err
	}
	ch.writer.full[at.span.id] = true
	return at.sync()
}

// reopenTail goes on with the latest span of a table where it has room and all its segments are written as far as it is used; else none.
func (ch *changing) reopenTail(t *tableState) (*tail, error) {
	var latest *span
	at := -1
	for i, sp := range t.spans {
		if latest == nil || sp.id > latest.id {
			latest, at = sp, i
		}
	}
	if latest == nil || latest.used == latest.capacity || ch.writer.full[latest.id] || len(ch.made[t.id]) > 0 {
		return nil, nil
	}
	for _, i := range t.indices {
		if i.segments[at] == nil || i.used[at] != latest.used {
			return nil, nil
		}
	}
	made := &tail{span: latest, next: latest.first + latest.used, written: latest.first + latest.used, writers: map[string]*segment.Writer{}, numbers: map[string]uint64{}}
	for name, i := range t.indices {
		opened := i.segments[at]
		set := wordsOf(i.present, latest.first, latest.capacity)
		ch.read = true
		if _, err := verify(opened, unitOf(set, latest.used), 0); err != nil {
			return nil, nil // damaged rows are not to be coded as if they were right; the new ones go elsewhere
		}
		writer, err := segment.NewWriter(ch.writer.store.files, opened.Path(), ch.writer.store.segments.identity(opened.number, i.dimension, latest.capacity), latest.used, opened.Segment, set)
		if err != nil {
			made.close()
			return nil, err
		}
		made.writers[name], made.numbers[name] = writer, opened.number
	}
	return made, nil
}

// unitOf are the rows of a set that share their unit with the next row.
func unitOf(set vector.Bitmap, next int) vector.Bitmap {
	if next%segment.Unit == 0 || next/segment.Unit >= len(set) {
		return nil
	}
	unit := make(vector.Bitmap, next/segment.Unit+1)
	unit[next/segment.Unit] = set[next/segment.Unit]
	return unit
}

// newSpan makes a span with an empty segment for each index.
func (ch *changing) newSpan(t *tableState) (*tail, error) {
	sp := &span{capacity: ch.capacity(t)}
	sp.first = t.gap(slices.Concat(ch.made[t.id], ch.writer.spent[t.id]), sp.capacity)
	var err error
	sp.id, err = ch.insert("INSERT INTO spans(table_id, first, capacity, used, synced) VALUES(?, ?, ?, 0, 0)", t.id, sp.first, sp.capacity)
	if err != nil {
		return nil, err
	}
	ch.made[t.id] = append(ch.made[t.id], sp)
	made := &tail{span: sp, next: sp.first, written: sp.first, writers: map[string]*segment.Writer{}, numbers: map[string]uint64{}}
	for name, i := range t.indices {
		number, err := ch.insert("INSERT INTO segments(span_id, index_id, used) VALUES(?, ?, 0)", sp.id, i.id)
		var writer *segment.Writer
		if err == nil {
			writer, err = ch.createSegment(uint64(number), i.dimension, sp.capacity)
		}
		if err != nil {
			made.close()
			return nil, err
		}
		made.numbers[name], made.writers[name] = uint64(number), writer
	}
	return made, nil
}

func (ch *changing) createSegment(number uint64, dimension, capacity int) (*segment.Writer, error) {
	s := ch.writer.store.segments
	id := s.identity(number, dimension, capacity)
	if err := segment.Create(s.files, s.path(number), id, true); err != nil {
		return nil, err
	}
	return segment.NewWriter(s.files, s.path(number), id, 0, nil, nil)
}

// insert runs an INSERT and returns the id of the row.
func (ch *changing) insert(sql string, values ...any) (int64, error) {
	if err := ch.connection.exec(sql, values...); err != nil {
		return 0, err
	}
	return ch.connection.sqlite.LastInsertRowID(), nil
}

// capacity is how many rows the next span of a table is for.
func (ch *changing) capacity(t *tableState) int {
	most := largestSpan
	for _, i := range t.indices {
		if i.dimension > 0 {
			most = min(most, largestSegment/4/i.dimension/smallestSpan*smallestSpan)
		}
	}
	latest := 0
	for _, sp := range slices.Concat(t.spans, ch.made[t.id]) {
		latest = max(latest, sp.capacity)
	}
	wanted := smallestSpan
	for wanted < ch.expected {
		wanted *= 2
	}
	return max(smallestSpan, min(most, max(2*latest, wanted)))
}

// gap finds the lowest numbers that no span has, be it of the table or of the others.
func (t *tableState) gap(others []*span, capacity int) int {
	first := 0
	for moved := true; moved; {
		moved = false
		for _, sp := range slices.Concat(t.spans, others) {
			if first < sp.first+sp.capacity && sp.first < first+capacity {
				first, moved = sp.first+sp.capacity, true
			}
		}
	}
	return first
}

// flush writes the rows of a tail that are still to be written, and says so in the catalogue.
func (ch *changing) flush(t *tableState, at *tail) error {
	for i := range ch.runs {
		r := &ch.runs[i]
		if r.table != t.id || r.first+len(r.rows) <= at.written || r.first >= at.next {
			continue
		}
		rows := r.rows[max(0, at.written-r.first):min(len(r.rows), at.next-r.first)]
		ch.wrote = true
		for name, writer := range at.writers {
			if err := addRows(writer, name, rows); err != nil {
				return err
			}
		}
		at.written += len(rows)
	}
	if at.written != at.next {
		return errors.New("rows of a commit are missing")
	}
	synced := at.next - at.span.first
	if !ch.durable && at.next < at.span.first+at.span.capacity {
		synced = at.span.synced
	}
	err := ch.connection.exec("UPDATE spans SET used=?, synced=? WHERE id=?", at.next-at.span.first, synced, at.span.id)
	for _, number := range at.numbers {
		if err == nil {
			err = ch.connection.exec("UPDATE segments SET used=? WHERE id=?", at.next-at.span.first, number)
		}
	}
	return err
}

func addRows(writer *segment.Writer, name string, rows []map[string][]float32) error {
	const batch = 1024
	vectors := make([][]float32, 0, batch)
	for len(rows) > 0 {
		some := rows[:min(batch, len(rows))]
		vectors = vectors[:0]
		for _, row := range some {
			vectors = append(vectors, row[name])
		}
		if err := writer.Add(vectors); err != nil {
			return err
		}
		rows = rows[len(some):]
	}
	return nil
}
