package engine_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
)

// TestPowerCutsDuringAnExtension cuts the power at operations that change the disk while a definition that adds is opened. After each the earlier definition finds
// what it had, and the later one gets what it wants. With the environment variable INNERSPACE_EVERY_CUT at every operation.
func TestPowerCutsDuringAnExtension(t *testing.T) {
	before, after := galleryOf("pieces look likes"), galleryOf("words likes look", "pieces")
	stride := 13
	if os.Getenv("INNERSPACE_EVERY_CUT") != "" {
		stride = 1
	}
	earlier, later := inMemory(t, before), inMemory(t, after)
	putGallery(t, earlier)
	putGallery(t, later)
	cuts := 0
	for at := 0; ; at++ {
		files := filesystemtest.NewDisk(t.TempDir())
		l := &library{path: "/store", options: map[string]any{}, prints: map[string]string{}}
		onDisk := engine.WithFileSystem(files)
		e := l.open(t, before, onDisk)
		putGallery(t, e)
		require.NoError(t, e.Close())

		operations, cut := 0, false
		files.Before = func(operation filesystemtest.Operation, _ string) error {
			if operation == filesystemtest.Open || operation == filesystemtest.Map {
				return nil
			}
			if operations >= at*stride && !cut {
				cut = true
				files.CutPower()
			}
			operations++
			return nil
		}
		if e, err := l.tryOpen(t, after, onDisk); err == nil {
			_ = e.Close()
		}
		files.Before = nil
		if !cut {
			files.Close()
			break
		}
		cuts++
		files.PowerOn(rand.New(rand.NewPCG(uint64(at), 5)))
		if at%2 == 0 { // the earlier definition first, unless the extension was done
			if e, err := l.tryOpen(t, before, onDisk); err == nil {
				sameVectors(t, earlier, e)
				require.NoError(t, e.Close())
			} else {
				assert.ErrorContains(t, err, "the store has")
			}
		}
		e = l.open(t, after, onDisk)
		sameVectors(t, later, e)
		assert.Equal(t, later.Describe().Schemas, e.Describe().Schemas)
		require.NoError(t, e.Close())
		files.Close()
	}
	t.Logf("%d cuts", cuts)
	assert.Greater(t, cuts, 3)
}
