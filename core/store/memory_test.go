package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

func open() *store.Memory {
	return store.NewMemory([]store.Table{
		{Schema: "Image", Fields: 2, Index: map[string]int{"a": 3, "b": 1}},
		{Schema: "Text", Fields: 1},
	})
}

func change(id, first, second string, x float32) store.Change {
	values := make([]schema.Value, 2)
	for i, text := range []string{first, second} {
		if text != "" {
			values[i] = schema.TextValue(text)
		}
	}
	return store.Change{ID: id, Values: values, Vectors: map[string][]float32{"a": {x, x + 1, x + 2}, "b": {0 - x}}}
}

func texts(values []schema.Value) []string {
	var list []string
	for _, value := range values {
		list = append(list, value.Text)
	}
	return list
}

// contents reads everything through the blocks: id -> values and vectors.
func contents(t *testing.T, s store.Store) map[string]string {
	found := map[string]string{}
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		for _, block := range snapshot.Blocks("a") {
			for i := range block.Rows {
				if block.Live != nil && block.Live[i/64]&(1<<(i%64)) == 0 {
					continue
				}
				row := block.First + i
				assert.Equal(t, snapshot.Vector("a", row), block.Vectors[i*3:i*3+3])
				found[snapshot.ID(row)] = fmt.Sprint(texts(snapshot.Values(row)), snapshot.Vector("a", row), snapshot.Vector("b", row))
			}
		}
		assert.Equal(t, len(found), snapshot.Rows())
		return nil
	}))
	return found
}

func TestCommitMergesFieldsAndReplacesVectors(t *testing.T) {
	s := open()
	outcome, err := s.Commit("Image", []store.Change{change("p", "one", "two", 1), change("q", "", "", 2)})
	require.NoError(t, err)
	assert.Equal(t, [][]schema.Value{nil, nil}, outcome.Before)
	outcome, err = s.Commit("Image", []store.Change{change("p", "", "new", 5)})
	require.NoError(t, err)
	assert.Equal(t, []string{"one", "two"}, texts(outcome.Before[0]))
	assert.Equal(t, map[string]string{"p": "[one new] [5 6 7] [-5]", "q": "[ ] [2 3 4] [-2]"}, contents(t, s))
}

func TestConflictsApplyNothing(t *testing.T) {
	s := open()
	_, err := s.Commit("Image", []store.Change{change("p", "one", "", 1)})
	require.NoError(t, err)
	var version uint64
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		row, ok := snapshot.Find("p")
		assert.True(t, ok)
		version = row.Version
		return nil
	}))
	none, stale := uint64(0), version+17
	first, second, third := change("new", "x", "", 2), change("p", "y", "", 3), change("p", "z", "", 4)
	first.Expected, second.Expected, third.Expected = &none, &stale, &none
	outcome, err := s.Commit("Image", []store.Change{first, second, third})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, outcome.Conflicts)
	assert.Equal(t, map[string]string{"p": "[one ] [1 2 3] [-1]"}, contents(t, s))
	second.Expected = &version
	outcome, err = s.Commit("Image", []store.Change{first, second})
	require.NoError(t, err)
	assert.Empty(t, outcome.Conflicts)
	assert.Len(t, contents(t, s), 2)
}

func TestDeleteAndReuse(t *testing.T) {
	s := open()
	_, err := s.Commit("Image", []store.Change{change("a", "1", "", 1), change("b", "2", "", 2)})
	require.NoError(t, err)
	deleted, missing, err := s.Delete("Image", []string{"a", "a", "zzz"})
	require.NoError(t, err)
	assert.Equal(t, 1, deleted)
	assert.Equal(t, []string{"a", "zzz"}, missing)
	outcome, err := s.Commit("Image", []store.Change{change("c", "", "3", 3)})
	require.NoError(t, err)
	assert.Nil(t, outcome.Before[0], "the place of a deleted row carries nothing over")
	assert.Equal(t, map[string]string{"b": "[2 ] [2 3 4] [-2]", "c": "[ 3] [3 4 5] [-3]"}, contents(t, s))
}

