package approximate_test

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// opened is a store on disk with a graph beside it, and the store itself.
type opened struct {
	*approximate.Store
	disk *disk.Store
}

func openDisk(t testing.TB, path string, readOnly bool, options graph.Options) opened {
	t.Helper()
	inner, err := disk.Open(path, disk.Options{ReadOnly: readOnly})
	require.NoError(t, err)
	if !readOnly {
		require.NoError(t, inner.Define([]store.Table{{Schema: "Image", Fields: 1, Index: map[string]int{"a": dimension, "exact": dimension}}}, nil))
	}
	options.Workers, options.Seed = 2, 1
	s, err := approximate.New(inner, []approximate.Index{{
		Schema: "Image", Name: "a", Parts: []int{dimension / 2, dimension / 2}, MinimumRows: 500, Width: 12, Graph: options,
	}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return opened{s, inner}
}

// state is the rows of the graph, and how many this process linked. All are where their vectors belong.
func (o opened) state(t testing.TB) [2]int {
	t.Helper()
	o.Follow()
	require.NoError(t, o.Wait(t.Context()))
	stale, err := o.Stale("Image", "a")
	require.NoError(t, err)
	require.Zero(t, stale)
	return [2]int{o.Rows("Image", "a"), o.Linked("Image", "a")}
}

// kept names the graph that was kept last.
func (o opened) kept(t testing.TB) uint64 {
	name, err := o.disk.ReadGraph("Image", "a", 0, func(io.Reader, int64) error { return nil })
	require.NoError(t, err)
	return name
}

// recall is that of searches for places near rows. What is found must have its exact score.
func (o opened) recall(t testing.TB, rng *rand.Rand) float64 {
	t.Helper()
	sum := 0.0
	const queries = 40
	for range queries {
		found, best := find(t, o.Store, random(rng), 10)
		require.Len(t, found, len(best))
		sum += share(found, best)
	}
	return sum / queries
}

func batch(rng *rand.Rand, from, to int) map[string][]float32 {
	rows := map[string][]float32{}
	for i := from; i < to; i++ {
		rows[fmt.Sprint("row", i)] = random(rng)
	}
	return rows
}

// requireFound: nothing is as near to a row as itself.
func requireFound(t testing.TB, s *approximate.Store, rows map[string][]float32, most int) {
	t.Helper()
	for id, values := range rows {
		if most--; most < 0 {
			return
		}
		found, _ := find(t, s, values, 1)
		require.Equal(t, []string{id}, found)
	}
}

func TestAReopenedStoreHasItsGraph(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	path := t.TempDir()
	s := openDisk(t, path, false, graph.Options{})
	put(t, s, batch(rng, 0, 3000))
	assert.Equal(t, [2]int{3000, 3000}, s.state(t))
	require.NoError(t, s.Close())

	s = openDisk(t, path, false, graph.Options{})
	name := s.kept(t)
	assert.Equal(t, [2]int{3000, 0}, s.state(t), "nothing is linked anew")
	assert.Greater(t, s.recall(t, rng), 0.6)
	few := batch(rng, 3000, 3020)
	put(t, s, few)
	requireFound(t, s.Store, few, 5)
	require.NoError(t, s.Wait(t.Context())) // all are linked before one goes
	_, _, err := s.Delete("Image", []string{"row7", "row3001"})
	require.NoError(t, err)
	assert.Equal(t, [2]int{3018, 20}, s.state(t))
	require.NoError(t, s.Close())

	s = openDisk(t, path, false, graph.Options{})
	assert.Equal(t, name, s.kept(t), "so few changes are made again rather than written")
	assert.Equal(t, [2]int{3018, 19}, s.state(t))
	delete(few, "row3001")
	requireFound(t, s.Store, few, 20)
	put(t, s, batch(rng, 4000, 4100))
	require.NoError(t, s.Wait(t.Context()))
	require.NoError(t, s.Close())

	s = openDisk(t, path, false, graph.Options{})
	assert.NotEqual(t, name, s.kept(t))
	assert.Equal(t, [2]int{3118, 0}, s.state(t))
	require.NoError(t, s.Close())
	s = openDisk(t, path, false, graph.Options{Neighbours: 8})
	assert.Equal(t, [2]int{3118, 3118}, s.state(t), "another graph was asked for")
	require.NoError(t, s.Close())
}

// TestCompactedRowsKeepTheirNodes: they get other numbers, and are not linked anew; nor are they where the process ends before the graph was kept.
func TestCompactedRowsKeepTheirNodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	path := t.TempDir()
	s := openDisk(t, path, false, graph.Options{})
	rows := batch(rng, 0, 3000)
	put(t, s, rows)
	assert.Equal(t, [2]int{3000, 3000}, s.state(t))
	var gone []string
	for i := range 300 {
		gone = append(gone, fmt.Sprint("row", 10*i))
		delete(rows, gone[i])
	}
	_, _, err := s.Delete("Image", gone)
	require.NoError(t, err)
	compacted, err := s.disk.Compact(t.Context())
	require.NoError(t, err)
	require.Greater(t, compacted.Moved, 1500)
	assert.Equal(t, [2]int{2700, 3000}, s.state(t))
	requireFound(t, s.Store, rows, 50)
	assert.Greater(t, s.recall(t, rng), 0.6)
	require.NoError(t, s.Close())

	// Processes that do not know of graphs compact too, until spans are as large as they get and numbers are given out again.
	compact := func() {
		t.Helper()
		plain, err := disk.Open(path, disk.Options{})
		require.NoError(t, err)
		id := slices.Sorted(maps.Keys(rows))[0]
		_, _, err = plain.Delete("Image", []string{id})
		require.NoError(t, err)
		delete(rows, id)
		_, err = plain.Compact(t.Context())
		require.NoError(t, err)
		require.NoError(t, plain.Close())
	}
	for range 6 {
		compact()
	}
	s = openDisk(t, path, false, graph.Options{})
	assert.Equal(t, [2]int{2694, 0}, s.state(t))
	kept := numbersOf(t, s)
	require.NoError(t, s.Close())
	compact()
	compact()
	s = openDisk(t, path, false, graph.Options{})
	again := 0
	for id, number := range numbersOf(t, s) {
		if before, has := kept[id]; has && before != number {
			again++
		}
	}
	require.Positive(t, again, "rows have numbers that were others': the test shows nothing else")
	assert.Equal(t, [2]int{2692, 0}, s.state(t))
	requireFound(t, s.Store, rows, 50)
	assert.Greater(t, s.recall(t, rng), 0.6)
}

func numbersOf(t testing.TB, s store.Store) map[string]int {
	numbers := map[string]int{}
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		for id := range snapshot.IDs() {
			numbers[id], _ = snapshot.Number(id)
		}
		return nil
	}))
	return numbers
}

