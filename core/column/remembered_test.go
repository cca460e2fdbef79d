package column_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
)

// TestReplaceAgainstPlainValues: a column that remembers is told new values alone, and copies of it go their own ways.
func TestReplaceAgainstPlainValues(t *testing.T) {
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(8, 9))
			c := column.NewRemembering(kind)
			values := make([]schema.Value, 3000)
			replace := func(count int) {
				for range count {
					row, value := rng.IntN(len(values)), randomValue(rng, kind)
					if rng.IntN(3) == 0 {
						value = schema.Value{}
					}
					c.Replace(row, value)
					values[row] = value
				}
			}
			for range 4 {
				replace(2500)
				check(t, kind, c, values)
				copied, then := c.Clone(), slices.Clone(values)
				require.Equal(t, kind, copied.Kind())
				replace(500)
				check(t, kind, copied, then)
				check(t, kind, c, values)
				if rng.IntN(2) == 0 {
					left := values
					c, copied, values, then = copied, c, then, left
					replace(500)
					check(t, kind, copied, then)
				}
				check(t, kind, c, values)
			}
			for row := range values {
				c.Replace(row, schema.Value{})
			}
			check(t, kind, c, make([]schema.Value, len(values)))
		})
	}
}
