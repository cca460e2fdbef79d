package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/segment"
	"github.com/innerspace/innerspace/core/vector"
)

// state is what the catalogue says at one generation, save for the rows themselves. It never changes, so that reads need no locks.
type state struct {
	generation int64
	tables     map[string]*tableState
	segments   []*openSegment // that the tables use
	users      int            // reads that are under way, and 1 while it is the latest; guarded by segments.mu
}

// tableState is one table. Row numbers are those of the spans, from span.first on.
type tableState struct {
	id            int64
	name          string
	fields        int
	versions      int64 // given to rows so far
	rows, chunks  int
	generation    int64 // of the latest change
	live          vector.Bitmap
	indices       map[string]*indexState
	spans         []*span // by first
	sql           statements
	reservedUntil int // numbers beyond this are free
}

// indexState is the vectors of one index of a table.
type indexState struct {
	id        int64
	dimension int
	present   vector.Bitmap // rows that have a vector
	segments  []*openSegment
	used      []int          // rows of each segment that are written
	broken    map[int]uint64 // segments that cannot be used, by place of their span; only where a store is verified or repaired
	blocks    blocks
}

// intact is an error where a vector that was read may not be what was written, for all its checksum.
func (s *state) intact() error {
	for _, opened := range s.segments {
		if err := opened.Intact(); err != nil {
			return err
		}
	}
	return nil
}

// span is a run of row numbers, and for each index a segment with their vectors.
type span struct {
	id              int64
	first, capacity int
	used            int // rows that were given out
	synced          int // of these, those whose vectors are durable
}

// possible says whether a span can be one, behind those that end at a number.
func (sp *span) possible(end int) bool {
	return sp.first >= end && sp.first <= maxNumber && sp.first%segment.Unit == 0 &&
		sp.capacity > 0 && sp.capacity <= maxNumber-sp.first && sp.capacity%segment.Unit == 0 &&
		sp.used >= 0 && sp.used <= sp.capacity && sp.synced >= 0 && sp.synced <= sp.used
}

// load reads the catalogue within a transaction. What is the same as in base is taken from it. The segments of the state are open.
func (s *Store) load(c *connection, base *state) (*state, error) {
	generation, err := c.number("SELECT generation FROM store")
	if err != nil {
		return nil, err
	}
	if base != nil && base.generation == generation {
		return base, nil
	}
	l := loading{store: s, connection: c, base: base, made: &state{generation: generation, tables: map[string]*tableState{}}}
	if err := l.run(); err != nil {
		s.segments.release(l.made)
		return nil, err
	}
	return l.made, nil
}

type loading struct {
	store      *Store
	connection *connection
	base       *state
	made       *state
	indices    map[int64]*indexState
	tables     map[int64]*tableState
	places     map[int64]place // of spans
}

// place is where a span stands in its table.
type place struct {
	table *tableState
	at    int
}

func (l *loading) run() error {
	if err := l.readTables(); err != nil {
		return err
	}
	if err := l.readIndices(); err != nil {
		return err
	}
	if err := l.readSpans(); err != nil {
		return err
	}
	if err := l.readSegments(); err != nil {
		return err
	}
	return l.readBits()
}

func (l *loading) readTables() error {
	l.tables = map[int64]*tableState{}
	return l.connection.query("SELECT id, name, fields, versions, rows, chunks, generation FROM tables", nil, func(row *sqlite3.Stmt) error {
		t := &tableState{
			id: row.ColumnInt64(0), name: row.ColumnText(1), fields: row.ColumnInt(2), versions: row.ColumnInt64(3),
			rows: row.ColumnInt(4), chunks: row.ColumnInt(5), generation: row.ColumnInt64(6), indices: map[string]*indexState{},
		}
		if t.fields < 0 || t.fields > maxFields {
			return damagedCatalogue("a table of %d fields", t.fields)
		}
		t.sql = statementsOf(t.id)
		l.tables[t.id], l.made.tables[t.name] = t, t
		return nil
	})
}

func (l *loading) readIndices() error {
	l.indices = map[int64]*indexState{}
	return l.connection.query("SELECT id, table_id, name, dimension FROM indices", nil, func(row *sqlite3.Stmt) error {
		i := &indexState{id: row.ColumnInt64(0), dimension: row.ColumnInt(3)}
		t := l.tables[row.ColumnInt64(1)]
		if t == nil || i.id <= 0 {
			return damagedCatalogue("the index %d belongs to no table", i.id)
		}
		t.indices[row.ColumnText(2)], l.indices[i.id] = i, i
		return nil
	})
}

func (l *loading) readSpans() error {
	l.places = map[int64]place{}
	return l.connection.query("SELECT id, table_id, first, capacity, used, synced FROM spans ORDER BY first", nil, func(row *sqlite3.Stmt) error {
		sp := &span{id: row.ColumnInt64(0), first: row.ColumnInt(2), capacity: row.ColumnInt(3), used: row.ColumnInt(4), synced: row.ColumnInt(5)}
		t := l.tables[row.ColumnInt64(1)]
		switch {
		case t == nil:
			return damagedCatalogue("the span %d belongs to no table", sp.id)
		case !sp.possible(t.reservedUntil):
			return damagedCatalogue("the span %d has %d of %d rows from %d on", sp.id, sp.used, sp.capacity, sp.first)
		}
		l.places[sp.id] = place{t, len(t.spans)}
		t.spans = append(t.spans, sp)
		t.reservedUntil = sp.first + sp.capacity
		return nil
	})
}

