package approximate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
	"github.com/innerspace/innerspace/core/vector/graph"
)

func openFiles(files *filesystemtest.Disk, durability disk.Durability) (opened, error) {
	inner, err := disk.Open("/store", disk.Options{FileSystem: files, Durability: durability})
	if err != nil {
		return opened{}, err
	}
	if err := inner.Define([]store.Table{{Schema: "Image", Fields: 1, Index: map[string]int{"a": dimension, "exact": dimension}}}, nil); err != nil {
		_ = inner.Close()
		return opened{}, err
	}
	s, err := approximate.New(inner, []approximate.Index{{
		Schema: "Image", Name: "a", Parts: []int{dimension}, MinimumRows: 100, Width: 5,
		Graph: graph.Options{Workers: 1, Seed: 1, Neighbours: 8, BuildWidth: 40},
	}})
	return opened{s, inner}, err
}

// work puts, deletes, compacts and reopens until something fails or all is done.
func work(rng *rand.Rand, files *filesystemtest.Disk, durability disk.Durability) error {
	s, err := openFiles(files, durability)
	if err != nil {
		return err
	}
	defer func() {
		if s.Store != nil {
			_ = s.Close()
		}
	}()
	for step := range 12 {
		var changes []store.Change
		for range 40 + rng.IntN(120) {
			values := random(rng)
			changes = append(changes, store.Change{
				ID: fmt.Sprint("row", rng.IntN(700)), Values: make([]schema.Value, 1), Vectors: map[string][]float32{"a": values, "exact": values},
			})
		}
		if _, err := s.Commit("Image", changes); err != nil {
			return err
		}
		var gone []string
		for range rng.IntN(60) {
			gone = append(gone, fmt.Sprint("row", rng.IntN(700)))
		}
		if _, _, err := s.Delete("Image", gone); err != nil {
			return err
		}
		if step%3 == 1 {
			if _, err := s.disk.Compact(context.Background()); err != nil {
				return err
			}
		}
		if step%2 == 1 {
			if err := s.Wait(context.Background()); err != nil {
				return err
			}
		}
		if step%4 == 3 {
			if err := s.Close(); err != nil {
				return err
			}
			if s, err = openFiles(files, durability); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestPowerCuts cuts the power at operations in turn. What is there after it is searched as ever, through the graph that was kept where there is
// one: all its rows are where their vectors belong.
func TestPowerCuts(t *testing.T) {
	cuts, withGraph := 0, 0
	for _, durability := range []disk.Durability{disk.Full, disk.Fast} {
		for at := 5; ; at += 211 {
			files := filesystemtest.NewDisk(t.TempDir())
			operations, cut := make(chan int, 1), false
			operations <- 0
			files.Before = func(operation filesystemtest.Operation, _ string) error {
				if operation == filesystemtest.Open || operation == filesystemtest.Map {
					return nil
				}
				n := <-operations // the graph follows in a goroutine of its own
				if n == at {
					cut = true
					files.CutPower()
				}
				operations <- n + 1
				return nil
			}
			rng := rand.New(rand.NewPCG(uint64(at), 1))
			err := work(rng, files, durability)
			files.Before = nil
			if !cut {
				require.NoError(t, err)
				files.Close()
				break
			}
			cuts++
			files.PowerOn(rng)
			s, err := openFiles(files, durability)
			require.NoError(t, err)
			s.Follow()
			require.NoError(t, s.Wait(t.Context()))
			rows := map[string][]float32{}
			require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
				for id := range snapshot.IDs() {
					number, _ := snapshot.Number(id)
					rows[id] = append([]float32{}, snapshot.Vector("exact", number)...)
				}
				return nil
			}))
			if s.Rows("Image", "a") > s.Linked("Image", "a") {
				withGraph++
			}
			stale, err := s.Stale("Image", "a")
			require.NoError(t, err)
			require.Zero(t, stale, "cut %d", at)
			found := 0
			for id, values := range rows {
				if nearest, _ := find(t, s.Store, values, 1); nearest[0] == id {
					found++
				}
			}
			require.GreaterOrEqual(t, found, len(rows)*9/10, "cut %d", at)
			require.NoError(t, s.Close())
			report, err := disk.Verify(t.Context(), "/store", disk.Options{FileSystem: files})
			require.NoError(t, err)
			require.Empty(t, report.Damage)
			files.Close()
		}
	}
	t.Logf("%d power cuts, after %d of which a graph was read", cuts, withGraph)
	assert.Greater(t, withGraph, 3)
}
