package engine

import (
	"context"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
)

// VectorsRequest names stored vectors: those of rows of a schema in an index.
type VectorsRequest struct {
	Schema string
	Index  string
	IDs    []string // nil: all rows, in order of id
	// Chunks adds the chunks to all rows; a chunk that is named is given out in any case.
	Chunks bool
}

// StoredVector is the index vector of a row. It has one part for each space of the index, one after the other.
type StoredVector struct {
	ID     string
	Vector []float32 // the caller's to keep and change
}

// Vectors returns stored vectors, all of one state of the rows. An index, a schema in it or an id that does not
// exist is NotFound.
func (e *Engine) Vectors(ctx context.Context, request VectorsRequest) ([]StoredVector, error) {
	if err := e.calls.enter(); err != nil {
		return nil, err
	}
	defer e.calls.leave()
	if err := e.checkVectors(request); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, errs.From(err)
	}
	var vectors []StoredVector
	err := e.store.Read(request.Schema, func(snapshot store.Snapshot) (err error) {
		vectors, err = readVectors(snapshot, request)
		return err
	})
	if err != nil {
		return nil, errs.From(err)
	}
	return vectors, nil
}

func (e *Engine) checkVectors(request VectorsRequest) error {
	t, err := e.table(request.Schema)
	if err != nil {
		return err
	}
	var names []string
	for _, index := range e.indices {
		names = append(names, index.Name)
	}
	switch {
	case !slices.Contains(names, request.Index):
		return errs.New(errs.NotFound, "there is no index %q; the engine has %s", request.Index, quoted(names))
	case !slices.ContainsFunc(t.indices, func(index *space.Index) bool { return index.Name == request.Index }):
		return errs.New(errs.NotFound, "Index doesn't have the queried schema (%s)", request.Schema)
	}
	return nil
}

func readVectors(snapshot store.Snapshot, request VectorsRequest) ([]StoredVector, error) {
	ids := request.IDs
	if ids == nil {
		ids = allIDs(snapshot, request.Chunks)
	}
	vectors := make([]StoredVector, len(ids))
	for i, id := range ids {
		row, ok := snapshot.Number(id)
		if !ok {
			return nil, errs.New(errs.NotFound, "No vector found for %s with id %s in the given index.", request.Schema, id)
		}
		vectors[i] = StoredVector{ID: id, Vector: slices.Clone(snapshot.Vector(request.Index, row))}
	}
	return vectors, nil
}

func allIDs(snapshot store.Snapshot, chunks bool) []string {
	ids := make([]string, 0, snapshot.Rows())
	for id := range snapshot.IDs() {
		if row, ok := snapshot.Find(id); ok && (chunks || row.Origin == "") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
