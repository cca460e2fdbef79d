package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
)

// withChunks adds chunks that are in the index "a" only.
func withChunks(c store.Change, ids ...string) store.Change {
	for _, id := range ids {
		c.Chunks = append(c.Chunks, store.Chunk{ID: id, Vectors: map[string][]float32{"a": {9, 9, 9}}})
	}
	return c
}

// idsIn are the ids with a vector in an index, in order.
func idsIn(t *testing.T, s store.Store, index string) []string {
	ids := []string{}
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		for _, block := range snapshot.Blocks(index) {
			for i := range block.Rows {
				if block.Live == nil || block.Live[i/64]&(1<<(i%64)) != 0 {
					ids = append(ids, snapshot.ID(block.First+i))
				}
			}
		}
		return nil
	}))
	slices.Sort(ids)
	return ids
}

func counts(t *testing.T, s store.Store) (rows, chunks int) {
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		rows, chunks = snapshot.Rows(), snapshot.Chunks()
		return nil
	}))
	return rows, chunks
}

func TestChunksGoWithTheirRow(t *testing.T) {
	s := open()
	commit := func(changes ...store.Change) error { _, err := s.Commit("Image", changes); return err }
	require.NoError(t, commit(withChunks(change("x", "one", "", 1), "x1", "x2"), change("y", "", "", 2)))
	assert.Equal(t, []string{"x", "x1", "x2", "y"}, idsIn(t, s, "a"))
	assert.Equal(t, []string{"x", "y"}, idsIn(t, s, "b"), "chunks are found in their own indices only")
	rows, chunks := counts(t, s)
	assert.Equal(t, []int{4, 2}, []int{rows, chunks})
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		row, ok := snapshot.Find("x1")
		assert.True(t, ok)
		assert.Equal(t, "x", row.Origin)
		assert.Len(t, row.Values, 2, "one value a field, none of them there")
		return nil
	}))

	require.NoError(t, commit(withChunks(change("x", "", "two", 1), "x1")))
	assert.Equal(t, []string{"x", "x1", "y"}, idsIn(t, s, "a"), "a change replaces the chunks")
	keeping := change("x", "", "", 2)
	keeping.KeepChunks = true
	require.NoError(t, commit(keeping))
	assert.Equal(t, []string{"x", "x1", "y"}, idsIn(t, s, "a"), "unless it keeps them")
	require.NoError(t, commit(change("x", "", "", 1)))
	assert.Equal(t, []string{"x", "y"}, idsIn(t, s, "a"))

	require.NoError(t, commit(withChunks(change("x", "", "", 1), "x1", "x2")))
	deleted, missing, err := s.Delete("Image", []string{"x2"})
	require.NoError(t, err)
	assert.Equal(t, 1, deleted)
	assert.Empty(t, missing)
	deleted, _, err = s.Delete("Image", []string{"x"})
	require.NoError(t, err)
	assert.Equal(t, 1, deleted, "a row with its chunks is one")
	assert.Equal(t, []string{"y"}, idsIn(t, s, "a"))
	rows, chunks = counts(t, s)
	assert.Equal(t, []int{1, 0}, []int{rows, chunks})
}

func TestIdsOfChunksAreTheirOwn(t *testing.T) {
	s := open()
	_, err := s.Commit("Image", []store.Change{withChunks(change("x", "", "", 1), "c"), change("taken", "", "", 2)})
	require.NoError(t, err)
	_, err = s.Commit("Image", []store.Change{change("z", "", "", 3), change("c", "", "", 3)})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.EqualError(t, err, `the id "c" is that of a chunk of "x"; choose another`)
	_, err = s.Commit("Image", []store.Change{withChunks(change("z", "", "", 3), "taken")})
	assert.EqualError(t, err, `a chunk of "z" would have the id "taken", which is taken; delete that row first`)
	_, err = s.Commit("Image", []store.Change{{ID: "z", Values: change("z", "", "", 3).Values, Vectors: change("z", "", "", 3).Vectors,
		Chunks: []store.Chunk{{ID: "d", Vectors: map[string][]float32{"a": {1}}}}}})
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.Equal(t, []string{"c", "taken", "x"}, idsIn(t, s, "a"), "nothing of a refused commit is there")
}

// TestChunksAgainstAPlainMap puts and deletes at random and compares with a map of the chunks that must be there.
func TestChunksAgainstAPlainMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	s := open()
	want := map[string][]string{}
	for range 400 {
		id := fmt.Sprint("row", rng.IntN(12))
		if rng.IntN(3) == 0 {
			_, _, err := s.Delete("Image", []string{id})
			require.NoError(t, err)
			delete(want, id)
		} else {
			var chunks []string
			for i := range rng.IntN(4) {
				chunks = append(chunks, fmt.Sprint(id, "-", i))
			}
			_, err := s.Commit("Image", []store.Change{withChunks(change(id, "", "", 1), chunks...)})
			require.NoError(t, err)
			want[id] = chunks
		}
		all, plain := []string{}, []string{}
		for id, chunks := range want {
			all, plain = append(append(all, id), chunks...), append(plain, id)
		}
		slices.Sort(all)
		slices.Sort(plain)
		require.Equal(t, all, idsIn(t, s, "a"))
		require.Equal(t, plain, idsIn(t, s, "b"))
		rows, chunks := counts(t, s)
		require.Equal(t, []int{len(all), len(all) - len(plain)}, []int{rows, chunks})
	}
}
