package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/vector/graph"
)

// TestRowsWithOtherNumbersKeepTheirNodes: rows that move, as those of a compaction do, are found as before, without being linked anew, also
// where the graph was stored in between.
func TestRowsWithOtherNumbersKeepTheirNodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows, dimension, moved = 3000, 24, 1000
	values := rowsOf(rng, rows, dimension)
	copy(values[5*dimension:6*dimension], values[4*dimension:5*dimension]) // two rows of one vector
	g := build(t, values, dimension, graph.Options{Workers: 1, Neighbours: 8})
	size := g.Bytes()
	// The first rows move behind the last ones, and some come that are new.
	values = append(values, values[:moved*dimension]...)
	values = append(values, rowsOf(rng, 50, dimension)...)
	g.Delete(numbers(0, moved))
	again, err := graph.Read(stored(t, g), rows, 1)
	require.NoError(t, err)
	defer again.Close()
	for _, one := range []*graph.Graph{g, again} {
		rest, err := one.Adopt(numbers(rows, rows+moved+50), reader(values, dimension))
		require.NoError(t, err)
		assert.Equal(t, numbers(rows+moved, rows+moved+50), rest)
		assert.Equal(t, rows, one.Len())
		assert.InDelta(t, size, one.Bytes(), 4*moved*3, "no node was added")
		rest, err = one.Adopt(rest, reader(values, dimension))
		require.NoError(t, err)
		assert.Len(t, rest, 50, "a node is given once")
		live := blocksOf(values, dimension)[moved/300:]
		live[0].Vectors = live[0].Vectors[(moved%300)*dimension:]
		live[0].First, live[0].Rows = moved, live[0].Rows-moved%300
		assert.Greater(t, recall(t, one, near(rng, values[moved*dimension:(rows+moved)*dimension], dimension, 60), tenBest(), 60, live), 0.97)
		stale, err := one.Stale(numbers(0, rows+moved), reader(values, dimension))
		require.NoError(t, err)
		assert.Empty(t, stale)
		stale, err = one.Stale([]int{rows + 1, rows + 2, rows + 60, 1 << 40, -1}, reader(values[dimension:], dimension))
		require.NoError(t, err)
		assert.Equal(t, []int{rows + 1, rows + 2, rows + 60}, stale)
		missing, gone := one.Differences(graph.LiveRows(live))
		assert.Equal(t, rest, missing)
		assert.Empty(t, gone)
	}
}

// TestNodesThatARepairTookAreNotGiven: nothing links to them any more.
func TestNodesThatARepairTookAreNotGiven(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const rows, dimension = 1000, 24
	values := rowsOf(rng, rows, dimension)
	g := build(t, values, dimension, graph.Options{Workers: 2, Neighbours: 8})
	g.Delete(numbers(0, 300))
	require.NoError(t, g.Repair())
	g.Delete(numbers(300, 310))
	again, err := graph.Read(stored(t, g), rows, 1)
	require.NoError(t, err)
	defer again.Close()
	for _, one := range []*graph.Graph{g, again} {
		rest, err := one.Adopt(numbers(0, 310), reader(values, dimension))
		require.NoError(t, err)
		assert.Equal(t, numbers(0, 300), rest)
		require.NoError(t, one.Add(rest, reader(values, dimension)))
		assert.Greater(t, recall(t, one, near(rng, values, dimension, 60), tenBest(), 60, blocksOf(values, dimension)), 0.97)
	}
	_, err = g.Adopt([]int{1 << 40}, reader(values, dimension))
	require.NoError(t, err, "nothing is gone, so nothing is looked at")
	g.Delete([]int{1})
	_, err = g.Adopt([]int{1 << 40}, reader(values, dimension))
	assert.ErrorContains(t, err, "a row number must be from 0 to")
	g.Close()
	_, err = g.Adopt([]int{1}, reader(values, dimension))
	assert.NoError(t, err)
}
