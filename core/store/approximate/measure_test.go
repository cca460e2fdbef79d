package approximate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// measured puts rows into an index that asks for a recall, and measures it.
func measured(t *testing.T, rows, long int, recall float64, of func(rng *rand.Rand) []float32) approximate.Recall {
	rng := rand.New(rand.NewPCG(1, 2))
	s, err := approximate.New(store.NewMemory([]store.Table{{Schema: "Image", Fields: 1, Index: map[string]int{"a": long}}}), []approximate.Index{{
		Schema: "Image", Name: "a", Parts: []int{long}, MinimumRows: 1000, Recall: recall,
		Graph: graph.Options{Workers: 2, Seed: 1, Neighbours: 6, BuildWidth: 32},
	}})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	changes := make([]store.Change, rows)
	for i := range changes {
		values := of(rng)
		vector.Normalize(values)
		changes[i] = store.Change{ID: fmt.Sprint(i), Values: make([]schema.Value, 1), Vectors: map[string][]float32{"a": values}}
	}
	_, err = s.Commit("Image", changes)
	require.NoError(t, err)
	found, err := s.Recall(t.Context(), "Image", "a", 150, 10, 2)
	require.NoError(t, err)
	return found
}

func normal(rng *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return values
}

// TestTheWidthIsThatWhichFindsWhatIsAskedFor.
func TestTheWidthIsThatWhichFindsWhatIsAskedFor(t *testing.T) {
	easy := func(rng *rand.Rand) []float32 { return normal(rng, 16) }
	little, much := measured(t, 8000, 16, 0.8, easy), measured(t, 8000, 16, 0.97, easy)
	assert.GreaterOrEqual(t, little.Share, 0.77)
	assert.GreaterOrEqual(t, much.Share, 0.95)
	assert.Greater(t, much.Width, little.Width)
	assert.Positive(t, little.Width)
}

// TestRowsThatAreBeyondAGraphAreScored: walks that found enough of vectors without any structure would take longer.
func TestRowsThatAreBeyondAGraphAreScored(t *testing.T) {
	found := measured(t, 3000, 96, 0.95, func(rng *rand.Rand) []float32 { return normal(rng, 96) })
	assert.Equal(t, []any{3000, 1.0, 0}, []any{found.GraphRows, found.Share, found.Width})
}
