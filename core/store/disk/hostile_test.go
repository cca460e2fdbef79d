package disk_test

import (
	"bytes"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// TestHostileCatalogues: catalogues that SQLite finds well-formed, but that say what cannot be, are refused before anything is made of it.
func TestHostileCatalogues(t *testing.T) {
	for name, sql := range map[string]string{
		"another application":      "PRAGMA application_id=7",
		"another format":           "PRAGMA user_version=2",
		"no tables":                "DROP TABLE tables",
		"a huge number of fields":  "UPDATE tables SET fields=1<<60",
		"a negative one":           "UPDATE tables SET fields=-1",
		"more rows than there are": "UPDATE tables SET rows=rows+1",
		"a huge span":              "UPDATE spans SET capacity=1<<60",
		"a span that is far away":  "UPDATE spans SET first=(1<<62)",
		"a span at an odd place":   "UPDATE spans SET first=first+1",
		"more used than there is":  "UPDATE spans SET used=capacity+1",
		"spans on each other":      "INSERT INTO spans(table_id, first, capacity, used, synced) SELECT table_id, first, capacity, used, synced FROM spans",
		"a span of no table":       "UPDATE spans SET table_id=99",
		"a huge dimension":         "UPDATE indices SET dimension=1<<40",
		"a negative dimension":     "UPDATE indices SET dimension=-5",
		"another dimension":        "UPDATE indices SET dimension=dimension+1",
		"an index of no table":     "UPDATE indices SET table_id=99",
		"segments of one another":  "UPDATE segments SET id=id+10",
		"a segment of no span":     "UPDATE segments SET span_id=99",
		"more rows in a segment":   "UPDATE segments SET used=1<<50",
		"fewer rows in a segment":  "UPDATE segments SET used=1",
		"bits far away":            "UPDATE bits SET page=1<<40",
		"bits of no table":         "UPDATE bits SET table_id=99",
		"bits of no index":         "UPDATE bits SET index_id=99 WHERE index_id=1",
		"bits cut":                 "UPDATE bits SET bits=x'00'",
		"bits of rows beyond":      "UPDATE bits SET bits=randomblob(1024)",
		"no name of the store":     "UPDATE store SET uuid=x''",
		"records that are none":    "UPDATE rows_1 SET record=x'0101ff'",
		"numbers that are none":    "UPDATE rows_1 SET number=number-100000",
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			s := open(t, path, disk.Options{})
			change := store.Change{ID: "a", Values: []schema.Value{schema.TextValue("x"), {}, {}, {}}, Vectors: map[string][]float32{"narrow": {1, 2, 3}, "wide": make([]float32, 40)}}
			_, err := s.Commit("Image", []store.Change{change, {ID: "b", Values: change.Values, Vectors: change.Vectors}})
			require.NoError(t, err)
			require.NoError(t, s.Close())
			catalogue, err := sqlite3.Open("file:" + filepath.Join(path, "catalogue.sqlite"))
			require.NoError(t, err)
			require.NoError(t, catalogue.Exec(sql))
			require.NoError(t, catalogue.Close())

			s, err = disk.Open(path, disk.Options{History: textCodec{}, ReadOnly: true})
			if err == nil {
				err = s.Read("Image", func(snapshot store.Snapshot) error {
					for id := range snapshot.IDs() {
						snapshot.Find(id)
						if number, ok := snapshot.Number(id); ok {
							snapshot.Values(number)
						}
					}
					snapshot.Blocks("wide")
					snapshot.Blocks("narrow")
					snapshot.Column(0, schema.String)
					return nil
				})
				require.NoError(t, s.Close())
			}
			require.Error(t, err)
			var named *errs.Error
			require.ErrorAs(t, err, &named)
			assert.NotContains(t, err.Error(), "nil pointer")
			// To look at it and to mend it are no worse.
			report, err := disk.Verify(t.Context(), path, disk.Options{})
			assert.True(t, err != nil || len(report.Damage) > 0)
			_, _ = disk.Repair(t.Context(), path, disk.Options{})
		})
	}
}

// TestLargePictures: many times what a batch of them takes is stored, and read one by one.
func TestLargePictures(t *testing.T) {
	s := open(t, t.TempDir(), disk.Options{})
	picture := bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, id := range ids {
		change := store.Change{ID: id, Values: make([]schema.Value, 4)}
		change.Values[0], change.Values[1] = schema.TextValue(id), schema.BlobValue(append([]byte(id), picture...))
		_, err := s.Commit("Image", []store.Change{change})
		require.NoError(t, err)
	}
	outcome, err := s.Commit("Image", []store.Change{{ID: "a", Values: []schema.Value{schema.TextValue("again"), {}, {}, {}}}})
	require.NoError(t, err)
	assert.Len(t, outcome.Before[0][1].Blob, 1, "a byte stands for the picture")
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		assert.NotNil(t, snapshot.Column(0, schema.String))
		for _, id := range ids {
			row, found := snapshot.Find(id)
			require.True(t, found)
			require.True(t, bytes.Equal(append([]byte(id), picture...), row.Values[1].Blob))
		}
		return nil
	}))
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(40<<20), "the store keeps none of them in memory")
	_, err = s.Commit("Image", []store.Change{{ID: "huge", Values: []schema.Value{{}, schema.BlobValue(make([]byte, 256<<20+1)), {}, {}}}})
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
	require.NoError(t, s.Close())
}
