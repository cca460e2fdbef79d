package graph_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

func TestRecallOfManyKindsOfVectors(t *testing.T) {
	const rows, dimension = 4000, 48
	for name, c := range map[string]struct {
		change  func(rng *rand.Rand, values []float32) // of a row
		query   func(query []float32)
		workers int
		width   int
	}{
		"length 1":                    {workers: 2, width: 80},
		"length 1, in turn":           {workers: 1, width: 80},
		"many workers":                {workers: 8, width: 80},
		"lengths that differ":         {change: func(rng *rand.Rand, v []float32) { scale(v, float32(math.Exp(0.5*rng.NormFloat64()))) }, workers: 2, width: 80},
		"a space that weighs nothing": {query: func(q []float32) { clear(q[dimension/2:]) }, workers: 2, width: 160},
		"a large entry":               {change: func(rng *rand.Rand, v []float32) { v[7] = -5 }, query: func(q []float32) { q[7] = 1 }, workers: 2, width: 80},
		"missing parts": {change: func(rng *rand.Rand, v []float32) {
			if rng.IntN(3) == 0 {
				clear(v[dimension/2:])
			}
		}, workers: 2, width: 80},
		"half of them zero": {change: func(rng *rand.Rand, v []float32) {
			if rng.IntN(2) == 0 {
				clear(v)
			}
		}, workers: 2, width: 80},
		"tiny":  {change: func(rng *rand.Rand, v []float32) { scale(v, 1e-18) }, workers: 2, width: 80},
		"large": {change: func(rng *rand.Rand, v []float32) { scale(v, 1e14) }, workers: 2, width: 80},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			values := rowsOf(rng, rows, dimension)
			queries := near(rng, values, dimension, 50)
			for i := range rows {
				if c.change != nil {
					c.change(rng, values[i*dimension:(i+1)*dimension])
				}
			}
			for _, query := range queries {
				if c.query != nil {
					c.query(query)
				}
			}
			g := build(t, values, dimension, graph.Options{Workers: c.workers, Seed: 1})
			assert.Equal(t, rows, g.Len())
			assert.GreaterOrEqual(t, recall(t, g, queries, tenBest(), c.width, blocksOf(values, dimension)), 0.98)
		})
	}
}

func scale(values []float32, by float32) {
	for i := range values {
		values[i] *= by
	}
}

// TestWidth: the wider, the more is found; a narrow walk finds little, so that the others' recall says something.
func TestWidth(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	values := normal(rng, 6000*64) // no clusters: hard
	queries := near(rng, normal(rng, 6000*64), 64, 40)
	g := build(t, values, 64, graph.Options{Workers: 1})
	blocks := blocksOf(values, 64)
	narrow, wide := recall(t, g, queries, tenBest(), 10, blocks), recall(t, g, queries, tenBest(), 200, blocks)
	assert.Less(t, narrow, 0.8)
	assert.Greater(t, wide, narrow+0.15)
}

func TestOneWorkerAndOneSeedGiveOneGraph(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	values := rowsOf(rng, 1500, 20)
	stored := func(seed uint64) []byte {
		var out bytes.Buffer
		_, err := build(t, values, 20, graph.Options{Workers: 1, Seed: seed}).WriteTo(&out)
		require.NoError(t, err)
		return out.Bytes()
	}
	assert.True(t, bytes.Equal(stored(7), stored(7)))
	assert.False(t, bytes.Equal(stored(7), stored(8)))
}

// TestScoresAndOrderAreThoseOfTheExactSearch: what is found has its exact score, and equal scores are ordered by id.
func TestScoresAndOrderAreThoseOfTheExactSearch(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	values := rowsOf(rng, 3000, 16)
	copy(values[2000*16:], values[:1000*16]) // every third row twice
	g := build(t, values, 16, graph.Options{Workers: 2})
	blocks := blocksOf(values, 16)
	for _, query := range near(rng, values, 16, 30) {
		search := tenBest()
		search.Query = query
		best, err := search.Run(blocks)
		require.NoError(t, err)
		hits, err := g.Search(search, 100, blocks)
		require.NoError(t, err)
		require.Len(t, hits, 10)
		for i, hit := range hits {
			assert.Equal(t, vector.Dot(query, values[hit.Row*16:(hit.Row+1)*16]), hit.Score)
			if i > 0 {
				before := hits[i-1]
				assert.True(t, before.Score > hit.Score || before.Score == hit.Score && before.Row < hit.Row)
			}
		}
		assert.Equal(t, best[0].Score, hits[0].Score)
		search.Floor = float64(best[4].Score)
		hits, err = g.Search(search, 100, blocks)
		require.NoError(t, err)
		for _, hit := range hits {
			assert.GreaterOrEqual(t, hit.Score, best[4].Score)
		}
		assert.GreaterOrEqual(t, len(hits), 4)
	}
}

