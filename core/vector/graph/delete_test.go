package graph_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// liveBlocks are blocks in which some rows are dead.
func liveBlocks(values []float32, dimension int, live vector.Bitmap) []vector.Block {
	blocks := blocksOf(values, dimension)
	for i := range blocks {
		bits := vector.NewBitmap(blocks[i].Rows)
		for row := range blocks[i].Rows {
			if live.Has(blocks[i].First + row) {
				bits.Add(row)
			}
		}
		blocks[i].Live = bits
	}
	return blocks
}

func all(rows int) vector.Bitmap {
	bitmap := vector.NewBitmap(rows)
	for i := range rows {
		bitmap.Add(i)
	}
	return bitmap
}

// TestChurn deletes and puts rows for long: recall stays, what is deleted is not found, and nodes are used again.
func TestChurn(t *testing.T) {
	const rows, dimension = 3000, 32
	for name, uneven := range map[string]bool{"length 1": false, "lengths that differ": true} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			fresh := func() []float32 {
				values := rowsOf(rng, rows, dimension)
				for i := range rows {
					if uneven {
						scale(values[i*dimension:(i+1)*dimension], 0.5+rng.Float32())
					}
				}
				return values
			}
			values := fresh()
			g := build(t, values, dimension, graph.Options{Workers: 2})
			bytes := g.Bytes()
			live := all(rows)
			for round := range 8 {
				var gone, changed []int
				others := fresh()
				for row := range rows {
					switch rng.IntN(4) {
					case 0:
						gone = append(gone, row)
						live[row/64] &^= 1 << (row % 64)
					case 1:
						changed = append(changed, row)
						live.Add(row)
						copy(values[row*dimension:(row+1)*dimension], others[row*dimension:])
					}
				}
				g.Delete(gone)
				require.NoError(t, g.Add(changed, reader(values, dimension)))
				require.Equal(t, live.Count(), g.Len())
				queries := near(rng, values, dimension, 30)
				require.GreaterOrEqual(t, recall(t, g, queries, tenBest(), 100, liveBlocks(values, dimension, live)), 0.97, "round %d", round)
				for _, query := range queries {
					search := tenBest()
					search.Query = query
					hits, err := g.Search(search, 100, liveBlocks(values, dimension, live))
					require.NoError(t, err)
					require.Len(t, hits, 10)
					for _, hit := range hits {
						require.True(t, live.Has(hit.Row))
					}
				}
			}
			assert.Less(t, g.Bytes(), 2*bytes, "the nodes of 6,000 deleted rows were used again")
		})
	}
}

// TestDeadRowsThatTheGraphWasNotTold of are not found either.
func TestDeadRowsThatTheGraphWasNotTold(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	values := rowsOf(rng, 3000, 16)
	g := build(t, values, 16, graph.Options{})
	live := all(3000)
	for row := 0; row < 3000; row += 2 {
		live[row/64] &^= 1 << (row % 64)
	}
	assert.GreaterOrEqual(t, recall(t, g, near(rng, values, 16, 40), tenBest(), 60, liveBlocks(values, 16, live)), 0.98)
}

func TestDeletingAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	values := rowsOf(rng, 2500, 16)
	g := build(t, values, 16, graph.Options{Workers: 2})
	bytes := g.Bytes()
	for range 3 {
		g.Delete(numbers(0, 2500))
		assert.Zero(t, g.Len())
		search := tenBest()
		search.Query = values[:16]
		hits, err := g.Search(search, 50, nil)
		require.NoError(t, err)
		assert.Empty(t, hits)
		require.NoError(t, g.Repair())
		require.NoError(t, g.Add(numbers(0, 2500), reader(values, 16)))
		assert.GreaterOrEqual(t, recall(t, g, near(rng, values, 16, 30), tenBest(), 60, blocksOf(values, 16)), 0.98)
		assert.Equal(t, bytes, g.Bytes())
	}
}

// TestSearchesGoOnMeanwhile: rows are added, deleted and repaired while others search, and no search misses a row that was
// there all along by more than recall allows, or finds one that is not allowed.
func TestSearchesGoOnMeanwhile(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const rows, dimension = 4000, 16
	values := rowsOf(rng, rows, dimension)
	g, err := graph.New(dimension, graph.Options{Workers: 2})
	require.NoError(t, err)
	defer g.Close()
	require.NoError(t, g.Add(numbers(0, 2000), reader(values, dimension)))
	steady := all(2000) // these stay
	blocks := blocksOf(values, dimension)
	queries := near(rng, values[:2000*dimension], dimension, 20)
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				search := tenBest()
				search.Allowed = steady
				share, err := g.Recall(queries, search, 100, blocks)
				assert.NoError(t, err)
				assert.GreaterOrEqual(t, share, 0.95)
			}
		})
	}
	for range 3 {
		assert.NoError(t, g.Add(numbers(2000, rows), reader(values, dimension)))
		g.Delete(numbers(2000, rows))
		assert.NoError(t, g.Repair())
	}
	close(stop)
	group.Wait()
}
