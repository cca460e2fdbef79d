package disk_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
)

// rehearse runs steps on the disk and in memory until one fails or all are done. It returns what must be there, and what may be there
// in its place: the state with the step that failed. graphs are the one that was kept last, and one that may have been.
func rehearse(t *testing.T, files *filesystemtest.Disk, seed uint64, steps int, durability disk.Durability) (acknowledged, possible map[string]string, graphs [2]string) {
	rng := rand.New(rand.NewPCG(seed, 3))
	memory := store.NewMemory(tables())
	acknowledged = map[string]string{}
	opened, err := disk.Open("/store", disk.Options{FileSystem: files, Durability: durability, History: textCodec{}})
	if err != nil {
		return acknowledged, acknowledged, graphs
	}
	if err := opened.Define(tables(), nil); err != nil {
		return acknowledged, acknowledged, graphs
	}
	for step := range steps {
		var failed error
		if step%5 == 4 {
			if _, err := opened.Compact(t.Context()); err != nil {
				_ = opened.Close()
				return acknowledged, acknowledged, graphs
			}
		}
		if step%3 == 1 {
			described, err := keepGraph(opened, "Image", "wide")
			graphs[1] = string(described)
			if err != nil {
				_ = opened.Close()
				return acknowledged, acknowledged, graphs
			}
			graphs[0] = graphs[1]
		}
		if rng.IntN(4) == 0 {
			var ids []string
			for range rng.IntN(8) {
				ids = append(ids, fmt.Sprint("row ", rng.IntN(30)))
			}
			_, _, failed = opened.Delete("Image", ids)
			_, _, err = memory.Delete("Image", ids)
		} else {
			var changes []store.Change
			for range 1 + rng.IntN(6)*rng.IntN(30) {
				changes = append(changes, randomChange(rng, 30))
			}
			_, failed = opened.Commit("Image", changes)
			_, err = memory.Commit("Image", changes)
		}
		require.NoError(t, err)
		if step%7 == 6 && failed == nil {
			if failed = opened.Close(); failed == nil {
				opened, failed = disk.Open("/store", disk.Options{FileSystem: files, Durability: durability, History: textCodec{}})
			}
			if failed != nil {
				acknowledged = show(t, memory, "Image", "wide", "narrow")
				return acknowledged, acknowledged, graphs
			}
		}
		if failed != nil {
			possible = show(t, memory, "Image", "wide", "narrow")
			_ = opened.Close()
			return acknowledged, possible, graphs
		}
		acknowledged = show(t, memory, "Image", "wide", "narrow")
	}
	_ = opened.Close()
	return acknowledged, acknowledged, graphs
}

// found is what a store has after a crash; that it was never defined counts as empty. A number of a span has the vector that it had when the
// graph was made, which comes too.
func found(t *testing.T, files *filesystemtest.Disk) (rows map[string]string, graph string) {
	opened, err := disk.Open("/store", disk.Options{FileSystem: files, History: textCodec{}})
	require.NoError(t, err, "a store can be opened after a crash")
	defer func() { require.NoError(t, opened.Close()) }()
	require.NoError(t, opened.Define(tables(), nil))
	rows = show(t, opened, "Image", "wide", "narrow")
	graph = checkedGraph(t, opened, "Image", "wide")
	// It can be written to as before.
	change := randomChange(rand.New(rand.NewPCG(1, 1)), 30)
	change.ID, change.Chunks = "after the crash", nil
	_, err = opened.Commit("Image", []store.Change{change})
	require.NoError(t, err)
	require.Contains(t, show(t, opened, "Image", "wide", "narrow"), "after the crash")
	checkedGraph(t, opened, "Image", "wide")
	return rows, graph
}

