package engine

import (
	"io"
	"slices"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// arrangedStore shows a store that was made with an earlier definition as the present one wants it: fields in another order, vectors
// under the names of other indices, histories as bytes, and pictures by where they lie.
type arrangedStore struct {
	store.Store
	graphs store.GraphKeeper // the same
	tables map[string]*arrangement
}

// arrangement is where a store keeps what belongs to the rows of a schema.
type arrangement struct {
	fields    []int // of each field of the schema the place among the stored values
	places    int   // number of stored values
	asTheyAre bool  // places of fields are their positions
	blobs     []int // positions of fields
	vectors   map[string]string
	histories []historyArrangement
}

// historyArrangement is where the history of an index lies.
type historyArrangement struct {
	index, name string
	groups      []int // for each of described.groupKeys the position of the group in the index
	spaces      []int // of these groups
	all         int   // groups of the index
	parts       []int // lengths of the vectors of the spaces of the index
}

// fits says whether a history can be one of the index: what is on the disk may be anything.
func (of historyArrangement) fits(stored *storedIndexHistory) bool {
	for position, own := range stored.own {
		if position >= len(of.parts) || len(own.Values) != of.parts[position] {
			return false
		}
	}
	for place, past := range stored.pasts {
		if place >= len(of.groups) || past.Count < 0 || len(past.Vector.Values) != of.parts[of.spaces[place]] {
			return false
		}
	}
	return true
}

func newArrangement(of *schema.Schema, layout *tableLayout) *arrangement {
	a := &arrangement{places: len(layout.Fields), asTheyAre: len(layout.Fields) == len(of.Fields), vectors: map[string]string{}}
	for position, field := range of.Fields {
		place := slices.Index(layout.Fields, field.Name)
		a.fields = append(a.fields, place)
		a.asTheyAre = a.asTheyAre && place == position
		if field.Type == schema.Blob {
			a.blobs = append(a.blobs, position)
		}
	}
	for _, vectors := range layout.Vectors {
		a.vectors[vectors.Index] = vectors.Name
	}
	return a
}

// stored puts values in their places. Pictures that lie elsewhere are left there.
func (a *arrangement) stored(values []schema.Value) []schema.Value {
	elsewhere := slices.ContainsFunc(a.blobs, func(position int) bool { return values[position].Text != "" })
	if a.asTheyAre && !elsewhere {
		return values
	}
	stored := make([]schema.Value, a.places)
	for position, place := range a.fields {
		stored[place] = values[position]
	}
	if elsewhere {
		for _, position := range a.blobs {
			if value := values[position]; value.Text != "" {
				stored[a.fields[position]] = schema.ReferencedBlob(nil, value.Text)
			}
		}
	}
	return stored
}

// values takes stored values out of their places.
func (a *arrangement) values(stored []schema.Value) []schema.Value {
	if a.asTheyAre || stored == nil {
		return stored
	}
	values := make([]schema.Value, len(a.fields))
	for position, place := range a.fields {
		if place < len(stored) {
			values[position] = stored[place]
		}
	}
	return values
}

func (a *arrangement) renamed(vectors map[string][]float32) map[string][]float32 {
	named := make(map[string][]float32, len(vectors))
	for index, values := range vectors {
		named[a.vectors[index]] = values
	}
	return named
}

// storedHistory is a history as bytes; nil for none.
func (a *arrangement) storedHistory(kept any) any {
	h, _ := kept.(history)
	if h == nil {
		return nil
	}
	made := storedHistory{}
	for _, of := range a.histories {
		in := h[of.index]
		if in == nil {
			continue
		}
		stored := &storedIndexHistory{own: in.own, pasts: map[int]effect.Past{}}
		for place, group := range of.groups {
			if in.pasts[group].Count != 0 {
				stored.pasts[place] = in.pasts[group]
			}
		}
		made[of.name] = stored
	}
	return appendHistory(nil, made)
}

// history reads the bytes of a history; nil for none.
func (a *arrangement) history(kept any) (history, error) {
	text, _ := kept.([]byte)
	if len(text) == 0 {
		return nil, nil
	}
	read, err := readHistory(text)
	if err != nil {
		return nil, err
	}
	h := history{}
	for _, of := range a.histories {
		stored := read[of.name]
		if stored == nil {
			continue
		}
		if !of.fits(stored) {
			return nil, errs.New(errs.InvalidInput, "what a row keeps of its events does not fit the index %s: it is damaged", of.index)
		}
		in := &indexHistory{own: map[int]vector.Vector{}, pasts: make([]effect.Past, of.all)}
		for position, own := range stored.own {
			in.own[position] = own
		}
		for place, past := range stored.pasts {
			in.pasts[of.groups[place]] = past
		}
		h[of.index] = in
	}
	return h, nil
}

// Read implements store.Store.
func (s *arrangedStore) Read(schema string, read func(store.Snapshot) error) error {
	a := s.tables[schema]
	if a == nil {
		return errs.New(errs.Internal, "the store has no table %q", schema)
	}
	return s.Store.Read(schema, func(snapshot store.Snapshot) error { return read(arrangedSnapshot{snapshot, a}) })
}

// Commit implements store.Store.
func (s *arrangedStore) Commit(schema string, changes []store.Change) (store.Outcome, error) {
	a := s.tables[schema]
	if a == nil {
		return store.Outcome{}, errs.New(errs.Internal, "the store has no table %q", schema)
	}
	arranged := make([]store.Change, len(changes))
	for i, change := range changes {
		if len(change.Values) != len(a.fields) {
			return store.Outcome{}, errs.New(errs.Internal, "a change has %d values; the schema has %d fields", len(change.Values), len(a.fields))
		}
		chunks := make([]store.Chunk, len(change.Chunks))
		for j, chunk := range change.Chunks {
			chunks[j] = store.Chunk{ID: chunk.ID, Vectors: a.renamed(chunk.Vectors)}
		}
		change.Values, change.Vectors, change.Chunks = a.stored(change.Values), a.renamed(change.Vectors), chunks
		change.History = a.storedHistory(change.History)
		arranged[i] = change
	}
	outcome, err := s.Store.Commit(schema, arranged)
	for i, before := range outcome.Before {
		outcome.Before[i] = a.values(before)
	}
	return outcome, err
}

// ReadOnly implements store.GraphKeeper.
func (s *arrangedStore) ReadOnly() bool { return s.graphs.ReadOnly() }

// KeepGraph implements store.GraphKeeper.
func (s *arrangedStore) KeepGraph(schema, index string, write func(io.Writer) error) error {
	return s.graphs.KeepGraph(schema, s.tables[schema].vectors[index], write)
}

// ReadGraph implements store.GraphKeeper.
func (s *arrangedStore) ReadGraph(schema, index string, known uint64, read func(io.Reader, int64) error) (uint64, error) {
	return s.graphs.ReadGraph(schema, s.tables[schema].vectors[index], known, read)
}

// arrangedSnapshot shows one state of a table.
type arrangedSnapshot struct {
	store.Snapshot
	arrangement *arrangement
}

// Find implements store.Snapshot. The History of a row is left as it is stored; historyOf reads it.
func (s arrangedSnapshot) Find(id string) (store.Row, bool) {
	row, ok := s.Snapshot.Find(id)
	if !ok {
		return row, false
	}
	row.Values = s.arrangement.values(row.Values)
	if row.History != nil {
		row.History = keptHistory{row.History, s.arrangement}
	}
	return row, true
}

// keptHistory is a history that is read when it is asked for.
type keptHistory struct {
	kept        any
	arrangement *arrangement
}

// Values implements store.Snapshot.
func (s arrangedSnapshot) Values(row int) []schema.Value {
	return s.arrangement.values(s.Snapshot.Values(row))
}

// Selected implements store.Selective.
func (s arrangedSnapshot) Selected(row int, fields []int) []schema.Value {
	places := make([]int, len(fields))
	for i, position := range fields {
		places[i] = s.arrangement.fields[position]
	}
	return store.Selected(s.Snapshot, row, places)
}

// Column implements store.Snapshot.
func (s arrangedSnapshot) Column(field int, kind schema.Type) *column.Column {
	return s.Snapshot.Column(s.arrangement.fields[field], kind)
}

// Generation implements store.Lasting.
func (s arrangedSnapshot) Generation() int64 {
	generation, _ := store.SpansOf(s.Snapshot)
	return generation
}

// Spans implements store.Lasting.
func (s arrangedSnapshot) Spans() []store.Span {
	_, spans := store.SpansOf(s.Snapshot)
	return spans
}

// Vector implements store.Snapshot.
func (s arrangedSnapshot) Vector(index string, row int) []float32 {
	return s.Snapshot.Vector(s.arrangement.vectors[index], row)
}

// Blocks implements store.Snapshot.
func (s arrangedSnapshot) Blocks(index string) []vector.Block {
	return s.Snapshot.Blocks(s.arrangement.vectors[index])
}
