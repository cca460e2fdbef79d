package disk

import (
	"encoding/binary"
)

// bitsKey names a page of a bitmap: of an index, or with 0 of the rows themselves.
type bitsKey struct {
	table, index int64
	page         int
}

// changing is a commit being made.
type changing struct {
	writer     *writer
	connection *connection
	state      *state // before
	dirty      map[bitsKey][]byte
	counted    map[int64]*counts
	expected   int                   // rows that are going to be added
	runs       []run                 // rows added
	moved      map[*tail]*tableState // tails with rows of this commit
	made       map[int64][]*span     // spans made, by table
	durable    bool                  // whatever happens after the commit
	wrote      bool                  // segments were written to
	read       bool                  // vectors of segments were read, to be written elsewhere
	dropped    []uint64              // segments that are no longer named

	droppedGraphs []uint64 // the same of graphs
}

// bits returns a page of a bitmap as this commit leaves it, to be changed.
func (ch *changing) bits(t *tableState, i *indexState, row int) []byte {
	key := bitsKey{table: t.id, page: row / bitsPage}
	before := t.live
	if i != nil {
		key.index, before = i.id, i.present
	}
	bytes := ch.dirty[key]
	if bytes == nil {
		bytes = make([]byte, bitsPage/8)
		for at, word := range wordsOf(before, key.page*bitsPage, bitsPage) {
			binary.LittleEndian.PutUint64(bytes[at*8:], word)
		}
		ch.dirty[key] = bytes
	}
	return bytes
}

// set puts a row into a bitmap, or takes it out.
func (ch *changing) set(t *tableState, i *indexState, row int, is bool) {
	bytes, bit := ch.bits(t, i, row), row%bitsPage
	if is {
		bytes[bit/8] |= 1 << (bit % 8)
	} else {
		bytes[bit/8] &^= 1 << (bit % 8)
	}
}

// has says whether a row is in a bitmap as this commit leaves it.
func (ch *changing) has(t *tableState, i *indexState, row int) bool {
	key := bitsKey{table: t.id, index: i.id, page: row / bitsPage}
	if bytes := ch.dirty[key]; bytes != nil {
		return bytes[row%bitsPage/8]&(1<<(row%8)) != 0
	}
	return i.present.Has(row)
}

// finish syncs segments and writes what is left into the catalogue.
func (ch *changing) finish() error {
	for at, t := range ch.moved {
		if at.written < at.next {
			if err := ch.flush(t, at); err != nil {
				return err
			}
		}
	}
	if ch.durable {
		if err := ch.writer.syncTails(); err != nil {
			return err
		}
	}
	if ch.read {
		if err := ch.state.intact(); err != nil {
			return err
		}
	}
	generation := ch.state.generation + 1
	for key, bytes := range ch.dirty {
		err := ch.connection.exec("INSERT OR REPLACE INTO bits(table_id, index_id, page, generation, bits) VALUES(?, ?, ?, ?, ?)",
			key.table, key.index, key.page, generation, bytes)
		if err != nil {
			return err
		}
	}
	return ch.connection.exec("UPDATE store SET generation=?", generation)
}
