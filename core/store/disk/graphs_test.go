package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
	"github.com/innerspace/innerspace/core/vector"
)

// describeGraph stands for a graph: for each row that has a vector in an index its span, its number and a checksum of the vector.
func describeGraph(snapshot store.Snapshot, index string) []byte {
	var made bytes.Buffer
	_, spans := store.SpansOf(snapshot)
	for _, span := range spans {
		for row, sum := range sums(snapshot, index) {
			if row >= span.First && row < span.First+span.Rows {
				fmt.Fprintln(&made, span.ID, row, sum)
			}
		}
	}
	return made.Bytes()
}

// sums are checksums of the vectors of an index by row.
func sums(snapshot store.Snapshot, index string) map[int]uint32 {
	found := map[int]uint32{}
	for _, block := range snapshot.Blocks(index) {
		dimension := len(block.Vectors) / block.Rows
		for i := range block.Rows {
			if block.Live == nil || vector.Bitmap(block.Live).Has(i) {
				found[block.First+i] = crc32.ChecksumIEEE(fmt.Append(nil, block.Vectors[i*dimension:(i+1)*dimension]))
			}
		}
	}
	return found
}

// checkGraph says where a number of a span does not stand for the vector that it once stood for: a graph would be wrong there.
func checkGraph(snapshot store.Snapshot, index string, described []byte) error {
	_, spans := store.SpansOf(snapshot)
	now := sums(snapshot, index)
	for line := range bytes.Lines(described) {
		var span int64
		var row int
		var sum uint32
		if _, err := fmt.Sscan(string(line), &span, &row, &sum); err != nil {
			return fmt.Errorf("%q is no line of a graph: %w", line, err)
		}
		there := slices.ContainsFunc(spans, func(s store.Span) bool { return s.ID == span && row >= s.First && row < s.First+s.Rows })
		if is, has := now[row]; there && has && is != sum {
			return fmt.Errorf("row %d of span %d has another vector than once", row, span)
		}
	}
	return nil
}

// keepGraph keeps a graph of what there is, and returns it.
func keepGraph(s *disk.Store, table, index string) (described []byte, err error) {
	err = s.Read(table, func(snapshot store.Snapshot) error {
		described = describeGraph(snapshot, index)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return described, s.KeepGraph(table, index, func(w io.Writer) error {
		_, err := w.Write(described)
		return err
	})
}

func readGraph(s *disk.Store, table, index string) (described []byte, name uint64, err error) {
	name, err = s.ReadGraph(table, index, 0, func(content io.Reader, size int64) error {
		described, err = io.ReadAll(content)
		if err == nil && int64(len(described)) != size {
			err = errors.New("another size")
		}
		return err
	})
	return described, name, err
}

// checkedGraph reads the graph of an index, if any, and compares it with the rows.
func checkedGraph(t testing.TB, s *disk.Store, table, index string) string {
	t.Helper()
	described, _, err := readGraph(s, table, index)
	require.NoError(t, err)
	require.NoError(t, s.Read(table, func(snapshot store.Snapshot) error { return checkGraph(snapshot, index, described) }))
	return string(described)
}

func graphFiles(t testing.TB, files *filesystemtest.Disk) []string {
	names, err := files.List("/store/graphs")
	require.NoError(t, err)
	return names
}

func TestGraphsAreKept(t *testing.T) {
	files, options, _ := sample(t)
	s := open(t, "/store", options)
	nothing, name, err := readGraph(s, "Image", "wide")
	require.NoError(t, err)
	assert.Empty(t, nothing)
	assert.Zero(t, name)
	first, err := keepGraph(s, "Image", "wide")
	require.NoError(t, err)
	assert.Equal(t, rowsOfSample, bytes.Count(first, []byte("\n")))
	assert.Equal(t, string(first), checkedGraph(t, s, "Image", "wide"))
	_, err = keepGraph(s, "Image", "narrow")
	require.NoError(t, err)
	_, _, err = s.Delete("Image", []string{"row 3"})
	require.NoError(t, err)
	second, err := keepGraph(s, "Image", "wide")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	assert.Len(t, graphFiles(t, files), 2, "the earlier one is gone")

	reader := open(t, "/store", disk.Options{FileSystem: files, ReadOnly: true})
	assert.Equal(t, string(second), checkedGraph(t, reader, "Image", "wide"))
	_, name, err = readGraph(reader, "Image", "wide")
	require.NoError(t, err)
	again, err := reader.ReadGraph("Image", "wide", name, func(io.Reader, int64) error { return errors.New("it is known") })
	require.NoError(t, err)
	assert.Equal(t, name, again)
	_, err = keepGraph(reader, "Image", "wide")
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.True(t, reader.ReadOnly())
	require.NoError(t, reader.Close())

	failed := errors.New("no graph after all")
	assert.ErrorIs(t, s.KeepGraph("Image", "wide", func(io.Writer) error { return failed }), failed)
	assert.ErrorContains(t, s.KeepGraph("Image", "none", func(io.Writer) error { return nil }), `has no index "none" of "Image" any more`)
	_, _, err = readGraph(s, "Image", "none")
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.Len(t, graphFiles(t, files), 2, "what failed leaves nothing")
	require.NoError(t, s.Close())
	_, err = keepGraph(s, "Image", "wide")
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))

	s = open(t, "/store", options)
	assert.Equal(t, string(second), checkedGraph(t, s, "Image", "wide"))
	assert.Empty(t, verified(t, options).Damage)
	without := tables()
	delete(without[0].Index, "wide")
	require.NoError(t, s.Define(without, nil))
	assert.Len(t, graphFiles(t, files), 1, "it goes with its index")
	require.NoError(t, s.Close())
}