// TestAgainstAMap drives the store with random commits and deletes over several blocks.
func TestAgainstAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	s, want := open(), map[string]string{}
	for step := range 300 {
		if step%3 == 2 {
			var ids []string
			for range rng.IntN(40) {
				id := fmt.Sprint(rng.IntN(4000))
				ids = append(ids, id)
				delete(want, id)
			}
			_, _, err := s.Delete("Image", ids)
			require.NoError(t, err)
			continue
		}
		var changes []store.Change
		for range rng.IntN(60) {
			id, x := fmt.Sprint(rng.IntN(4000)), rng.IntN(1000)
			changes = append(changes, change(id, "f", "s", float32(x)))
			want[id] = fmt.Sprint([]string{"f", "s"}, []int{x, x + 1, x + 2}, []float32{0 - float32(x)})
		}
		_, err := s.Commit("Image", changes)
		require.NoError(t, err)
	}
	found := contents(t, s)
	assert.Len(t, found, len(want))
	for id, row := range want {
		require.Equal(t, row, found[id], "id %s", id)
	}
}

func TestRefusesWhatDoesNotFit(t *testing.T) {
	s := open()
	good, short, long := change("good", "1", "", 1), change("p", "1", "", 1), change("p", "1", "", 1)
	short.Values, long.Vectors = short.Values[:1], map[string][]float32{"a": {1, 2, 3, 4}, "b": {1}}
	for _, bad := range []store.Change{short, long} {
		_, err := s.Commit("Image", []store.Change{good, bad})
		assert.Equal(t, errs.Internal, errs.StatusOf(err))
	}
	assert.Empty(t, contents(t, s))
	_, err := s.Commit("Nope", nil)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	_, _, err = s.Delete("Nope", nil)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.Equal(t, errs.Internal, errs.StatusOf(s.Read("Nope", nil)))
}

// TestReadsSeeAllOfACommitOrNothing reads while commits replace all rows at once.
func TestReadsSeeAllOfACommitOrNothing(t *testing.T) {
	s := open()
	const rows = 100
	commit := func(x float32) {
		changes := make([]store.Change, rows)
		for i := range changes {
			changes[i] = change(fmt.Sprint(i), fmt.Sprint(x), "", x)
		}
		_, err := s.Commit("Image", changes)
		assert.NoError(t, err)
	}
	commit(0)
	var group sync.WaitGroup
	group.Go(func() {
		for x := range 200 {
			commit(float32(x))
		}
	})
	for range 2 {
		group.Go(func() {
			for range 200 {
				_ = s.Read("Image", func(snapshot store.Snapshot) error {
					for row := range rows {
						assert.Equal(t, snapshot.Vector("a", 0), snapshot.Vector("a", row))
						assert.Equal(t, snapshot.Values(0), snapshot.Values(row))
					}
					seen := 0
					for text, found := range snapshot.Column(0, schema.String).Texts() {
						assert.Equal(t, snapshot.Values(0)[0].Text, text)
						seen += found.Count()
					}
					assert.Equal(t, rows, seen)
					return nil
				})
			}
		})
	}
	group.Wait()
}

// TestColumnsAreWhatTheRowsHold commits and deletes at random and compares a table's columns with its rows.
func TestColumnsAreWhatTheRowsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	s := open()
	for step := range 200 {
		if step%3 == 2 {
			var ids []string
			for range rng.IntN(30) {
				ids = append(ids, fmt.Sprint(rng.IntN(300)))
			}
			_, _, err := s.Delete("Image", ids)
			require.NoError(t, err)
		} else {
			var changes []store.Change
			for range rng.IntN(30) {
				text := func() string { return []string{"", "x", "y", fmt.Sprint(rng.IntN(100))}[rng.IntN(4)] } // "" is absent
				c := change(fmt.Sprint(rng.IntN(300)), text(), text(), 1)
				if rng.IntN(3) == 0 {
					c = withChunks(c, c.ID+" piece")
				}
				changes = append(changes, c)
			}
			_, err := s.Commit("Image", changes)
			require.NoError(t, err)
		}
		require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
			assert.Nil(t, snapshot.Column(0, schema.Blob))
			for field := range 2 {
				c, seen := snapshot.Column(field, schema.String), 0
				for _, rows := range c.Texts() {
					seen += rows.Count()
				}
				for row := range len(snapshot.Live()) * 64 {
					present := false
					if snapshot.Live().Has(row) {
						value := snapshot.Values(row)[field]
						if present = value.Present; present {
							seen--
							only := vector.NewBitmap(row + 1)
							only.Add(row)
							require.Equal(t, 1, c.Rows(value.Text).CountIn(only), "row %d is not among those of %q", row, value.Text)
						}
					}
					require.Equal(t, present, c.Present().Has(row), "row %d", row)
				}
				require.Zero(t, seen, "a column has rows that the table has not")
			}
			return nil
		}))
	}
}
