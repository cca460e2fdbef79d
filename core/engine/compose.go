package engine

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// compose makes the index vectors of rows, and of their chunks, from their vectors in the spaces.
func (p *putting) compose(rows []*stagedRow, encodings []*space.Encoding) {
	for _, row := range rows {
		row.vectors, row.chunks, row.history = make(map[string][]float32, len(p.table.indices)), nil, nil
	}
	for _, index := range p.table.indices {
		dimension := index.Dimension()
		values := make([]float32, len(rows)*dimension) // one allocation for the whole batch
		for i, row := range rows {
			row.vectors[index.Name] = values[i*dimension : (i+1)*dimension : (i+1)*dimension]
			index.Compose(p.parts(index, encodings, i), row.vectors[index.Name])
		}
	}
	for position, encoding := range encodings {
		for _, chunk := range encoding.Chunks {
			p.addChunk(rows[chunk.Row], chunk, encodings, position)
		}
	}
}

// parts are the vectors of row i in the spaces of an index.
func (p *putting) parts(index *space.Index, encodings []*space.Encoding, i int) []vector.Vector {
	parts := make([]vector.Vector, len(index.Spaces))
	for j, position := range p.table.parts[index] {
		if position < 0 {
			parts[j] = index.Spaces[j].Missing()
		} else {
			parts[j] = encodings[position].Vectors[i]
		}
	}
	return parts
}

// addChunk gives a row a chunk, whose vectors are those of the row but for the part of the space at a position. It is
// found in the indices that have this space.
func (p *putting) addChunk(row *stagedRow, chunk space.Chunk, encodings []*space.Encoding, position int) {
	made := store.Chunk{ID: chunkID(p.table.schema.Name, row.id, len(row.chunks)), Vectors: map[string][]float32{}}
	for _, index := range p.table.indices {
		at := slices.Index(p.table.parts[index], position)
		if at < 0 {
			continue
		}
		parts := p.parts(index, encodings, chunk.Row)
		parts[at] = chunk.Vector
		made.Vectors[index.Name] = make([]float32, index.Dimension())
		index.Compose(parts, made.Vectors[index.Name])
	}
	row.chunks = append(row.chunks, made)
}

// chunkID is a UUID (version 8) by schema, id and number: putting a row again gives its chunks the same ids.
func chunkID(schema, id string, number int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", schema, id, number))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