// TestNumbersOfSpans: a number of a span has one vector for good, through compactions and writers that give numbers out again.
func TestNumbersOfSpans(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	files := filesystemtest.NewDisk(t.TempDir())
	t.Cleanup(files.Close)
	options := disk.Options{FileSystem: files, History: textCodec{}}
	s := open(t, "/store", options)
	memory := store.NewMemory(tables())
	var earlier [][]byte
	once := map[int]uint32{} // the first vector of a number
	again, generation := 0, int64(-1)
	for step := range 60 {
		operate(t, rng, 60, memory, s)
		if step%4 == 3 {
			_, err := s.Compact(t.Context())
			require.NoError(t, err)
			require.NoError(t, s.Close())
			s = open(t, "/store", options)
		}
		require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
			now, _ := store.SpansOf(snapshot)
			assert.GreaterOrEqual(t, now, generation)
			generation = now
			for row, sum := range sums(snapshot, "wide") {
				if first, has := once[row]; has && first != sum {
					again++
				}
				once[row] = sum
			}
			for _, described := range earlier {
				require.NoError(t, checkGraph(snapshot, "wide", described))
			}
			earlier = append(earlier, describeGraph(snapshot, "wide"))
			return nil
		}))
	}
	require.Positive(t, again, "no number was given out again: the test shows nothing")
	require.NoError(t, s.Close())
}

// TestGraphDamage: each is an error, verify finds it, a repair takes the graph out, and rows are read as before.
func TestGraphDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for name, damage := range map[string]func(t *testing.T, files *filesystemtest.Disk, path string){
		"a bit": func(_ *testing.T, files *filesystemtest.Disk, path string) {
			content := files.Content(path)
			content[rng.IntN(len(content))] ^= 1 << rng.IntN(8)
		},
		"nothing is there": func(t *testing.T, files *filesystemtest.Disk, path string) {
			require.NoError(t, files.Remove(path))
		},
		"cut": func(t *testing.T, files *filesystemtest.Disk, path string) {
			file, err := files.Open(path)
			require.NoError(t, err)
			require.NoError(t, file.Truncate(rng.Int64N(int64(len(files.Content(path))))))
		},
		"longer": func(t *testing.T, files *filesystemtest.Disk, path string) {
			file, err := files.Open(path)
			require.NoError(t, err)
			require.NoError(t, file.Truncate(int64(len(files.Content(path))+1)))
		},
		"that of another store": func(t *testing.T, files *filesystemtest.Disk, path string) {
			other, options, _ := sample(t)
			s := open(t, "/store", options)
			_, err := keepGraph(s, "Image", "wide")
			require.NoError(t, err)
			require.NoError(t, s.Close())
			copy(files.Content(path), other.Content("/store/graphs/"+graphFiles(t, other)[0]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				files, options, rows := sample(t)
				s := open(t, "/store", options)
				_, err := keepGraph(s, "Image", "wide")
				require.NoError(t, err)
				require.NoError(t, s.Close())
				damage(t, files, "/store/graphs/"+graphFiles(t, files)[0])

				s = open(t, "/store", options)
				_, graph, err := readGraph(s, "Image", "wide")
				assert.Contains(t, []errs.Status{errs.InvalidInput, errs.NotFound}, errs.StatusOf(err), "%v", err)
				assert.NotZero(t, graph)
				require.NoError(t, s.Close())
				report := verified(t, options)
				require.Len(t, report.Damage, 1)
				assert.Equal(t, []string{"graph", "wide"}, []string{report.Damage[0].Kind, report.Damage[0].Index})
				report, err = disk.Repair(t.Context(), "/store", options)
				require.NoError(t, err)
				assert.Empty(t, report.Dropped["Image"])
				assert.Empty(t, verified(t, options).Damage)
				assert.Empty(t, graphFiles(t, files))
				after, err := readAll(t, options)
				require.NoError(t, err)
				assert.Equal(t, rows, after)
			}
		})
	}
}

