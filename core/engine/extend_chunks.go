package engine

import (
	"fmt"
	"slices"

	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// readChunk takes a chunk with the vectors that it has.
func (x *extending) readChunk(snapshot store.Snapshot, id string) storedChunk {
	chunk := storedChunk{id: id, vectors: map[string][]float32{}}
	number, ok := snapshot.Number(id)
	if !ok {
		return chunk
	}
	for i := range x.was.Vectors {
		name := x.was.Vectors[i].Name
		if has(snapshot.Blocks(name), number) {
			chunk.vectors[name] = slices.Clone(snapshot.Vector(name, number))
		}
	}
	return chunk
}

func has(blocks []vector.Block, row int) bool {
	for _, block := range blocks {
		if i := row - block.First; i >= 0 && i < block.Rows {
			return block.Live == nil || vector.Bitmap(block.Live).Has(i)
		}
	}
	return false
}

// extendChunks gives the chunks of a row their vectors in an index, and adds those of texts that were cut just now.
func (x *extending) extendChunks(b vectorsBuild, i int, row *extendedRow, parts []vector.Vector, encodings map[space.Space]*space.Encoding) {
	index := x.engine.indices[b.index]
	compose := func(position int, part vector.Vector) []float32 {
		own := slices.Clone(parts)
		own[position] = part
		values := make([]float32, index.Dimension())
		index.Compose(own, values)
		return values
	}
	for _, chunk := range row.chunks {
		for position, source := range b.parts {
			values := chunk.vectors[nameOf(source)]
			if values == nil || !x.cuts(source) {
				continue
			}
			part := x.storedPart(values, source, index.Spaces[position])
			if !slices.Equal(part.Values, parts[position].Values) || x.cutting(source.vectors) == 1 {
				chunk.vectors[b.name] = compose(position, part)
			}
		}
	}
	for position, s := range index.Spaces {
		if encodings[s] == nil || b.parts[position].vectors != nil {
			continue
		}
		number := 0
		for _, piece := range encodings[s].Chunks {
			if piece.Row != i {
				continue
			}
			id := chunkID(x.table.schema.Name, fmt.Sprintf("%s\x00%s", row.staged.id, s.Name()), number)
			number++
			at := slices.IndexFunc(row.chunks, func(chunk storedChunk) bool { return chunk.id == id })
			if at < 0 {
				at = len(row.chunks)
				row.chunks = append(row.chunks, storedChunk{id: id, vectors: map[string][]float32{}})
			}
			row.chunks[at].vectors[b.name] = compose(position, piece.Vector)
		}
	}
}

func nameOf(source partSource) string {
	if source.vectors == nil {
		return ""
	}
	return source.vectors.Name
}

// cuts says whether the stored space of a part cuts the texts of the schema.
func (x *extending) cuts(source partSource) bool {
	i := x.stored.indexPosition(source.vectors.Index)
	position := x.stored.indices[i].spaces[source.space]
	entry, _ := entryOf(x.stored.space(position)["fields"], x.table.schema.Name).(map[string]any)
	return entry["chunk"] != nil
}

// cutting counts the spaces of stored vectors that cut texts.
func (x *extending) cutting(vectors *vectorsLayout) (n int) {
	for position := range vectors.Parts {
		if x.cuts(partSource{vectors, position}) {
			n++
		}
	}
	return n
}
