package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// rowsOf are vectors in clusters, each of length 1, one after the other.
func rowsOf(rng *rand.Rand, rows, dimension int) []float32 {
	centres := normal(rng, max(1, rows/50)*dimension)
	values := normal(rng, rows*dimension)
	for i := range rows {
		c := rng.IntN(len(centres) / dimension)
		for j := range dimension {
			values[i*dimension+j] = centres[c*dimension+j] + 0.7*values[i*dimension+j]
		}
		vector.Normalize(values[i*dimension : (i+1)*dimension])
	}
	return values
}

func normal(rng *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return values
}

// near are queries: rows, moved a little.
func near(rng *rand.Rand, values []float32, dimension, queries int) [][]float32 {
	list := make([][]float32, queries)
	for i := range list {
		at := rng.IntN(len(values)/dimension) * dimension
		list[i] = normal(rng, dimension)
		for j := range dimension {
			list[i][j] = 0.5*list[i][j]/float32(math.Sqrt(float64(dimension))) + values[at+j]
		}
	}
	return list
}

// blocksOf cuts vectors into blocks, some of which do not begin at a multiple of 64.
func blocksOf(values []float32, dimension int) []vector.Block {
	const size = 300
	var blocks []vector.Block
	for first := 0; first < len(values)/dimension; first += size {
		rows := min(size, len(values)/dimension-first)
		blocks = append(blocks, vector.Block{First: first, Rows: rows, Vectors: values[first*dimension : (first+rows)*dimension]})
	}
	return blocks
}

func numbers(from, to int) []int {
	list := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// reader returns rows of vectors by number.
func reader(values []float32, dimension int) graph.Source {
	return from(func(row int) []float32 { return values[row*dimension : (row+1)*dimension] })
}

func from(vector func(row int) []float32) graph.Source {
	return func(use func(func(int) []float32) error) error { return use(vector) }
}

// build makes a graph of all rows; built narrowly unless options say otherwise, which is quicker.
func build(t testing.TB, values []float32, dimension int, options graph.Options) *graph.Graph {
	if options.BuildWidth == 0 {
		options.BuildWidth = 64
	}
	g, err := graph.New(dimension, options)
	require.NoError(t, err)
	t.Cleanup(g.Close)
	require.NoError(t, g.Add(numbers(0, len(values)/dimension), reader(values, dimension)))
	return g
}

// tenBest looks for ten rows.
func tenBest() vector.Search {
	return vector.Search{Limit: 10, Floor: math.Inf(-1), Workers: 1, ID: func(i int) string { return fmt.Sprintf("%06d", i) }}
}

func recall(t *testing.T, g *graph.Graph, queries [][]float32, search vector.Search, width int, blocks []vector.Block) float64 {
	share, err := g.Recall(queries, search, width, blocks)
	require.NoError(t, err)
	return share
}