func (l *loading) readSegments() error {
	for _, t := range l.tables {
		for _, i := range t.indices {
			i.segments, i.used = make([]*openSegment, len(t.spans)), make([]int, len(t.spans))
		}
	}
	return l.connection.query("SELECT id, span_id, index_id, used FROM segments", nil, func(row *sqlite3.Stmt) error {
		id, used := row.ColumnInt64(0), row.ColumnInt(3)
		at, found := l.places[row.ColumnInt64(1)]
		i := l.indices[row.ColumnInt64(2)]
		if !found || i == nil || at.at >= len(i.segments) || id <= 0 || used < 0 || used > at.table.spans[at.at].used {
			return damagedCatalogue("the segment %d has %d rows of no span and index", id, used)
		}
		opened, err := l.store.segments.open(uint64(id), i.dimension, at.table.spans[at.at].capacity)
		if err != nil && l.store.broken != nil {
			l.store.broken[uint64(id)] = err
			if i.broken == nil {
				i.broken = map[int]uint64{}
			}
			i.broken[at.at] = uint64(id)
			return nil
		}
		if err != nil {
			return err
		}
		l.made.segments = append(l.made.segments, opened)
		i.segments[at.at], i.used[at.at] = opened, used
		return nil
	})
}

// readBits takes the bitmaps of base and puts in what changed since.
func (l *loading) readBits() error {
	since := int64(-1)
	if l.base != nil {
		since = l.base.generation
		for name, t := range l.made.tables {
			before := l.base.tables[name]
			if before == nil || before.id != t.id {
				continue
			}
			t.live = before.live
			for name, i := range t.indices {
				if b := before.indices[name]; b != nil && b.id == i.id {
					i.present = b.present
				}
			}
		}
	}
	owned := map[*vector.Bitmap]bool{}
	err := l.connection.query("SELECT table_id, index_id, page, bits FROM bits WHERE generation>?", []any{since}, func(row *sqlite3.Stmt) error {
		t := l.tables[row.ColumnInt64(0)]
		if t == nil {
			return damagedCatalogue("bits of no table")
		}
		bitmap := &t.live
		if id := row.ColumnInt64(1); id != 0 {
			i := l.indices[id]
			if i == nil {
				return damagedCatalogue("bits of no index")
			}
			bitmap = &i.present
		}
		page, bytes := row.ColumnInt(2), row.ColumnRawBlob(3)
		if page < 0 || len(bytes) != bitsPage/8 {
			return damagedCatalogue("%d bytes of bits on page %d", len(bytes), page)
		}
		if page > t.reservedUntil/bitsPage && page >= len(*bitmap)/bitsPageWords {
			if zero(bytes) {
				return nil // of spans that were removed
			}
			return damagedCatalogue("bits on page %d, beyond all spans", page)
		}
		if !owned[bitmap] {
			*bitmap, owned[bitmap] = slices.Clone(*bitmap), true
		}
		*bitmap = (*bitmap).Reaching((page+1)*bitsPage - 1)
		for w := range bitsPageWords {
			(*bitmap)[page*bitsPageWords+w] = binary.LittleEndian.Uint64(bytes[w*8:])
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.checkBits()
}

// checkBits sees to it that only rows that were written have bits.
func (l *loading) checkBits() error {
	for _, t := range l.tables {
		if t.live.Count() != t.rows {
			return damagedCatalogue("the table %q counts %d rows and has %d", t.name, t.rows, t.live.Count())
		}
		for name, i := range t.indices {
			found := 0
			for at, sp := range t.spans {
				if words := wordsOf(i.present, sp.first, sp.capacity); words != nil {
					n := words.Count()
					if found += n; n > 0 && i.broken[at] == 0 && (i.segments[at] == nil || last(words) >= i.used[at]) {
						return damagedCatalogue("the index %q has vectors in a span without them", name)
					}
				}
			}
			if found != i.present.Count() {
				return damagedCatalogue("the index %q has vectors outside of all spans", name)
			}
		}
	}
	return nil
}

func zero(bytes []byte) bool {
	for _, b := range bytes {
		if b != 0 {
			return false
		}
	}
	return true
}

// wordsOf is the part of a bitmap from a row on, whose number is a multiple of 64; shorter where the bitmap ends.
func wordsOf(bitmap vector.Bitmap, first, rows int) vector.Bitmap {
	from, to := first/64, (first+rows+63)/64
	if from >= len(bitmap) {
		return nil
	}
	return bitmap[from:min(to, len(bitmap))]
}

// spanOf finds the span of a row; -1 where there is none.
func (t *tableState) spanOf(row int) int {
	at, found := slices.BinarySearchFunc(t.spans, row, func(sp *span, row int) int { return sp.first - row })
	if !found {
		at--
	}
	if at < 0 || row >= t.spans[at].first+t.spans[at].capacity {
		return -1
	}
	return at
}

// Caps on what a catalogue may say.
const (
	maxFields = 1 << 16
	maxNumber = 1 << 31 // row numbers
)

func damagedCatalogue(format string, args ...any) error {
	return errs.New(errs.InvalidInput, "the catalogue of the store is damaged: it has %s. Verify it and repair it, or take a copy that is not", fmt.Sprintf(format, args...))
}

// gone says that a state cannot be loaded because a compaction has removed segments meanwhile: a newer state can.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