func TestOddSearches(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	values := rowsOf(rng, 2000, 8)
	g := build(t, values, 8, graph.Options{})
	blocks := blocksOf(values, 8)
	search := tenBest()
	search.Query = values[:8]
	for _, limit := range []int{-1, 1500, 5000} { // all, nearly all, more than all: exact
		search.Limit = limit
		want, err := search.Run(blocks)
		require.NoError(t, err)
		hits, err := g.Search(search, 10, blocks)
		require.NoError(t, err)
		assert.Equal(t, want, hits)
	}
	search.Limit = 0
	hits, err := g.Search(search, 10, blocks)
	require.NoError(t, err)
	assert.Empty(t, hits)
	search.Limit, search.Query = 3, values[:7]
	_, err = g.Search(search, 10, blocks)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	search.Query = make([]float32, 8) // scores 0 everywhere
	hits, err = g.Search(search, 10, blocks)
	require.NoError(t, err)
	assert.Len(t, hits, 3)
	hits, err = g.Search(search, 0, nil)
	require.NoError(t, err)
	assert.Empty(t, hits)
}

// TestRowsThatTheGraphDoesNotHave are scored exactly, be they new, changed, or too long to be in it.
func TestRowsThatTheGraphDoesNotHave(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	const dimension = 24
	values := rowsOf(rng, 3000, dimension)
	g, err := graph.New(dimension, graph.Options{Workers: 2})
	require.NoError(t, err)
	defer g.Close()
	scale(values[5*dimension:6*dimension], 1e20)
	require.NoError(t, g.Add(numbers(0, 2500), reader(values, dimension)))
	assert.Equal(t, 2499, g.Len())
	blocks := blocksOf(values, dimension)
	find := func(query []float32) []vector.Hit {
		search := tenBest()
		search.Query = query
		hits, err := g.Search(search, 60, blocks)
		require.NoError(t, err)
		return hits
	}
	for _, row := range []int{2500, 2777, 2999} {
		hits := find(slices.Clone(values[row*dimension : (row+1)*dimension]))
		assert.True(t, slices.ContainsFunc(hits, func(hit vector.Hit) bool { return hit.Row == row }), "row %d is not in the graph", row)
	}
	assert.Equal(t, 5, find(values[5*dimension : 6*dimension])[0].Row)

	// A row whose vector changes is found by the new one once the graph is told, before and after it is added again.
	copy(values[100*dimension:], rowsOf(rng, 1, dimension))
	changed := slices.Clone(values[100*dimension : 101*dimension])
	scale(changed, 3)
	g.Delete([]int{100})
	assert.Equal(t, 100, find(changed)[0].Row)
	require.NoError(t, g.Add([]int{100}, reader(values, dimension)))
	assert.Equal(t, 100, find(changed)[0].Row)
	require.NoError(t, g.Add([]int{100, 100}, reader(values, dimension)), "once more, and twice")
	assert.Equal(t, 100, find(changed)[0].Row)
	assert.Equal(t, 2499, g.Len())
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		dimension int
		options   graph.Options
		status    errs.Status
	}{
		"no dimension":         {0, graph.Options{}, errs.Unsupported},
		"a huge dimension":     {graph.MaxDimension + 1, graph.Options{}, errs.Unsupported},
		"one neighbour":        {8, graph.Options{Neighbours: 1}, errs.InvalidInput},
		"many neighbours":      {8, graph.Options{Neighbours: 1000}, errs.InvalidInput},
		"a negative width":     {8, graph.Options{BuildWidth: -1}, errs.InvalidInput},
		"a width out of reach": {8, graph.Options{BuildWidth: 1 << 20}, errs.InvalidInput},
		"negative workers":     {8, graph.Options{Workers: -1}, errs.InvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.New(c.dimension, c.options)
			assert.Equal(t, c.status, errs.StatusOf(err))
		})
	}
	g, err := graph.New(8, graph.Options{})
	require.NoError(t, err)
	read := from(func(int) []float32 { return make([]float32, 7) })
	assert.Equal(t, errs.Internal, errs.StatusOf(g.Add([]int{1}, read)))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(g.Add([]int{-1}, read)))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(g.Add([]int{math.MaxUint32}, read)))
	g.Delete([]int{-1, 0, 99})
	g.Close()
	g.Close()
	assert.Equal(t, errs.InvalidState, errs.StatusOf(g.Add([]int{1}, read)))
	require.NoError(t, g.Repair())
	_, err = g.WriteTo(&bytes.Buffer{})
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.Zero(t, g.Len())
	assert.Zero(t, g.Bytes())
}

func TestAClosedGraphLeavesTheSearchToTheScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	values := rowsOf(rng, 3000, 8)
	g := build(t, values, 8, graph.Options{})
	g.Close()
	search := tenBest()
	search.Query = values[:8]
	want, err := search.Run(blocksOf(values, 8))
	require.NoError(t, err)
	hits, err := g.Search(search, 10, blocksOf(values, 8))
	require.NoError(t, err)
	assert.Equal(t, want, hits)
}
