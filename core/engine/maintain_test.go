package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// titled puts rows with a picture each.
func titled(t *testing.T, e *engine.Engine, from, to int) {
	var rows []row
	for i := from; i < to; i++ {
		rows = append(rows, row{"id": fmt.Sprintf("row %04d", i), "title": strings.Repeat("w", i%50), "image": append(picture(red, blue), byte(i), byte(i>>8))})
	}
	put(t, e, engine.PutOptions{Schema: "Photo"}, rows...)
}

func TestCompaction(t *testing.T) {
	l := newLibrary(t)
	definition := galleryOf("look", "words")
	e := l.open(t, definition)
	titled(t, e, 0, 3000)
	var gone []string
	for i := range 2000 {
		if i%3 != 0 {
			gone = append(gone, fmt.Sprintf("row %04d", i))
		}
	}
	_, _, err := e.Delete(context.Background(), "Photo", gone)
	require.NoError(t, err)
	titled(t, e, 2900, 3000)
	want := vectorsOf(t, e)
	report, err := e.Compact(context.Background())
	require.NoError(t, err)
	assert.Equal(t, want, vectorsOf(t, e))
	assert.Less(t, report.After.Catalogue+report.After.Vectors, report.Before.Catalogue+report.Before.Vectors)
	require.NoError(t, e.Close())

	offline, err := engine.CompactStore(context.Background(), l.path)
	require.NoError(t, err)
	assert.Zero(t, offline.Removed, "nothing was left to do")
	e = l.open(t, definition)
	assert.Equal(t, want, vectorsOf(t, e))
	_, err = engine.CompactStore(context.Background(), l.path)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err), "the engine writes to it")
	_, err = engine.CompactStore(context.Background(), l.path+"/nothing")
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	_, err = inMemory(t, definition).Compact(context.Background())
	assert.NoError(t, err, "there is nothing to give back")
	l.options["read_only"] = true
	_, err = l.open(t, definition).Compact(context.Background())
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
}

func vectorsOf(t *testing.T, e *engine.Engine) map[string][]float32 {
	found := map[string][]float32{}
	for _, index := range e.Describe().Indices {
		vectors, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: "Photo", Index: index.Name})
		require.NoError(t, err)
		for _, v := range vectors {
			found[index.Name+" "+v.ID] = v.Vector
		}
	}
	return found
}

func TestDamageIsFoundAndRepaired(t *testing.T) {
	l := newLibrary(t)
	definition := galleryOf("look", "words")
	e := l.open(t, definition)
	titled(t, e, 0, 300)
	want := vectorsOf(t, e)
	verified, err := engine.VerifyStore(context.Background(), l.path)
	require.NoError(t, err, "beside the engine")
	assert.True(t, verified.Good)
	assert.Equal(t, 300, verified.Rows)
	assert.Empty(t, verified.Damage)
	require.NoError(t, e.Close())

	segments, err := filepath.Glob(filepath.Join(l.path, "segments", "*.seg"))
	require.NoError(t, err)
	require.NotEmpty(t, segments)
	file, err := os.OpenFile(segments[0], os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = file.WriteAt([]byte{0xff, 0xff}, 4096+32*4*7+5) // in the vector of the eighth row
	require.NoError(t, err)
	require.NoError(t, file.Close())

	verified, err = engine.VerifyStore(context.Background(), l.path)
	require.NoError(t, err)
	assert.False(t, verified.Good)
	require.NotEmpty(t, verified.Damage)
	assert.Equal(t, "Photo", verified.Damage[0].Schema)
	assert.Empty(t, verified.Dropped, "nothing was changed")

	repaired, err := engine.RepairStore(context.Background(), l.path)
	require.NoError(t, err)
	verified, err = engine.VerifyStore(context.Background(), l.path)
	require.NoError(t, err)
	assert.True(t, verified.Good, "%v", verified.Damage)
	assert.Empty(t, repaired.Dropped)
	require.Len(t, repaired.Lost["Photo"], 1)
	e = l.open(t, definition)
	assert.Equal(t, []string{"the vectors of 1 row of Photo were made anew, after a repair"}, e.Describe().Store.Added)
	assert.Equal(t, map[string]int{"fake": 2, "other": 1}, l.embedded())
	assert.Equal(t, want, vectorsOf(t, e))

	_, err = engine.RepairStore(context.Background(), l.path)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	for _, look := range []func(context.Context, string) (*engine.VerificationReport, error){engine.VerifyStore, engine.RepairStore} {
		_, err = look(context.Background(), l.path+"-nothing")
		assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	}
	assert.NoFileExists(t, l.path+"-nothing")
}

// TestVectorsThatAreLostAreMadeAnew: rows, pictures, and what events did are in the catalogue, and all else follows from them.
func TestVectorsThatAreLostAreMadeAnew(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"cut":     func(path string) error { return os.Truncate(path, 5000) },
		"removed": os.Remove,
		"zeroed":  func(path string) error { return os.WriteFile(path, make([]byte, 4096), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t)
			definition := galleryOf("look likes", "pieces ages", "words colours")
			want := inMemory(t, definition)
			e := l.open(t, definition)
			putGallery(t, e)
			putGallery(t, want)
			require.NoError(t, e.Close())
			segments, err := filepath.Glob(filepath.Join(l.path, "segments", "*.seg"))
			require.NoError(t, err)
			for _, segment := range segments {
				require.NoError(t, harm(segment))
			}
			_, err = l.tryOpen(t, definition)
			require.Error(t, err, "damage is not passed over")
			repaired, err := engine.RepairStore(context.Background(), l.path)
			require.NoError(t, err)
			assert.Empty(t, repaired.Dropped)
			assert.Len(t, repaired.Lost["Photo"], 4)
			for range 2 {
				e = l.open(t, definition)
				sameVectors(t, want, e)
				assert.Equal(t, want.Describe().Schemas, e.Describe().Schemas)
				require.NoError(t, e.Close())
			}
			assert.Empty(t, e.Describe().Store)
		})
	}
}

