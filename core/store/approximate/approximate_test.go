package approximate_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

const dimension = 16

func open(t testing.TB, minimum, width int) *approximate.Store {
	inner := store.NewMemory([]store.Table{
		{Schema: "Image", Fields: 1, Index: map[string]int{"a": dimension, "exact": dimension}},
		{Schema: "Other", Fields: 1, Index: map[string]int{"a": dimension}},
	})
	s, err := approximate.New(inner, []approximate.Index{{
		Schema: "Image", Name: "a", Parts: []int{dimension / 2, dimension / 2}, MinimumRows: minimum, Width: width,
		Graph: graph.Options{Workers: 2, Seed: 1},
	}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func random(rng *rand.Rand) []float32 {
	values := make([]float32, dimension)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	vector.Normalize(values)
	return values
}

func put(t testing.TB, s store.Store, vectors map[string][]float32) {
	changes := make([]store.Change, 0, len(vectors))
	for id, values := range vectors {
		changes = append(changes, store.Change{ID: id, Values: make([]schema.Value, 1), Vectors: map[string][]float32{"a": values, "exact": values}})
	}
	_, err := s.Commit("Image", changes)
	require.NoError(t, err)
}

// find returns the ids of the best rows, approximately and exactly.
func find(t testing.TB, s *approximate.Store, query []float32, limit int) (found, best []string) {
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		search := vector.Search{Query: query, Limit: limit, Floor: math.Inf(-1), Workers: 1, ID: snapshot.ID}
		for index, into := range map[string]*[]string{"a": &found, "exact": &best} {
			hits, err := s.Search(snapshot, "Image", index, []vector.Search{search})
			if err != nil {
				return err
			}
			for _, hit := range hits[0] {
				*into = append(*into, snapshot.ID(hit.Row))
			}
		}
		return nil
	}))
	return found, best
}

func share(found, best []string) float64 {
	n := 0
	for _, id := range found {
		if slices.Contains(best, id) {
			n++
		}
	}
	return float64(n) / float64(len(best))
}

// TestTheGraphFollowsTheStore through puts, changed rows and deletes, while others search: what a put wrote is found when it returns.
func TestTheGraphFollowsTheStore(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := open(t, 500, 100)
	rows := map[string][]float32{}
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		query := random(rand.New(rand.NewPCG(3, 4)))
		for {
			select {
			case <-stop:
				return
			default:
				find(t, s, query, 5)
			}
		}
	})
	for round := range 12 {
		batch := map[string][]float32{}
		for range 400 {
			batch[fmt.Sprint("row", rng.IntN(6000))] = random(rng)
		}
		put(t, s, batch)
		checked := 0
		for id, values := range batch {
			rows[id] = values
			if checked++; checked < 8 {
				found, _ := find(t, s, values, 1)
				require.Equal(t, []string{id}, found, "round %d: nothing is as near to it as itself", round)
			}
		}
		if round%3 == 2 {
			require.NoError(t, s.Wait(t.Context()))
		}
		var gone []string
		for id := range rows {
			if len(gone) < 100 {
				gone = append(gone, id)
			}
		}
		deleted, missing, err := s.Delete("Image", gone)
		require.NoError(t, err)
		require.Equal(t, 100, deleted)
		require.Empty(t, missing)
		for _, id := range gone[:10] {
			found, _ := find(t, s, rows[id], 20)
			require.NotContains(t, found, id)
		}
		for _, id := range gone {
			delete(rows, id)
		}
	}
	close(stop)
	group.Wait()
	require.NoError(t, s.Wait(t.Context()))
	sum := 0.0
	for range 40 {
		found, best := find(t, s, random(rng), 10)
		require.Len(t, found, 10)
		sum += share(found, best)
	}
	assert.GreaterOrEqual(t, sum/40, 0.95)
}

func TestFewRowsHaveNoGraph(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	s := open(t, 1000, 0)
	batch := map[string][]float32{}
	for i := range 999 {
		batch[fmt.Sprint(i)] = random(rng)
	}
	put(t, s, batch)
	require.NoError(t, s.Wait(t.Context()))
	assert.Zero(t, s.Rows("Image", "a"))
	put(t, s, map[string][]float32{"one more": random(rng)})
	require.NoError(t, s.Wait(t.Context()))
	assert.Equal(t, 1000, s.Rows("Image", "a"))
	assert.Zero(t, s.Rows("Image", "exact"))
}

// TestWeightsWidenTheSearch: a query that weighs one part of two looks twice as far.
func TestWeightsWidenTheSearch(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	s := open(t, 100, 0)
	batch := map[string][]float32{}
	for i := range 8000 {
		batch[fmt.Sprint(i)] = random(rng)
	}
	put(t, s, batch)
	require.NoError(t, s.Wait(t.Context()))
	sum := 0.0
	for range 60 {
		query := random(rng)
		clear(query[dimension/2:])
		found, best := find(t, s, query, 10)
		sum += share(found, best)
	}
	assert.GreaterOrEqual(t, sum/60, 0.9)
}

func TestOtherTablesAndConflictsPassThrough(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	s := open(t, 10, 0)
	_, err := s.Commit("Other", []store.Change{{ID: "x", Values: make([]schema.Value, 1), Vectors: map[string][]float32{"a": random(rng)}}})
	require.NoError(t, err)
	version := uint64(7)
	outcome, err := s.Commit("Image", []store.Change{{ID: "x", Values: make([]schema.Value, 1), Expected: &version}})
	require.NoError(t, err)
	assert.Equal(t, []int{0}, outcome.Conflicts)
	_, err = s.Commit("Image", []store.Change{{ID: "x"}})
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	_, err = s.Commit("None", nil)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
}

func TestADimensionThatIsTooLarge(t *testing.T) {
	_, err := approximate.New(store.NewMemory(nil), []approximate.Index{{Parts: []int{1 << 17}}})
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
}

func TestRecall(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	s := open(t, 1000, 12)
	measure := func() approximate.Recall {
		recall, err := s.Recall(t.Context(), "Image", "a", 50, 10, 2)
		require.NoError(t, err)
		return recall
	}
	assert.Equal(t, approximate.Recall{Share: 1, Parts: []float64{1, 1}, Width: 12}, measure(), "of no rows")
	batch := map[string][]float32{}
	for i := range 6000 {
		batch[fmt.Sprint(i)] = random(rng)
	}
	put(t, s, batch)
	recall := measure()
	assert.Equal(t, []int{6000, 6000, 50}, []int{recall.Rows, recall.GraphRows, recall.Queries}, "it waits for the graph")
	assert.InDelta(t, 0.93, recall.Share, 0.069, "a narrow search misses something")
	require.Len(t, recall.Parts, 2)
	for _, part := range recall.Parts {
		assert.GreaterOrEqual(t, part, 0.85, "it is made up for by a wider search")
	}
	assert.Positive(t, recall.Exact)
	assert.Positive(t, recall.Approximate)
	_, err := s.Recall(t.Context(), "Image", "exact", 50, 10, 2)
	assert.EqualError(t, err, "the index exact is not approximate")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Recall(ctx, "Image", "a", 50, 10, 2)
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
}
