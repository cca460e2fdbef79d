package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// TestFilters of all shares of the rows, at random and such that they have to do with what is near the query.
func TestFilters(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows, dimension = 6000, 32
	values := rowsOf(rng, rows, dimension)
	g := build(t, values, dimension, graph.Options{Workers: 2})
	blocks := blocksOf(values, dimension)
	queries := near(rng, values, dimension, 25)
	for name, passes := range map[string]func(row int, query []float32) bool{
		"one in 100":        func(row int, _ []float32) bool { return row%100 == 0 },
		"one in 10":         func(row int, _ []float32) bool { return row%10 == 3 },
		"one in two":        func(row int, _ []float32) bool { return row%2 == 1 },
		"nearly all":        func(row int, _ []float32) bool { return row%50 != 1 },
		"only far ones":     func(row int, q []float32) bool { return vector.Dot(q, values[row*dimension:(row+1)*dimension]) < 0 },
		"only near ones":    func(row int, q []float32) bool { return vector.Dot(q, values[row*dimension:(row+1)*dimension]) > 0.3 },
		"none":              func(int, []float32) bool { return false },
		"the last":          func(row int, _ []float32) bool { return row == rows-1 },
		"past the bitmap":   func(row int, _ []float32) bool { return row < 64 },
		"the first of two ": func(row int, _ []float32) bool { return row < rows/2 },
	} {
		t.Run(name, func(t *testing.T) {
			for _, query := range queries {
				search := tenBest()
				search.Query = query
				search.Allowed = vector.NewBitmap(rows)
				if name == "past the bitmap" {
					search.Allowed = vector.NewBitmap(64)
				}
				for row := range rows {
					if passes(row, query) {
						search.Allowed.Add(row)
					}
				}
				want, err := search.Run(blocks)
				require.NoError(t, err)
				hits, err := g.Search(search, 60, blocks)
				require.NoError(t, err)
				require.Len(t, hits, len(want), "as many as there are")
				missed := 0
				for i, hit := range hits {
					require.True(t, search.Allowed.Has(hit.Row))
					if want[len(want)-1].Score > hits[i].Score {
						missed++
					}
				}
				assert.LessOrEqual(t, missed, 2)
				if search.Allowed.Count() <= 600 {
					assert.Equal(t, want, hits, "few rows are all scored")
				}
			}
		})
	}
}
