package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	e = l.open(t, definition)
	require.Len(t, repaired.Dropped["Photo"], 1)
	titled(t, e, 0, 300)
	assert.Equal(t, want, vectorsOf(t, e))

	_, err = engine.RepairStore(context.Background(), l.path)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	for _, look := range []func(context.Context, string) (*engine.VerificationReport, error){engine.VerifyStore, engine.RepairStore} {
		_, err = look(context.Background(), l.path+"-nothing")
		assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	}
	assert.NoFileExists(t, l.path+"-nothing")
}