// TestAGraphThatIsReplacedWhileItIsLookedFor is that of the commit before, or the one after.
func TestAGraphThatIsReplacedWhileItIsLookedFor(t *testing.T) {
	files, options, _ := sample(t)
	s := open(t, "/store", options)
	_, err := keepGraph(s, "Image", "wide")
	require.NoError(t, err)
	_, _, err = s.Delete("Image", []string{"row 3"})
	require.NoError(t, err)
	var second []byte
	files.Before = func(operation filesystemtest.Operation, path string) error {
		if operation == filesystemtest.Map && second == nil {
			second = []byte{}
			second, err = keepGraph(s, "Image", "wide")
			require.NoError(t, err)
		}
		return nil
	}
	found, _, err := readGraph(s, "Image", "wide")
	require.NoError(t, err)
	assert.Equal(t, string(second), string(found))
	files.Before = nil
	path := "/store/graphs/" + graphFiles(t, files)[0]
	require.NoError(t, files.Remove(path))
	_, _, err = readGraph(s, "Image", "wide")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, s.Close())
}

// TestGraphsWhereTheSystemFails: at operations in turn. What is kept is the earlier graph or the new one, and nothing else is left for good.
func TestGraphsWhereTheSystemFails(t *testing.T) {
	full := errors.New("no space left on device")
	failures := 0
	for at := range 40 {
		files, options, rows := sample(t)
		s := open(t, "/store", options)
		first, err := keepGraph(s, "Image", "wide")
		require.NoError(t, err)
		_, _, err = s.Delete("Image", []string{"row 3"})
		require.NoError(t, err)
		delete(rows, "row 3")
		operations := 0
		files.Before = func(filesystemtest.Operation, string) error {
			if operations++; operations > at && operations < at+3 {
				return full
			}
			return nil
		}
		second, err := keepGraph(s, "Image", "wide")
		files.Before = nil
		if err != nil {
			failures++
			var named *errs.Error
			require.ErrorAs(t, err, &named)
		}
		require.NoError(t, s.Close())
		s = open(t, "/store", options)
		found := checkedGraph(t, s, "Image", "wide")
		if err == nil {
			assert.Equal(t, string(second), found)
		} else {
			assert.Contains(t, []string{string(first), string(second)}, found)
		}
		assert.Len(t, graphFiles(t, files), 1, "operation %d", at)
		require.NoError(t, s.Close())
		after, err := readAll(t, options)
		require.NoError(t, err)
		assert.Equal(t, rows, after)
	}
	require.Greater(t, failures, 5)
}

// TestGraphsOfARepairedCatalogue: whatever page is damaged, what is there after a repair is a graph of the vectors that there are, or none.
func TestGraphsOfARepairedCatalogue(t *testing.T) {
	const page = 4096
	sampled, options, _ := sample(t)
	options.Lost = func(map[string][]string, map[string][]byte) (map[string][]byte, error) { return nil, nil }
	s := open(t, "/store", options)
	for range 3 { // numbers of spans are given out again
		_, _, err := s.Delete("Image", []string{"row 3", "row 100"})
		require.NoError(t, err)
		_, err = s.Compact(t.Context())
		require.NoError(t, err)
		_, err = keepGraph(s, "Image", "wide")
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	repairs := 0
	for at := 0; at < len(sampled.Content("/store/catalogue.sqlite")); at += page {
		files := copied(t, sampled)
		options := options
		options.FileSystem = files
		files.Content("/store/catalogue.sqlite")[at+300] ^= 1
		report, err := disk.Repair(t.Context(), "/store", options)
		if err != nil || len(report.Damage) == 0 {
			continue
		}
		repairs++
		s := open(t, "/store", options)
		checkedGraph(t, s, "Image", "wide")
		_, err = keepGraph(s, "Image", "wide")
		require.NoError(t, err)
		require.NotEmpty(t, checkedGraph(t, s, "Image", "wide"))
		assert.Len(t, graphFiles(t, files), 1)
		require.NoError(t, s.Close())
	}
	require.Greater(t, repairs, 5)
}
