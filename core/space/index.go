package space

import (
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// Index is an ordered set of spaces whose vectors stand end to end.
//
// With one space, the index vector is the space's own and weights do nothing. With N spaces every
// stored part is divided by sqrt(N), and the query vector is scaled so that a score is the
// weighted mean of the active spaces' own scores. Protected entries keep their size throughout.
type Index struct {
	Name    string
	Spaces  []Space
	offsets []int // where each space begins, and the end
}

// MaxDimension caps the length of an index vector.
const MaxDimension = 1 << 20

// NewIndex makes an index of at least one space.
func NewIndex(name string, spaces []Space) (*Index, error) {
	index := &Index{Name: name, Spaces: spaces, offsets: make([]int, 1, len(spaces)+1)}
	for _, s := range spaces {
		index.offsets = append(index.offsets, index.Dimension()+s.Dimension())
	}
	if index.Dimension() > MaxDimension {
		return nil, errs.New(errs.LimitExceeded, "the index %s has vectors of length %d; at most %d are allowed", name, index.Dimension(), MaxDimension)
	}
	return index, nil
}

// Dimension is the length of the index vector.
func (x *Index) Dimension() int { return x.offsets[len(x.offsets)-1] }

// Part returns the slice of an index vector that belongs to a space.
func (x *Index) Part(values []float32, space int) []float32 {
	return values[x.offsets[space]:x.offsets[space+1]]
}

// Stored turns a stored index vector back into the vector that a space made of the row.
func (x *Index) Stored(values []float32, space int) vector.Vector {
	part := x.Part(values, space)
	stored := vector.Vector{Values: part, Protected: x.Spaces[space].Protected(part)}
	if len(x.Spaces) > 1 {
		stored = stored.Scale(math.Sqrt(float64(len(x.Spaces))))
	}
	return stored
}

// Position returns the place of a space by name, or -1.
func (x *Index) Position(space string) int {
	for i, s := range x.Spaces {
		if s.Name() == space {
			return i
		}
	}
	return -1
}

// Compose writes the index vector of a row, whose parts are its vectors in the index' spaces, to into.
func (x *Index) Compose(parts []vector.Vector, into []float32) {
	for i, part := range parts {
		x.ComposePart(part, i, into)
	}
}

// ComposePart writes the part of a space of an index vector.
func (x *Index) ComposePart(part vector.Vector, space int, into []float32) {
	scale := float32(1)
	if n := len(x.Spaces); n > 1 {
		scale = float32(1 / math.Sqrt(float64(n)))
	}
	values := x.Part(into, space)
	for i, value := range part.Values {
		if part.Protected == nil || !part.Protected[i] {
			value *= scale
		}
		values[i] = value
	}
}

// Query is the query vector of an index.
type Query struct {
	Vector []float32
	// Shares has, for each space and each of its inputs, a vector as long as the space's part; they add
	// up to that part. A space that cannot tell its inputs apart has nil.
	Shares [][][]float32
}

// ComposeQuery makes the query vector of an index from those of its spaces, by weight.
func (x *Index) ComposeQuery(parts []*QueryVector, weights []float64) *Query {
	n := len(parts)
	query := &Query{Shares: make([][][]float32, n)}
	if n == 1 {
		query.Vector, query.Shares[0] = parts[0].Vector.Values, parts[0].Shares
		return query
	}
	weights = relative(weights)
	weighted := make([]vector.Vector, n)
	squares, active := 0.0, 0
	for i, part := range parts {
		weighted[i] = part.Vector.Scale(weights[i])
		if !part.Vector.IsZero() {
			squares += weights[i] * weights[i]
		}
		if !weighted[i].IsZero() {
			active++
		}
	}
	factor := 1.0
	if squares > 0 {
		factor = 1 / math.Sqrt(squares)
	}
	if active > 0 {
		factor *= math.Sqrt(float64(n) / float64(active))
	}
	query.Vector = vector.Concatenate(weighted...).Scale(factor).Values
	for i, part := range parts {
		for _, share := range part.Shares {
			scaled := vector.Vector{Values: share, Protected: part.Vector.Protected}.Scale(weights[i] * factor)
			query.Shares[i] = append(query.Shares[i], scaled.Values)
		}
	}
	return query
}

// relative divides weights by the largest of them. Only their proportions matter where the result is
// brought to a length anyway, and squares and float32 entries then stay in range.
func relative(weights []float64) []float64 {
	largest := 0.0
	for _, weight := range weights {
		largest = max(largest, math.Abs(weight))
	}
	if largest == 0 {
		return weights
	}
	scaled := make([]float64, len(weights))
	for i, weight := range weights {
		scaled[i] = weight / largest
	}
	return scaled
}
