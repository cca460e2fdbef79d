package disk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
)

// TestFailures makes each operation fail in turn with what the system says then: the error is clear, nothing is half done, and
// once there is room again the store goes on.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name       string
		failure    error
		operations []filesystemtest.Operation
		status     errs.Status
		says       string
		broken     bool // it may be that no more is written until the store is opened anew
	}{
		{"a full disk", unix.ENOSPC, []filesystemtest.Operation{filesystemtest.Write, filesystemtest.Truncate, filesystemtest.Create}, errs.LimitExceeded, "is full", false},
		{"too many files", unix.EMFILE, []filesystemtest.Operation{filesystemtest.Open, filesystemtest.Map, filesystemtest.Create}, errs.LimitExceeded, "too many open", false},
		{"a directory to read only", unix.EROFS, []filesystemtest.Operation{filesystemtest.Create, filesystemtest.Rename}, errs.Forbidden, "cannot be written to", false},
		{"a disk that fails", unix.EIO, []filesystemtest.Operation{filesystemtest.Sync}, errs.Internal, "failed", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			failures := 0
			for _, at := range []int{0, 1, 3, 6, 11} {
				files, options, _ := sample(t)
				s := open(t, "/store", options)
				rng := rand.New(rand.NewPCG(uint64(at), 1))
				count, failing := 0, true
				files.Before = func(operation filesystemtest.Operation, _ string) error {
					for _, each := range c.operations {
						if each == operation && failing {
							if count++; count > at {
								return c.failure
							}
						}
					}
					return nil
				}
				before := show(t, s, "Image", "wide", "narrow")
				var err error
				for range 4 {
					var changes []store.Change
					for i := range 400 {
						change := randomChange(rng, 100)
						change.ID, change.Chunks = fmt.Sprint("new ", rng.Int64(), i), nil
						changes = append(changes, change)
					}
					if _, err = s.Commit("Image", changes); err != nil {
						break
					}
					failing = false
					before = show(t, s, "Image", "wide", "narrow")
					failing = true
				}
				failing = false
				if err != nil {
					failures++
					if errs.StatusOf(err) != errs.InvalidState || !c.broken {
						assert.Equal(t, c.status, errs.StatusOf(err), "%v", err)
						assert.ErrorContains(t, err, c.says)
						assert.ErrorContains(t, err, "/store")
					}
				}
				require.Equal(t, before, show(t, s, "Image", "wide", "narrow"), "failure %d: it can be read, and is as it was", at)
				change := randomChange(rng, 100)
				change.ID, change.Chunks = "later", nil
				_, err = s.Commit("Image", []store.Change{change})
				if c.broken && err != nil {
					require.Equal(t, errs.InvalidState, errs.StatusOf(err))
					_ = s.Close()
					s = open(t, "/store", options)
					_, err = s.Commit("Image", []store.Change{change})
				}
				require.NoError(t, err)
				require.NoError(t, s.Close())
				require.Empty(t, verified(t, options).Damage)
				files.Before = nil
			}
			assert.Greater(t, failures, 0)
		})
	}
}

func TestOneWriterAtATime(t *testing.T) {
	path := t.TempDir()
	first := open(t, path, disk.Options{})
	_, err := disk.Open(path, disk.Options{})
	require.Error(t, err)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.Regexp(t, `is open for writing in this process \(\d+\) since \d{4}-\d\d-\d\dT`, err.Error())
	reader := open(t, path, disk.Options{ReadOnly: true})
	_, err = reader.Commit("Image", nil)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.ErrorContains(t, err, "for reading only")

	change := randomChange(rand.New(rand.NewPCG(1, 2)), 9)
	_, err = first.Commit("Image", []store.Change{change})
	require.NoError(t, err)
	assert.Equal(t, show(t, first, "Image", "wide", "narrow"), show(t, reader, "Image", "wide", "narrow"), "readers see what was committed")
	require.NoError(t, first.Close())
	require.NoError(t, first.Close())
	second := open(t, path, disk.Options{})
	_, _, err = second.Delete("Image", []string{change.ID})
	require.NoError(t, err)
	assert.Empty(t, show(t, reader, "Image", "wide", "narrow"))
	require.NoError(t, second.Close())
	require.NoError(t, reader.Close())
	assert.Equal(t, errs.InvalidState, errs.StatusOf(second.Read("Image", nil)))
}

func TestWhatIsNoStore(t *testing.T) {
	empty := t.TempDir()
	_, err := disk.Open(empty, disk.Options{ReadOnly: true})
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	_, err = disk.Open(empty+"/new/deep", disk.Options{ReadOnly: true})
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	_, err = disk.Open("failure_test.go", disk.Options{})
	assert.Error(t, err)
	_, err = disk.Open(".", disk.Options{})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "is not a store, and is not empty")
	_, err = disk.Open(empty, disk.Options{Durability: "slow"})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	var named *errs.Error
	assert.True(t, errors.As(err, &named))
}

// TestDefine: what is stored follows the tables that are given.
func TestDefine(t *testing.T) {
	files, options, _ := sample(t)
	s := open(t, "/store", options)
	changed := tables()
	changed[0].Fields, changed[0].Index["new"] = 5, 7
	delete(changed[0].Index, "narrow")
	require.NoError(t, s.Define(changed[:1], map[string][]byte{"definition": []byte("two"), "empty": {}}))
	value, found, err := s.Metadata("definition")
	require.NoError(t, err)
	assert.Equal(t, "two", string(value))
	assert.True(t, found)
	value, found, err = s.Metadata("empty")
	require.NoError(t, err)
	assert.Empty(t, value)
	assert.True(t, found)
	_, found, err = s.Metadata("nothing")
	require.NoError(t, err)
	assert.False(t, found)
	stored, err := s.Tables()
	require.NoError(t, err)
	assert.Equal(t, changed[:1], stored)
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		assert.Equal(t, rowsOfSample, snapshot.Rows())
		assert.Empty(t, snapshot.Blocks("new"), "a new index is empty")
		assert.Len(t, inBlocks(t, snapshot, "wide"), rowsOfSample)
		row, _ := snapshot.Find("row 3")
		assert.Len(t, row.Values, 5)
		return nil
	}))
	vector := []float32{1, 2, 3, 4, 5, 6, 7}
	_, err = s.Commit("Image", []store.Change{{ID: "row 3", Values: make([]schema.Value, 5), Vectors: map[string][]float32{"new": vector}, KeepChunks: true}})
	require.NoError(t, err)
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		number, _ := snapshot.Number("row 3")
		assert.Equal(t, vector, snapshot.Vector("new", number))
		assert.Len(t, inBlocks(t, snapshot, "wide"), rowsOfSample, "other indices keep theirs")
		return nil
	}))
	for _, wrong := range []func(*store.Table){
		func(t *store.Table) { t.Fields = 4 }, func(t *store.Table) { t.Index["wide"] = 41 },
	} {
		table := store.Table{Schema: "Image", Fields: 5, Index: map[string]int{"wide": 40, "new": 7}}
		wrong(&table)
		assert.Equal(t, errs.InvalidState, errs.StatusOf(s.Define([]store.Table{table}, nil)))
	}
	require.NoError(t, s.Close())
	assert.Empty(t, verified(t, options).Damage)
	names, err := files.List("/store/segments")
	require.NoError(t, err)
	assert.Len(t, names, 3, "the index that was left out is gone: %s", strings.Join(names, ", "))
}