// TestPowerCuts cuts the power at operations that change the disk, in turn, and looks at what is there after it. With the environment variable
// INNERSPACE_EVERY_CUT at every sync and many writes: thousands of cuts, in some minutes.
func TestPowerCuts(t *testing.T) {
	const seeds, steps = 3, 20
	stride := 41
	if os.Getenv("INNERSPACE_EVERY_CUT") != "" {
		stride = 1
	}
	cuts := 0
	for seed := range uint64(seeds) {
		for at := 0; ; at++ {
			files := filesystemtest.NewDisk(t.TempDir())
			operations, cut := 0, false
			files.Before = func(operation filesystemtest.Operation, _ string) error {
				switch operation {
				case filesystemtest.Open, filesystemtest.Map:
					return nil
				case filesystemtest.Write:
					if (uint64(operations)+seed)%5 != 0 { // most writes are between two syncs in the same way
						operations++
						return nil
					}
				}
				if operations >= at*stride && !cut {
					cut = true
					files.CutPower()
				}
				operations++
				return nil
			}
			acknowledged, possible, graphs := rehearse(t, files, seed, steps, disk.Full)
			files.Before = nil
			if !cut {
				files.Close()
				break
			}
			cuts++
			files.PowerOn(rand.New(rand.NewPCG(seed, uint64(at))))
			rows, graph := found(t, files)
			require.Contains(t, graphs, graph, "seed %d, cut %d", seed, at)
			if !maps.Equal(rows, acknowledged) {
				require.Equal(t, possible, rows, "seed %d, cut %d: neither what was acknowledged nor that with the last step", seed, at)
			}
			files.Close()
		}
	}
	t.Logf("%d power cuts", cuts)
	require.Greater(t, cuts, 50)
}

// TestKills ends the process at operations in turn: what was written is there, synced or not.
func TestKills(t *testing.T) {
	for _, durability := range []disk.Durability{disk.Full, disk.Fast} {
		for at := 1; at < 1200; at += 47 {
			files := filesystemtest.NewDisk(t.TempDir())
			operations := 0
			files.Before = func(filesystemtest.Operation, string) error {
				if operations++; operations == at {
					files.CutPower()
				}
				return nil
			}
			acknowledged, possible, graphs := rehearse(t, files, 5, 20, durability)
			files.Before = nil
			files.Restart()
			rows, graph := found(t, files)
			require.Contains(t, graphs, graph, "%s, kill %d", durability, at)
			if !maps.Equal(rows, acknowledged) {
				require.Equal(t, possible, rows, "%s, kill %d", durability, at)
			}
			files.Close()
		}
	}
}

// TestPowerCutsOfFastStores: rows may be gone, but what is there is what once was, all of it after a Close.
func TestPowerCutsOfFastStores(t *testing.T) {
	lost := 0
	for seed := range uint64(40) {
		files := filesystemtest.NewDisk(t.TempDir())
		rng := rand.New(rand.NewPCG(seed, 4))
		once := map[string]bool{}
		kept := ""
		memory := store.NewMemory(tables())
		opened, err := disk.Open("/store", disk.Options{FileSystem: files, Durability: disk.Fast, History: textCodec{}})
		require.NoError(t, err)
		require.NoError(t, opened.Define(tables(), nil))
		var settled map[string]string
		for step := range 12 {
			operate(t, rng, 40, memory, opened)
			for id, row := range show(t, memory, "Image", "wide", "narrow") {
				once[id+row] = true
			}
			if rng.IntN(3) == 0 {
				described, err := keepGraph(opened, "Image", "wide")
				require.NoError(t, err)
				kept = string(described)
			}
			if step == 6 {
				require.NoError(t, opened.Close())
				settled = show(t, memory, "Image", "wide", "narrow")
				if seed%2 == 0 {
					break
				}
				opened, err = disk.Open("/store", disk.Options{FileSystem: files, Durability: disk.Fast, History: textCodec{}})
				require.NoError(t, err)
			}
			if rng.IntN(4) == 0 {
				_, err := opened.Compact(t.Context())
				require.NoError(t, err)
			}
		}
		files.CutPower()
		_ = opened.Close()
		files.PowerOn(rng)
		rows, graph := found(t, files)
		require.Equal(t, kept, graph, "a graph is durable, and what it was made of")
		if seed%2 == 0 {
			require.Equal(t, settled, rows, "seed %d: closed before the cut", seed)
		}
		for id, row := range rows {
			require.True(t, once[id+row], "seed %d: the row %q never was %s", seed, id, row)
		}
		lost += len(show(t, memory, "Image", "wide", "narrow")) - len(rows)
		files.Close()
	}
	t.Logf("%d rows lost", lost)
}