func TestEventsOutliveARepair(t *testing.T) {
	l, want := newLibrary(t), inMemory(t, reading)
	e := l.open(t, reading)
	for _, each := range []*engine.Engine{e, want} {
		mustPut(t, each, "Item", row{"id": "east", "v": numbers(1, 0)}, row{"id": "north", "v": numbers(0, 1)})
		mustPut(t, each, "User", row{"id": "ann", "taste": numbers(0, -1), "age": int64(30)})
		_, err := putRows(t, each, engine.PutOptions{Schema: "Event"}, read("1", "ann", "east"), read("2", "ann", "north"))
		require.NoError(t, err)
	}
	require.NoError(t, e.Close())
	segments, err := filepath.Glob(filepath.Join(l.path, "segments", "*.seg"))
	require.NoError(t, err)
	for _, segment := range segments {
		require.NoError(t, os.Remove(segment))
	}
	_, err = engine.RepairStore(context.Background(), l.path)
	require.NoError(t, err)
	e = l.open(t, reading)
	sameVectors(t, want, e)
}

// TestWhatCannotBeMadeAnewIsTold, and tried again by the next engine.
func TestWhatCannotBeMadeAnewIsTold(t *testing.T) {
	l := newLibrary(t)
	l.options["images"] = "reference"
	e := l.open(t, galleryOf("look"))
	here, away := savePicture(t, "here.png", red), savePicture(t, "away.png", blue)
	put(t, e, engine.PutOptions{Schema: "Photo"}, row{"id": "here", "image": here}, row{"id": "away", "image": away})
	want := vectorsOf(t, e)
	require.NoError(t, e.Close())
	segments, err := filepath.Glob(filepath.Join(l.path, "segments", "*.seg"))
	require.NoError(t, err)
	for _, segment := range segments {
		require.NoError(t, os.Remove(segment))
	}
	_, err = engine.RepairStore(context.Background(), l.path)
	require.NoError(t, err)
	require.NoError(t, os.Rename(string(away.Data), string(away.Data)+".moved"))
	e = l.open(t, galleryOf("look"))
	assert.Equal(t, []string{"here"}, ids(run(t, e, allPhotos, engine.Params{})))
	require.Len(t, e.Describe().Store.Removed, 1)
	assert.Contains(t, e.Describe().Store.Removed[0], `1 row of Photo cannot be found since a repair, because it cannot be embedded anew: "away", field image: Failed to open image`)
	require.NoError(t, e.Close())
	require.NoError(t, os.Rename(string(away.Data)+".moved", string(away.Data)))
	e = l.open(t, galleryOf("look"))
	assert.Equal(t, want, vectorsOf(t, e))
}

// TestACatalogueThatIsDamagedIsMadeAnew loses each page of a catalogue in turn: after a repair an engine has what it had, save for the rows that are named,
// or the repair says that it cannot be.
func TestACatalogueThatIsDamagedIsMadeAnew(t *testing.T) {
	l := newLibrary(t)
	definition := galleryOf("look likes", "pieces ages", "words colours")
	want := inMemory(t, definition)
	e := l.open(t, definition)
	putGallery(t, e)
	putGallery(t, want)
	require.NoError(t, e.Close())
	path := filepath.Join(l.path, "catalogue.sqlite")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	files := os.DirFS(l.path)
	same, dropped, refused := 0, 0, 0
	for at := 0; at < len(whole); at += 4096 {
		copied := *l
		copied.path = filepath.Join(t.TempDir(), "store")
		require.NoError(t, os.CopyFS(copied.path, files))
		damaged := slices.Clone(whole)
		clear(damaged[at:][:4096])
		if slices.Equal(damaged, whole) {
			continue
		}
		require.NoError(t, os.WriteFile(filepath.Join(copied.path, "catalogue.sqlite"), damaged, 0o600))
		repaired, err := engine.RepairStore(context.Background(), copied.path)
		if err != nil {
			refused++
			require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			continue
		}
		e := copied.open(t, definition)
		if len(repaired.Dropped) == 0 {
			same++
			require.Empty(t, repaired.Unnamed, "page %d", at/4096+1)
			sameVectors(t, want, e)
			require.Equal(t, want.Describe().Schemas, e.Describe().Schemas)
		} else {
			dropped++
		}
		require.NoError(t, e.Close())
	}
	t.Logf("all is there after the loss of %d pages; of %d rows were lost, of %d everything", same, dropped, refused)
	require.Greater(t, same, dropped+refused)
}