// TestADamagedGraphIsMadeAnew of the rows, which are all scored until then.
func TestADamagedGraphIsMadeAnew(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	path := t.TempDir()
	s := openDisk(t, path, false, graph.Options{})
	rows := batch(rng, 0, 1500)
	put(t, s, rows)
	require.NoError(t, s.Wait(t.Context()))
	require.NoError(t, s.Close())
	for name, damage := range map[string]func(file string) error{
		"removed": os.Remove,
		"cut":     func(file string) error { return os.Truncate(file, 5000) },
		"changed": func(file string) error {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			content[len(content)/2] ^= 4
			return os.WriteFile(file, content, 0o644)
		},
	} {
		files, err := filepath.Glob(filepath.Join(path, "graphs", "*.graph"))
		require.NoError(t, err)
		require.Len(t, files, 1)
		require.NoError(t, damage(files[0]))
		reader := openDisk(t, path, true, graph.Options{})
		assert.Equal(t, [2]int{0, 0}, reader.state(t), name)
		requireFound(t, reader.Store, rows, 10)
		require.NoError(t, reader.Close())
		s = openDisk(t, path, false, graph.Options{})
		requireFound(t, s.Store, rows, 10)
		assert.Equal(t, [2]int{1500, 1500}, s.state(t), name)
		require.NoError(t, s.Close())
		report, err := disk.Verify(t.Context(), path, disk.Options{})
		require.NoError(t, err)
		assert.Empty(t, report.Damage)
	}
}

