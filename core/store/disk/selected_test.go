package disk_test

import (
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// TestSelectedValues: pictures that nobody asks for are not read.
func TestSelectedValues(t *testing.T) {
	path := t.TempDir()
	opened, err := disk.Open(path, disk.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, opened.Close()) }()
	require.NoError(t, opened.Define([]store.Table{{Schema: "Photo", Fields: 3}}, nil))
	values := []schema.Value{schema.TextValue("a"), schema.BlobValue([]byte("a picture")), {}}
	_, err = opened.Commit("Photo", []store.Change{{ID: "a", Values: values}})
	require.NoError(t, err)
	read := func(fields ...int) (selected []schema.Value, err error) {
		err = opened.Read("Photo", func(snapshot store.Snapshot) error {
			number, ok := snapshot.Number("a")
			require.True(t, ok)
			selected = store.Selected(snapshot, number, fields)
			return nil
		})
		return selected, err
	}
	for _, fields := range [][]int{{}, {0}, {1}, {2, 1, 0}, {1, 1}} {
		selected, err := read(fields...)
		require.NoError(t, err)
		require.Len(t, selected, len(fields))
		for i, field := range fields {
			assert.Equal(t, values[field], selected[i])
		}
	}
	_, err = read(3)
	assert.Error(t, err)

	catalogue, err := sqlite3.Open("file:" + filepath.Join(path, "catalogue.sqlite"))
	require.NoError(t, err)
	require.NoError(t, catalogue.Exec("DELETE FROM blobs"))
	require.NoError(t, catalogue.Close())
	_, err = read(0, 2)
	assert.NoError(t, err, "the picture is not looked for")
	_, err = read(1)
	assert.Error(t, err, "it is gone")
}
