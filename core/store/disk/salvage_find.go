package disk

import (
	"path/filepath"

	"github.com/innerspace/innerspace/core/store/disk/salvage"
	"github.com/innerspace/innerspace/core/store/disk/segment"
)

// salvaged is what could be read of a damaged catalogue, save for rows and pictures.
type salvaged struct {
	image      *salvage.Image
	trees      map[string]*salvage.Tree // by name of the table or index
	uuid       []byte
	generation int64
	sequences  map[string]int64
	metadata   map[string][]byte
	tables     map[int64]*salvagedTable
	indices    map[int64]*salvagedIndex
	spans      map[int64]*span
	ofTable    map[int64]int64 // by span
	segments   []salvagedSegment
	bits       map[bitsKey][]byte
	bitsLost   bool // some are
}

type salvagedTable struct {
	name                           string
	fields, versions, rows, chunks int64
	counted                        bool // rows and chunks are known
}

type salvagedIndex struct {
	table, dimension int64
	name             string
}

type salvagedSegment struct{ id, span, index, used int64 }

// find reads what a catalogue says of its rows.
func (s *Store) find(image *salvage.Image) (*salvaged, error) {
	f := &salvaged{
		image: image, sequences: map[string]int64{}, metadata: map[string][]byte{}, tables: map[int64]*salvagedTable{}, indices: map[int64]*salvagedIndex{},
		spans: map[int64]*span{}, ofTable: map[int64]int64{}, bits: map[bitsKey][]byte{},
	}
	if err := f.findTrees(); err != nil {
		return nil, err
	}
	for _, read := range []func(*Store) error{f.readSmall, f.readTables, f.readIndices, f.readBits} {
		if err := read(s); err != nil {
			return nil, err
		}
	}
	return f, f.matchRows()
}

// rows calls each for the rows of a table that are whole and have its shape, and says whether others may be missing.
func (f *salvaged) rows(name string, each func(row salvage.Row)) (missing bool, err error) {
	of := f.trees[name]
	if of == nil {
		return true, nil
	}
	missing = of.Damaged > 0
	return missing, f.image.Rows(of, func(row salvage.Row) error {
		if shapes[shapeOf(row)] != name {
			missing = true
			return nil
		}
		each(row)
		return nil
	})
}

func integer(row salvage.Row, at int) int64 { return row.Values[at].(int64) }

// readSmall reads tables of few rows.
func (f *salvaged) readSmall(s *Store) error {
	lost, err := f.rows("metadata", func(row salvage.Row) { f.metadata[row.Values[0].(string)] = row.Values[1].([]byte) })
	if err != nil {
		return err
	}
	if lost || checkMetadata(f.metadata) != nil {
		return unsalvageable("the definition of the store, or what else is known of it by name,")
	}
	if _, err := f.rows("store", func(row salvage.Row) { f.uuid, f.generation = row.Values[1].([]byte), integer(row, 2) }); err != nil {
		return err
	}
	if !s.segments.learn(f.uuid) {
		if f.uuid, err = s.uuidOfSegments(); err != nil {
			return err
		}
		s.segments.learn(f.uuid)
	}
	lost, err = f.rows("sqlite_sequence", func(row salvage.Row) { f.sequences[row.Values[0].(string)] = integer(row, 1) })
	if lost {
		f.sequences = nil
	}
	return err
}

func (f *salvaged) readTables(*Store) error {
	lost, err := f.rows("tables", func(row salvage.Row) {
		f.generation = max(f.generation, integer(row, 6))
		f.tables[row.Number] = &salvagedTable{row.Values[1].(string), integer(row, 2), integer(row, 3), integer(row, 4), integer(row, 5), true}
	})
	if err != nil || !lost {
		return err
	}
	// The index of their names has the names and ids; what else there was is in the rows.
	whole := false
	err = f.entries("sqlite_autoindex_tables_1", func(row salvage.Row) {
		if name, is := row.Values[0].(string); is && len(row.Values) == 2 {
			if id, is := row.Values[1].(int64); is && f.tables[id] == nil {
				f.tables[id] = &salvagedTable{name: name}
			}
		}
	}, &whole)
	if err == nil && !whole {
		err = unsalvageable("the list of tables")
	}
	return err
}

// entries calls each for the entries of an index; whole is set where none can be missing.
func (f *salvaged) entries(name string, each func(row salvage.Row), whole *bool) error {
	of := f.trees[name]
	if of == nil || of.Table {
		return nil
	}
	*whole = of.Damaged == 0
	return f.image.Rows(of, func(row salvage.Row) error {
		if len(row.Values) == 0 || !row.Whole() {
			*whole = false
			return nil
		}
		each(row)
		return nil
	})
}

func (f *salvaged) readIndices(s *Store) error {
	_, err := f.rows("spans", func(row salvage.Row) {
		sp := &span{id: row.Number, first: int(integer(row, 2)), capacity: int(integer(row, 3)), used: int(integer(row, 4)), synced: int(integer(row, 5))}
		f.spans[sp.id], f.ofTable[sp.id] = sp, integer(row, 1)
	})
	if err == nil {
		_, err = f.rows("segments", func(row salvage.Row) {
			f.segments = append(f.segments, salvagedSegment{row.Number, integer(row, 1), integer(row, 2), integer(row, 3)})
		})
	}
	if err != nil {
		return err
	}
	lost, err := f.rows("indices", func(row salvage.Row) {
		f.indices[row.Number] = &salvagedIndex{integer(row, 1), integer(row, 3), row.Values[2].(string)}
	})
	if err != nil || !lost {
		return err
	}
	whole := false
	err = f.entries("sqlite_autoindex_indices_1", func(row salvage.Row) {
		if shapeOf(row) == "iti" && f.indices[integer(row, 2)] == nil {
			f.indices[integer(row, 2)] = &salvagedIndex{integer(row, 0), -1, row.Values[1].(string)}
		}
	}, &whole)
	if err != nil {
		return err
	}
	for _, of := range f.segments {
		if i := f.indices[of.index]; i != nil && i.dimension < 0 {
			if id, right := s.identify(s.segments.path(uint64(of.id))); right {
				i.dimension = int64(id.Dimension)
			}
		}
	}
	for _, i := range f.indices {
		whole = whole && i.dimension >= 0
	}
	if !whole {
		return unsalvageable("the list of indices")
	}
	return nil
}

// uuidOfSegments is the name of the store as the headers of its segments have it; a store without any may get another.
func (s *Store) uuidOfSegments() ([]byte, error) {
	names, err := s.files.List(s.segments.directory)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if id, right := s.identify(filepath.Join(s.segments.directory, name)); right {
			return id.Store[:], nil
		}
	}
	return newUUID()
}

// identify reads the header of a segment; false where that is not right.
func (s *Store) identify(path string) (segment.Identity, bool) {
	file, err := s.files.Open(path)
	if err != nil {
		return segment.Identity{}, false // what cannot be read tells nothing
	}
	defer func() { _ = file.Close() }()
	return segment.Identify(file)
}

// readBits reads which rows have vectors. Which rows there are is told by the rows themselves.
func (f *salvaged) readBits(*Store) error {
	var err error
	f.bitsLost, err = f.rows("bits", func(row salvage.Row) {
		bytes, page := row.Values[4].([]byte), integer(row, 2)
		f.generation = max(f.generation, integer(row, 3))
		if len(bytes) == bitsPage/8 && page >= 0 && page <= maxNumber/bitsPage {
			f.bits[bitsKey{integer(row, 0), integer(row, 1), int(page)}] = bytes
		}
	})
	return err
}
