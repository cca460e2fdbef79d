package disk

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/vector"
)

// TestSpansForRowsWhoseSpansAreLost: every row is in one span, and no two have a number.
func TestSpansForRowsWhoseSpansAreLost(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var whole, known []*span
		end := 0
		for range rng.IntN(6) {
			sp := &span{first: end + 64*rng.IntN(3), capacity: 64 * (1 + rng.IntN(4))}
			sp.used, end = sp.capacity, sp.first+sp.capacity
			whole = append(whole, sp)
			if rng.IntN(2) == 0 {
				known = append(known, sp)
			}
		}
		live := vector.NewBitmap(end)
		for _, sp := range whole {
			for row := sp.first; row < sp.first+sp.capacity; row++ {
				if rng.IntN(1+rng.IntN(200)) == 0 && sp.first%128 == 0 {
					live.Add(row)
				}
			}
		}
		all := slices.Concat(known, uncovered(live, known))
		slices.SortFunc(all, func(a, b *span) int { return a.first - b.first })
		end = 0
		for _, sp := range all {
			require.True(t, sp.possible(end), "seed %d", seed)
			end = sp.first + sp.capacity
		}
		of := &tableState{spans: all}
		for row := range live.All() {
			require.GreaterOrEqual(t, of.spanOf(row), 0, "seed %d, row %d", seed, row)
		}
	}
}
