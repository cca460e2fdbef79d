package disk_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
)

const rowsOfSample = 200

// sample is a closed store of some rows on a disk of its own, and what is in it.
func sample(t testing.TB) (*filesystemtest.Disk, disk.Options, map[string]string) {
	t.Helper()
	files := filesystemtest.NewDisk(t.TempDir())
	t.Cleanup(files.Close)
	options := disk.Options{FileSystem: files, History: textCodec{}}
	s := open(t, "/store", options)
	rng := rand.New(rand.NewPCG(6, 6))
	var changes []store.Change
	for i := range rowsOfSample {
		change := store.Change{ID: fmt.Sprint("row ", i), Values: make([]schema.Value, 4), Vectors: map[string][]float32{}, History: text("x")}
		for field := range change.Values {
			change.Values[field] = randomValue(rng, field)
		}
		change.Vectors["wide"], change.Vectors["narrow"] = randomVector(rng, 40), randomVector(rng, 3)
		changes = append(changes, change)
	}
	_, err := s.Commit("Image", changes)
	require.NoError(t, err)
	rows := show(t, s, "Image", "wide", "narrow")
	require.NoError(t, s.Close())
	return files, options, rows
}

// segmentsOf are the files of a store's segments: of the larger vectors first.
func segmentsOf(t testing.TB, files *filesystemtest.Disk) []string {
	names, err := files.List("/store/segments")
	require.NoError(t, err)
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join("/store/segments", name)
	}
	slices.SortFunc(paths, func(a, b string) int { return len(files.Content(b)) - len(files.Content(a)) })
	return paths
}

func verified(t testing.TB, options disk.Options) disk.Report {
	t.Helper()
	report, err := disk.Verify(t.Context(), "/store", options)
	require.NoError(t, err)
	return report
}

func TestAWholeStoreIsVerified(t *testing.T) {
	_, options, rows := sample(t)
	report := verified(t, options)
	assert.Empty(t, report.Damage)
	assert.Equal(t, []int{2, len(rows), 2}, []int{report.Tables, report.Rows, report.Segments})
	report, err := disk.Repair(t.Context(), "/store", options)
	require.NoError(t, err)
	assert.Empty(t, report.Dropped)
}

// TestDamage: each is found, no read gives anything wrong, and a repair leaves all rows that are whole.
func TestDamage(t *testing.T) {
	const page = 4096
	flip := func(content []byte, at int) { content[at] ^= 0x10 }
	for name, c := range map[string]struct {
		damage  func(t *testing.T, files *filesystemtest.Disk, wide string)
		kind    string
		dropped int
		reads   bool // the store can be read in spite of it
	}{
		"a bit of a vector": {func(_ *testing.T, files *filesystemtest.Disk, wide string) {
			flip(files.Content(wide), page+7*40*4)
		}, "vectors", 1, false},
		"the checksum of a vector": {func(_ *testing.T, files *filesystemtest.Disk, wide string) {
			flip(files.Content(wide), page+1024*40*4+9*4)
		}, "vectors", 1, false},
		"two vectors in the place of one another": {func(_ *testing.T, files *filesystemtest.Disk, wide string) {
			content := files.Content(wide)[page:]
			kept := slices.Clone(content[:160])
			copy(content, content[160:320])
			copy(content[160:320], kept)
		}, "vectors", 2, false},
		"a bit of the codes": {func(_ *testing.T, files *filesystemtest.Disk, wide string) {
			flip(files.Content(wide), page+1024*40*4+page+100)
		}, "codes", 0, true},
		"a bit of the header": {func(_ *testing.T, files *filesystemtest.Disk, wide string) {
			flip(files.Content(wide), 20)
		}, "segment", rowsOfSample, false},
		"a segment of another store": {func(t *testing.T, files *filesystemtest.Disk, wide string) {
			other, _, _ := sample(t)
			copy(files.Content(wide), other.Content(wide))
		}, "segment", rowsOfSample, false},
		"a segment that is gone": {func(t *testing.T, files *filesystemtest.Disk, wide string) {
			require.NoError(t, files.Remove(wide))
		}, "segment", rowsOfSample, false},
		"a segment that is cut": {func(t *testing.T, files *filesystemtest.Disk, wide string) {
			file, err := files.Open(wide)
			require.NoError(t, err)
			require.NoError(t, file.Truncate(page+100))
		}, "segment", rowsOfSample, false},
	} {
		t.Run(name, func(t *testing.T) {
			files, options, rows := sample(t)
			c.damage(t, files, segmentsOf(t, files)[0])
			after, err := readAll(t, options)
			if c.reads {
				require.NoError(t, err)
				require.Equal(t, rows, after)
			} else {
				require.Error(t, err)
				assert.Contains(t, []errs.Status{errs.InvalidInput, errs.NotFound}, errs.StatusOf(err), "%v", err)
			}
			report := verified(t, options)
			require.Len(t, report.Damage, 1)
			assert.Equal(t, c.kind, report.Damage[0].Kind)
			assert.Equal(t, "wide", report.Damage[0].Index)
			assert.Len(t, report.Damage[0].IDs, c.dropped)

			report, err = disk.Repair(t.Context(), "/store", options)
			require.NoError(t, err)
			require.Len(t, report.Dropped["Image"], c.dropped)
			for _, id := range report.Dropped["Image"] {
				delete(rows, id)
			}
			after, err = readAll(t, options)
			require.NoError(t, err)
			assert.Equal(t, rows, after)
			assert.Empty(t, verified(t, options).Damage)
		})
	}
}

// readAll reads a store, where it can be read.
func readAll(t *testing.T, options disk.Options) (map[string]string, error) {
	options.ReadOnly = true
	s, err := disk.Open("/store", options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	var rows map[string]string
	err = s.Read("Image", func(snapshot store.Snapshot) error {
		snapshot.Blocks("wide")
		snapshot.Blocks("narrow")
		for id := range snapshot.IDs() {
			snapshot.Find(id)
		}
		return nil
	})
	if err == nil {
		rows = show(t, s, "Image", "wide", "narrow")
	}
	return rows, err
}

// TestFlippedBits flips bits anywhere in the files: a read gives what was there, or an error.
func TestFlippedBits(t *testing.T) {
	files, options, rows := sample(t)
	rng := rand.New(rand.NewPCG(9, 9))
	paths := append(segmentsOf(t, files), "/store/catalogue.sqlite")
	failed := 0
	for range 150 {
		content := files.Content(paths[rng.IntN(len(paths))])
		if rng.IntN(2) == 0 {
			content = files.Content(paths[len(paths)-1])
		}
		at, bit := rng.IntN(len(content)), byte(1)<<rng.IntN(8)
		content[at] ^= bit
		after, err := readAll(t, options)
		if err != nil {
			failed++
			var named *errs.Error
			require.ErrorAs(t, err, &named)
		} else {
			require.True(t, maps.Equal(rows, after), "byte %d", at)
		}
		content[at] ^= bit
	}
	t.Logf("%d of 150 reads failed", failed)
	require.Greater(t, failed, 20)
	after, err := readAll(t, options)
	require.NoError(t, err)
	require.Equal(t, rows, after)
}