// TestReadersFollowTheWriter, which puts, deletes, compacts and ends; the numbers of rows are given out again.
func TestReadersFollowTheWriter(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	path := t.TempDir()
	s := openDisk(t, path, false, graph.Options{})
	rows := batch(rng, 0, 2000)
	put(t, s, rows)
	require.NoError(t, s.Wait(t.Context()))
	readers := []opened{openDisk(t, path, true, graph.Options{}), openDisk(t, path, true, graph.Options{Neighbours: 5})}
	for round := range 6 {
		fresh := batch(rng, 2000+200*round, 2200+200*round)
		put(t, s, fresh)
		maps.Copy(rows, fresh)
		var gone []string
		for id := range rows {
			if len(gone) < 150 {
				gone = append(gone, id)
			}
		}
		for _, id := range gone {
			delete(rows, id)
			delete(fresh, id)
		}
		_, _, err := s.Delete("Image", gone)
		require.NoError(t, err)
		for _, reader := range readers {
			requireFound(t, reader.Store, fresh, 10)
			requireFound(t, reader.Store, rows, 10)
		}
		if round%2 == 1 {
			_, err := s.disk.Compact(t.Context())
			require.NoError(t, err)
			require.NoError(t, s.Close())
			s = openDisk(t, path, false, graph.Options{})
		}
		require.NoError(t, s.Wait(t.Context()))
		for _, reader := range readers {
			state := reader.state(t)
			assert.Greater(t, state[0], len(rows)*3/4, "round %d", round)
			assert.Zero(t, state[1], "readers link nothing")
			requireFound(t, reader.Store, rows, 10)
			assert.Greater(t, reader.recall(t, rng), 0.6, "round %d", round)
		}
	}
	require.NoError(t, s.Close())
	for _, reader := range readers {
		assert.Greater(t, reader.state(t)[0], len(rows)*63/64)
		require.NoError(t, reader.Close())
	}
}

// TestAgainstMemory runs the same random operations on a store in memory and on one on disk, which is compacted, closed or left as it is now
// and then: both find what the exact search does, nearly always, and what was put at once.
func TestAgainstMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	path := t.TempDir()
	memory, s := open(t, 500, 12), openDisk(t, path, false, graph.Options{})
	for step := range 24 {
		fresh := map[string][]float32{}
		for range rng.IntN(300) {
			fresh[fmt.Sprint("row", rng.IntN(3000))] = random(rng)
		}
		put(t, memory, fresh)
		put(t, s, fresh)
		var gone []string
		for range rng.IntN(60) {
			gone = append(gone, fmt.Sprint("row", rng.IntN(3000)))
		}
		for _, one := range []store.Store{memory, s} {
			_, _, err := one.Delete("Image", gone)
			require.NoError(t, err)
		}
		switch rng.IntN(5) {
		case 0:
			_, err := s.disk.Compact(t.Context())
			require.NoError(t, err)
		case 1:
			require.NoError(t, s.Close())
			s = openDisk(t, path, false, graph.Options{})
		case 2:
			require.NoError(t, s.Wait(t.Context()))
		}
		sums := [2]float64{}
		const queries = 6
		for range queries {
			query := random(rng)
			_, exactly := find(t, memory, query, 10)
			for i, one := range []*approximate.Store{memory, s.Store} {
				found, best := find(t, one, query, 10)
				require.Equal(t, exactly, best, "step %d", step)
				sums[i] += share(found, best) / queries
			}
		}
		assert.Greater(t, sums[0], 0.5, "in memory, step %d", step)
		assert.Greater(t, sums[1], 0.5, "on disk, step %d", step)
	}
	require.NoError(t, s.Wait(t.Context()))
	assert.Greater(t, s.recall(t, rng), 0.6)
}
