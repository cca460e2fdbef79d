// Package store holds rows and their index vectors: ids, fields, vectors, deletes. Reads see one
// state, commits are all or nothing. It knows nothing of how vectors are made or scored.
package store

import (
	"iter"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Store keeps the tables of an engine. Implementations are safe for concurrent use.
type Store interface {
	// Read runs read on the table of a schema; nothing is committed to it meanwhile. The
	// snapshot must not be used after read returns, nor may read call the store.
	Read(schema string, read func(Snapshot) error) error
	// Commit applies changes as one. An id that a chunk has is InvalidInput. A change that expects another version than the stored one is a
	// conflict: nothing is applied then, and the positions of all such changes come back.
	Commit(schema string, changes []Change) (Outcome, error)
	// Delete removes rows as one, with their chunks, and returns the ids that were not there.
	Delete(schema string, ids []string) (deleted int, missing []string, err error)
	// Close gives everything back. The store must not be used after it.
	Close() error
}

// Table describes what a store keeps for one schema.
type Table struct {
	Schema string
	Fields int            // values in a row
	Index  map[string]int // dimension of the vectors, by index
}

// Snapshot is the state of a table. Slices it returns belong to the store and are never written to by
// it after that, save for the vectors, which are valid during the read only.
type Snapshot interface {
	// Rows is the number of rows, and Chunks how many of them are chunks.
	Rows() int
	Chunks() int
	// Live has the numbers of all rows. It must not be changed.
	Live() vector.Bitmap
	// Find returns a row by id.
	Find(id string) (Row, bool)
	// IDs yields the ids of all rows, chunks too, in no order.
	IDs() iter.Seq[string]
	// Number returns the number of a row by id.
	Number(id string) (int, bool)
	// ID, Origin and Values return a row by its number in the blocks.
	ID(row int) string
	Origin(row int) string
	Values(row int) []schema.Value
	// Column has the values of a field of a type for all rows, of the same state as everything else; it must not be used after the
	// read. Nil where the store has none, or types have none (column.Has): the values are then read row by row. A store may make
	// columns when they are first asked for (column.Columns does).
	Column(field int, kind schema.Type) *column.Column
	// Vector returns the vector of a row in an index.
	Vector(index string, row int) []float32
	// Blocks returns all vectors of an index.
	Blocks(index string) []vector.Block
}

// Row is a stored row.
type Row struct {
	Values  []schema.Value // by position of the field in the schema
	Version uint64         // differs between any two states of the row; never 0
	Origin  string         // of a chunk: the id of the row that it goes with; else ""
	History any            // what the latest change kept with the row; never written to
}

// Change puts a row: present values replace the stored ones, absent ones leave them; the vectors replace the stored ones.
type Change struct {
	ID      string
	Values  []schema.Value
	Vectors map[string][]float32 // by index; copied. In an index left out the row keeps the vector it has, if any
	History any                  // kept with the row; the store does not look into it
	// KeepChunks leaves the chunks of an earlier change as they are; Chunks are then ignored.
	KeepChunks bool
	// Chunks are rows that go with this one; they replace those of an earlier change, and are deleted with the row.
	Chunks []Chunk
	// Expected, where set, is the version that the stored row must have; 0 means there must be none.
	Expected *uint64
}

// Chunk is a row without values that goes with another.
type Chunk struct {
	ID      string
	Vectors map[string][]float32 // by index; it is not to be found in the others; copied
}

// Outcome is what a commit did.
type Outcome struct {
	// Conflicts are the positions of changes whose expectation failed; where there are any nothing was applied.
	Conflicts []int
	// Before has the values stored before each change; nil where the id was new.
	Before [][]schema.Value
}
