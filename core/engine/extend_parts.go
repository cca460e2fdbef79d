package engine

import (
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/vector"
)

// parts are the row's own vectors in the spaces of an index.
func (x *extending) parts(b vectorsBuild, i int, row *extendedRow, encodings map[space.Space]*space.Encoding) []vector.Vector {
	spaces := x.engine.indices[b.index].Spaces
	parts := make([]vector.Vector, len(spaces))
	for position, s := range spaces {
		source := b.parts[position]
		switch {
		case source.vectors != nil:
			parts[position] = x.storedPart(row.parts[source.vectors], source, s)
			if past := row.history[source.vectors.Name]; past != nil {
				if own, ok := past.own[source.space]; ok {
					parts[position] = own
				}
			}
		case encodings[s] != nil:
			parts[position] = encodings[s].Vectors[i]
		default:
			parts[position] = s.Missing()
		}
	}
	return parts
}

// storedPart turns the part of a stored vector back into the vector that the space made, as space.Index.Stored does.
func (x *extending) storedPart(values []float32, source partSource, s space.Space) vector.Vector {
	part := slices.Clone(source.vectors.part(values, source.space))
	stored := vector.Vector{Values: part, Protected: s.Protected(part)}
	if n := len(source.vectors.Parts); n > 1 {
		stored = stored.Scale(math.Sqrt(float64(n)))
	}
	return stored
}

// writeEvents puts the events of a row into its new vector.
func (x *extending) writeEvents(b vectorsBuild, history storedHistory, values []float32, now int64) error {
	kept, err := x.made.history(appendHistory(nil, history))
	if err != nil {
		return err
	}
	index := x.engine.indices[b.index]
	for i := range x.engine.effects {
		if in := &x.engine.effects[i]; in.index == index && kept[index.Name] != nil {
			return kept[index.Name].write(in, values, now)
		}
	}
	return nil
}
