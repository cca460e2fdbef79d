package store

import "github.com/innerspace/innerspace/core/errs"

// checkChunks refuses a change that would take the place of another row's chunk, or whose chunks would take that of a row.
func (t *memoryTable) checkChunks(change *Change) error {
	if number, ok := t.numbers[change.ID]; ok && t.rows[number].Origin != "" {
		return errs.New(errs.InvalidInput, "the id %q is that of a chunk of %q; choose another", change.ID, t.rows[number].Origin)
	}
	for _, chunk := range change.Chunks {
		if number, ok := t.numbers[chunk.ID]; ok && t.rows[number].Origin != change.ID {
			return errs.New(errs.InvalidInput, "a chunk of %q would have the id %q, which is taken; delete that row first", change.ID, chunk.ID)
		}
		for index, m := range t.matrices {
			if values, ok := chunk.Vectors[index]; ok && len(values) != m.dimension {
				return errs.New(errs.Internal, "a chunk has a vector of length %d for the index %s of dimension %d", len(values), index, m.dimension)
			}
		}
	}
	return nil
}

// putChunks puts the chunks of a change in the place of earlier ones.
func (t *memoryTable) putChunks(change *Change) {
	t.removeChunks(change.ID)
	for _, chunk := range change.Chunks {
		t.remove(chunk.ID) // a row of the same commit may have the id
		number := t.number(chunk.ID)
		t.pieces++
		t.rows[number] = Row{Values: t.nothing, Version: t.commits, Origin: change.ID}
		for index, m := range t.matrices {
			m.set(number, chunk.Vectors[index])
		}
		t.chunks[change.ID] = append(t.chunks[change.ID], chunk.ID)
	}
}

// removeChunks deletes the chunks of a row that are still its own.
func (t *memoryTable) removeChunks(id string) {
	for _, chunk := range t.chunks[id] {
		if number, ok := t.numbers[chunk]; ok && t.rows[number].Origin == id {
			t.remove(chunk)
		}
	}
	delete(t.chunks, id)
}
