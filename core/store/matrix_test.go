package store_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// TestCodesGoWithTheVectors: after puts, replacements and deletes the codes of every block are those of its vectors, and a search
// finds what one without codes does.
func TestCodesGoWithTheVectors(t *testing.T) {
	const dimension, rows = 48, 2500
	rng := rand.New(rand.NewPCG(51, 52))
	m := store.NewMemory([]store.Table{{Schema: "Image", Index: map[string]int{"a": dimension, "short": 3}}})
	put := func(row int) {
		vectors := map[string][]float32{"a": make([]float32, dimension), "short": {1, 2, 3}}
		for i := range vectors["a"] {
			vectors["a"][i] = float32(rng.NormFloat64())
		}
		if row%17 == 0 {
			vectors["a"] = nil
			delete(vectors, "a")
		}
		_, err := m.Commit("Image", []store.Change{{ID: fmt.Sprint(row), Vectors: vectors}})
		require.NoError(t, err)
	}
	for row := range rows {
		put(row)
	}
	for range 400 {
		put(rng.IntN(rows))
		_, _, err := m.Delete("Image", []string{fmt.Sprint(rng.IntN(rows))})
		require.NoError(t, err)
	}
	for row := rows; row < rows+100; row++ {
		put(row)
	}
	require.NoError(t, m.Read("Image", func(snapshot store.Snapshot) error {
		blocks := snapshot.Blocks("a")
		require.Len(t, blocks, 3)
		plain := append([]vector.Block(nil), blocks...)
		for i, block := range blocks {
			codes, err := vector.Encode(block.Vectors, dimension)
			require.NoError(t, err)
			assert.Equal(t, codes.Uppers, block.Codes.Uppers)
			assert.Equal(t, codes.Lowers, block.Codes.Lowers)
			assert.GreaterOrEqual(t, block.Codes.Longest, codes.Longest)
			plain[i].Codes = vector.Codes{}
		}
		for range 20 {
			query := make([]float32, dimension)
			for i := range query {
				query[i] = float32(rng.NormFloat64())
			}
			search := vector.Search{Query: query, Limit: 10, Floor: math.Inf(-1), Workers: 2, ID: snapshot.ID}
			want, err := search.Run(plain)
			require.NoError(t, err)
			got, err := search.Run(blocks)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		for _, block := range snapshot.Blocks("short") {
			assert.Nil(t, block.Codes.Uppers, "codes of so short vectors do not pay, and none are nil")
		}
		return nil
	}))
}
