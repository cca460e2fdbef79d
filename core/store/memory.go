package store

import (
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Memory is a Store in memory. A table's rows have numbers; the vectors of an index lie in blocks
// of blockRows rows, so that a growing table never moves more than one block. The number of a
// deleted row goes to a later one.
type Memory struct {
	tables map[string]*memoryTable
}

var _ Store = (*Memory)(nil)

// NewMemory makes an empty store with the given tables.
func NewMemory(tables []Table) *Memory {
	m := &Memory{tables: map[string]*memoryTable{}}
	for _, t := range tables {
		table := &memoryTable{
			nothing: make([]schema.Value, t.Fields), numbers: map[string]int{}, matrices: map[string]*matrix{}, chunks: map[string][]string{},
		}
		for index, dimension := range t.Index {
			table.matrices[index] = &matrix{dimension: dimension}
		}
		m.tables[t.Schema] = table
	}
	return m
}

func (m *Memory) table(name string) (*memoryTable, error) {
	table, ok := m.tables[name]
	if !ok {
		return nil, errs.New(errs.Internal, "the store has no table %q", name)
	}
	return table, nil
}

// Read implements Store.
func (m *Memory) Read(name string, read func(Snapshot) error) error {
	table, err := m.table(name)
	if err != nil {
		return err
	}
	table.mu.RLock()
	defer table.mu.RUnlock()
	return read(memorySnapshot{table})
}

// Commit implements Store.
func (m *Memory) Commit(name string, changes []Change) (Outcome, error) {
	table, err := m.table(name)
	if err != nil {
		return Outcome{}, err
	}
	for i := range changes {
		if err := table.check(&changes[i]); err != nil {
			return Outcome{}, err
		}
	}
	table.mu.Lock()
	defer table.mu.Unlock()
	for i := range changes {
		if err := table.checkChunks(&changes[i]); err != nil {
			return Outcome{}, err
		}
	}
	if conflicts := table.conflicts(changes); len(conflicts) > 0 {
		return Outcome{Conflicts: conflicts}, nil
	}
	outcome := Outcome{Before: make([][]schema.Value, len(changes))}
	for i := range changes {
		outcome.Before[i] = table.put(&changes[i])
	}
	return outcome, nil
}

// Delete implements Store.
func (m *Memory) Delete(name string, ids []string) (deleted int, missing []string, err error) {
	table, err := m.table(name)
	if err != nil {
		return 0, nil, err
	}
	table.mu.Lock()
	defer table.mu.Unlock()
	for _, id := range ids {
		if table.remove(id) {
			deleted++
		} else {
			missing = append(missing, id)
		}
	}
	return deleted, missing, nil
}

// Close implements Store.
func (m *Memory) Close() error {
	m.tables = nil
	return nil
}

type memoryTable struct {
	mu       sync.RWMutex
	nothing  []schema.Value // the values of a chunk: none
	numbers  map[string]int // id -> row number
	ids      []string       // by row number
	rows     []Row
	live     vector.Bitmap // numbers of rows that exist
	free     []int         // numbers of deleted rows
	commits  uint64        // version of the latest change
	matrices map[string]*matrix
	chunks   map[string][]string // id of a row -> those of its chunks
	pieces   int                 // number of chunks
	columns  column.Columns      // changed under mu, made under its read lock
}

func (t *memoryTable) check(change *Change) error {
	if len(change.Values) != len(t.nothing) {
		return errs.New(errs.Internal, "a change has %d values; the table has %d fields", len(change.Values), len(t.nothing))
	}
	for index, m := range t.matrices {
		if values, given := change.Vectors[index]; given && len(values) != m.dimension {
			return errs.New(errs.Internal, "a change has a vector of length %d for the index %s of dimension %d",
				len(values), index, m.dimension)
		}
	}
	return nil
}

func (t *memoryTable) conflicts(changes []Change) (conflicts []int) {
	for i := range changes {
		if changes[i].Expected == nil {
			continue
		}
		version := uint64(0)
		if number, ok := t.numbers[changes[i].ID]; ok {
			version = t.rows[number].Version
		}
		if version != *changes[i].Expected {
			conflicts = append(conflicts, i)
		}
	}
	return conflicts
}

// put applies one change and returns the values before it.
func (t *memoryTable) put(change *Change) []schema.Value {
	number, exists := t.numbers[change.ID]
	values := slices.Clone(change.Values) // snapshots keep reading the old slice
	var before []schema.Value
	if exists {
		if t.rows[number].Origin != "" { // a chunk of the same commit, in whose place the row comes
			t.pieces--
		}
		before = t.rows[number].Values
		for i := range values {
			if !values[i].Present {
				values[i] = before[i]
			}
		}
	} else {
		number = t.number(change.ID)
	}
	t.commits++
	t.columns.Set(number, before, values)
	t.rows[number] = Row{Values: values, Version: t.commits, History: change.History}
	for index, m := range t.matrices {
		if vector, given := change.Vectors[index]; given || !exists {
			m.set(number, vector)
		}
	}
	if !change.KeepChunks {
		t.putChunks(change)
	}
	return before
}

// number gives a new id a free row number.
func (t *memoryTable) number(id string) int {
	var number int
	if last := len(t.free) - 1; last >= 0 {
		number, t.free = t.free[last], t.free[:last]
		t.ids[number] = id
	} else {
		number = len(t.ids)
		t.ids, t.rows = append(t.ids, id), append(t.rows, Row{})
		if number/64 == len(t.live) {
			t.live = append(t.live, 0)
		}
	}
	t.numbers[id] = number
	t.live[number/64] |= 1 << (number % 64)
	return number
}

// remove deletes a row and its chunks.
func (t *memoryTable) remove(id string) bool {
	number, ok := t.numbers[id]
	if !ok {
		return false
	}
	if t.rows[number].Origin != "" {
		t.pieces--
	}
	t.removeChunks(id)
	delete(t.numbers, id)
	t.columns.Set(number, t.rows[number].Values, nil)
	t.ids[number], t.rows[number] = "", Row{}
	t.live[number/64] &^= 1 << (number % 64)
	for _, m := range t.matrices {
		m.clear(number)
	}
	t.free = append(t.free, number)
	return true
}

type memorySnapshot struct{ table *memoryTable }

func (s memorySnapshot) Rows() int { return len(s.table.numbers) }

func (s memorySnapshot) Chunks() int { return s.table.pieces }

func (s memorySnapshot) Live() vector.Bitmap { return s.table.live }

func (s memorySnapshot) Find(id string) (Row, bool) {
	number, ok := s.table.numbers[id]
	if !ok {
		return Row{}, false
	}
	return s.table.rows[number], true
}

func (s memorySnapshot) IDs() iter.Seq[string] { return maps.Keys(s.table.numbers) }

func (s memorySnapshot) Number(id string) (int, bool) {
	number, ok := s.table.numbers[id]
	return number, ok
}

func (s memorySnapshot) ID(row int) string             { return s.table.ids[row] }
func (s memorySnapshot) Origin(row int) string         { return s.table.rows[row].Origin }
func (s memorySnapshot) Values(row int) []schema.Value { return s.table.rows[row].Values }
func (s memorySnapshot) Vector(index string, row int) []float32 {
	return s.table.matrices[index].get(row)
}

func (s memorySnapshot) Blocks(index string) []vector.Block {
	m, ok := s.table.matrices[index]
	if !ok {
		return nil
	}
	blocks := make([]vector.Block, 0, len(m.blocks))
	for i, values := range m.blocks {
		block := vector.Block{First: i * blockRows, Rows: min(blockRows, len(s.table.ids)-i*blockRows), Vectors: values, Codes: m.codes[i]}
		live := m.live[block.First/64 : (block.First+block.Rows+63)/64]
		count := live.Count()
		if count == 0 {
			continue
		}
		if count < block.Rows {
			block.Live = live
		}
		blocks = append(blocks, block)
	}
	return blocks
}
