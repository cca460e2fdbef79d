package space_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/vector"
)

// fixed is a space with a given dimension; nothing else of it is used here.
type fixed struct {
	space.Space
	dimension int
}

func (f fixed) Dimension() int { return f.dimension }

func part(values []float32, protected ...bool) *space.QueryVector {
	return &space.QueryVector{Vector: vector.Vector{Values: values, Protected: protected}, Shares: [][]float32{values}}
}

// composeSlowly says the rule once more, step by step and in float64: an independent reading of it.
func composeSlowly(parts []*space.QueryVector, weights []float64) []float64 {
	n := len(parts)
	var q []float64
	if n == 1 {
		for _, value := range parts[0].Vector.Values {
			q = append(q, float64(value))
		}
		return q
	}
	var locked []bool
	squares, active := 0.0, 0
	for i, p := range parts {
		filled, weighted := false, false
		for j, value := range p.Vector.Values {
			protected := p.Vector.Protected != nil && p.Vector.Protected[j]
			y := float64(value) * weights[i]
			if protected && weights[i] != 0 {
				y = float64(value)
			}
			q, locked = append(q, y), append(locked, protected)
			filled, weighted = filled || value != 0, weighted || y != 0
		}
		if filled {
			squares += weights[i] * weights[i]
		}
		if weighted {
			active++
		}
	}
	l, c := math.Sqrt(squares), 1.0
	if l == 0 {
		l = 1
	}
	if active > 0 {
		c = math.Sqrt(float64(n) / float64(active))
	}
	for i := range q {
		if !locked[i] {
			q[i] = q[i] / l * c
		}
	}
	return q
}

func TestComposeAgainstASlowReading(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for round := range 400 {
		n := 1 + rng.IntN(4)
		var spaces []space.Space
		var parts []*space.QueryVector
		weights := make([]float64, n)
		for i := range n {
			dimension := 1 + rng.IntN(5)
			spaces = append(spaces, fixed{dimension: dimension})
			values := make([]float32, dimension)
			var protected []bool
			if rng.IntN(3) == 0 {
				protected = make([]bool, dimension)
				protected[dimension-1] = true
			}
			if rng.IntN(4) > 0 {
				for j := range values {
					values[j] = float32(rng.NormFloat64())
				}
			}
			weights[i] = []float64{0, 1, -1, 2.5, 0.1, 1, -0.3}[rng.IntN(7)]
			parts = append(parts, part(values, protected...))
		}
		index, err := space.NewIndex("x", spaces)
		require.NoError(t, err)
		query := index.ComposeQuery(parts, weights)
		want := composeSlowly(parts, weights)
		require.Len(t, query.Vector, len(want))
		for i := range want {
			require.InDelta(t, want[i], query.Vector[i], 1e-6, "round %d, entry %d, weights %v", round, i, weights)
		}
		stored := make([]float32, index.Dimension())
		var vectors []vector.Vector
		for _, p := range parts {
			vectors = append(vectors, p.Vector)
		}
		index.Compose(vectors, stored)
		for i, p := range parts {
			for j, value := range p.Vector.Values {
				if p.Vector.Protected == nil || !p.Vector.Protected[j] {
					value /= float32(math.Sqrt(float64(n)))
				}
				require.InDelta(t, value, index.Part(stored, i)[j], 1e-6)
			}
			if p.Vector.Protected == nil {
				inDelta(t, index.Part(query.Vector, i), query.Shares[i][0], 1e-6, "the share of the only input is the part")
			}
		}
	}
}

// TestScoresAreWeightedMeans holds what the scaling is for.
func TestScoresAreWeightedMeans(t *testing.T) {
	index, err := space.NewIndex("x", []space.Space{fixed{dimension: 2}, fixed{dimension: 2}})
	require.NoError(t, err)
	stored := make([]float32, 4)
	index.Compose([]vector.Vector{vector.Plain([]float32{1, 0}), vector.Plain([]float32{.6, .8})}, stored)
	unit := []*space.QueryVector{part([]float32{.8, .6}), part([]float32{0, 1})}
	score := func(parts []*space.QueryVector, weights ...float64) float64 {
		return float64(vector.Dot(stored, index.ComposeQuery(parts, weights).Vector))
	}
	assert.InDelta(t, (.8+.8)/2, score(unit, 3, 3), 1e-6, "equal weights: the mean of the cosines")
	assert.InDelta(t, .8, score(unit, 1, 0), 1e-6, "one active space: its own cosine")
	assert.InDelta(t, .8, score([]*space.QueryVector{part([]float32{0, 0}), unit[1]}, 1, 7), 1e-6, "a space without input is not active")
	assert.InDelta(t, 0, score(unit, 0, 0), 0)
	assert.InDelta(t, 0, score(unit, -1, 1), 1e-6)
	assert.InDelta(t, (.8+.8)/2, score(unit, 1e200, 1e200), 1e-6, "large weights stay in range")
}

func TestAnIndexHasALargestDimension(t *testing.T) {
	_, err := space.NewIndex("x", []space.Space{fixed{dimension: space.MaxDimension}, fixed{dimension: 1}})
	assert.ErrorContains(t, err, "at most 1048576")
}

// TestSharesOfTwoSpaces: what the inputs give adds up to the query vector, space by space.
func TestSharesOfTwoSpaces(t *testing.T) {
	embedder := &table{dimension: 2, texts: map[string][]float32{"a": {1, 2}, "b": {-3, 1}, "c": {0, 5}}}
	one, two := build(t, "one", embedder), build(t, "two", embedder)
	index, err := space.NewIndex("x", []space.Space{one, two})
	require.NoError(t, err)
	text := func(text string, weight float64) space.Input {
		return space.Input{Target: "description", Text: text, Weight: weight}
	}
	first, err := one.Query(context.Background(), []space.Input{text("a", 2), text("b", -.5)}, 0)
	require.NoError(t, err)
	second, err := two.Query(context.Background(), []space.Input{text("c", 1)}, 0)
	require.NoError(t, err)
	query := index.ComposeQuery([]*space.QueryVector{first, second}, []float64{.7, -2})
	for i, shares := range query.Shares {
		sum := make([]float32, 2)
		for _, share := range shares {
			for j, value := range share {
				sum[j] += value
			}
		}
		inDelta(t, index.Part(query.Vector, i), sum, 1e-6, "space")
	}
}
