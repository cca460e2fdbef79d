package segment_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
	"github.com/innerspace/innerspace/core/store/disk/segment"
	"github.com/innerspace/innerspace/core/vector"
)

func identity(dimension int) segment.Identity {
	return segment.Identity{Store: [16]byte{1, 2, 3}, Number: 7, Dimension: dimension, Capacity: 256}
}

func rows(rng *rand.Rand, count, dimension int) [][]float32 {
	list := make([][]float32, count)
	for i := range list {
		if rng.IntN(6) == 0 {
			continue
		}
		list[i] = make([]float32, dimension)
		for j := range list[i] {
			list[i][j] = float32(rng.NormFloat64())
		}
	}
	return list
}

func setOf(list [][]float32) vector.Bitmap {
	set := vector.NewBitmap(len(list))
	for i, values := range list {
		if values != nil {
			set.Add(i)
		}
	}
	return set
}

// write adds rows in pieces of all sizes, with a new writer for each.
func write(t testing.TB, files filesystem.FileSystem, path string, id segment.Identity, rng *rand.Rand, list [][]float32) {
	require.NoError(t, segment.Create(files, path, id, true))
	for next := 0; next < len(list); {
		some := min(len(list)-next, 1+rng.IntN(90))
		earlier, err := segment.Open(files, path, id)
		require.NoError(t, err)
		writer, err := segment.NewWriter(files, path, id, next, earlier, setOf(list[:next]))
		require.NoError(t, err)
		require.NoError(t, writer.Add(list[next:next+some]))
		require.NoError(t, writer.Sync())
		require.NoError(t, writer.Close())
		require.NoError(t, earlier.Close())
		next += some
	}
}

// TestRowsAndCodes: what is read is what was written, and the codes are those that vector.Encode makes of it.
func TestRowsAndCodes(t *testing.T) {
	for _, dimension := range []int{1, 3, 32, 100} {
		rng := rand.New(rand.NewPCG(1, uint64(dimension)))
		files := filesystem.OS{}
		id, path := identity(dimension), t.TempDir()+"/a.seg"
		list := rows(rng, 250, dimension)
		write(t, files, path, id, rng, list)
		s, err := segment.Open(files, path, id)
		require.NoError(t, err)
		damaged, badCodes, err := s.Check(setOf(list), 250)
		require.NoError(t, err)
		assert.Empty(t, damaged)
		assert.Empty(t, badCodes)
		assert.True(t, s.Known(setOf(list), 250))
		flat := make([]float32, 192*dimension)
		for i, values := range list {
			if values != nil {
				assert.Equal(t, values, s.Vectors(i, 1))
			}
			if i < 192 {
				copy(flat[i*dimension:], values)
			}
		}
		codes := s.Codes(0, 192)
		if !vector.CodesPay(dimension) {
			assert.True(t, codes.Empty())
			continue
		}
		want, err := vector.Encode(flat, dimension)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want.Uppers, codes.Uppers))
		assert.True(t, bytes.Equal(want.Lowers, codes.Lowers))
		assert.Equal(t, want.Longest, codes.Longest)
		require.NoError(t, s.Close())
	}
}

// TestAFileThatIsCutLater: memory that is no longer there is an error, and no end of the process.
func TestAFileThatIsCutLater(t *testing.T) {
	id, path := identity(40), t.TempDir()+"/a.seg"
	list := rows(rand.New(rand.NewPCG(2, 2)), 250, 40)
	write(t, filesystem.OS{}, path, id, rand.New(rand.NewPCG(2, 2)), list)
	s, err := segment.Open(filesystem.OS{}, path, id)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, 4096))
	_, _, err = s.Check(setOf(list), 250)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "cannot be read")
	_ = errs.Contain("scoring", func() error { // fails, or is of zeros
		_, err := fmt.Fprint(io.Discard, s.Vectors(200, 1)[0])
		return err
	})
	assert.ErrorContains(t, s.Intact(), "was cut")
	require.NoError(t, s.Close())
}

func TestRefusesOtherFiles(t *testing.T) {
	files := filesystemtest.NewDisk(t.TempDir())
	defer files.Close()
	id := identity(40)
	require.NoError(t, segment.Create(files, "/a.seg", id, true))
	for name, other := range map[string]segment.Identity{
		"another store":     {Number: 7, Dimension: 40, Capacity: 256},
		"another number":    {Store: id.Store, Number: 8, Dimension: 40, Capacity: 256},
		"another dimension": {Store: id.Store, Number: 7, Dimension: 39, Capacity: 256},
		"another capacity":  {Store: id.Store, Number: 7, Dimension: 40, Capacity: 192},
		"no capacity":       {Store: id.Store, Number: 7, Dimension: 40, Capacity: 100},
		"no dimension":      {Store: id.Store, Number: 7, Dimension: -1, Capacity: 256},
		"a huge one":        {Store: id.Store, Number: 7, Dimension: 1 << 40, Capacity: 256},
	} {
		_, err := segment.Open(files, "/a.seg", other)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), name)
	}
	_, err := segment.Open(files, "/b.seg", id)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// FuzzOpen: any bytes in the place of a segment are refused, or their damaged rows are found: a row that passes is one that was written.
func FuzzOpen(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 3))
	id := identity(33)
	list := rows(rng, 130, 33)
	files := filesystemtest.NewDisk(f.TempDir())
	write(f, files, "/a.seg", id, rng, list)
	whole := bytes.Clone(files.Content("/a.seg"))
	f.Add(uint32(0), []byte{})
	f.Add(uint32(8), []byte{2})
	f.Add(uint32(4096), []byte{1, 2, 3, 4})
	f.Add(uint32(len(whole)-10), bytes.Repeat([]byte{255}, 10))
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		content := bytes.Clone(whole)
		place := int(at) % (len(content) + 1)
		if len(change) == 0 {
			content = content[:place]
		}
		copy(content[place:], change)
		s, err := segment.Open(mapped{content: content}, "/a.seg", id)
		if err != nil {
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			return
		}
		damaged, _, err := s.Check(setOf(list), 130)
		require.NoError(t, err)
		for _, row := range damaged {
			list := list[row]
			require.NotNil(t, list)
		}
		bad := setOf(make([][]float32, len(list)))
		for _, row := range damaged {
			bad.Add(row)
		}
		for i, values := range list {
			if values != nil && !bad.Has(i) && !slices.Equal(values, s.Vectors(i, 1)) {
				t.Fatalf("row %d is another", i)
			}
		}
	})
}

// mapped is a file system of one file, which can only be mapped.
type mapped struct {
	filesystem.FileSystem
	content []byte
}

func (m mapped) Map(string) (filesystem.Mapping, error) { return m, nil }
func (m mapped) Bytes() []byte                          { return m.content }
func (m mapped) Close() error                           { return nil }

// TestCodesOfAnotherFormat: a segment of an earlier version, whose codes have another length, is read and added to without them.
func TestCodesOfAnotherFormat(t *testing.T) {
	id, path := identity(64), t.TempDir()+"/a.seg"
	rng := rand.New(rand.NewPCG(8, 8))
	list := rows(rng, 200, 64)
	write(t, filesystem.OS{}, path, id, rng, list)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	binary.LittleEndian.PutUint32(content[12:], vector.FormatOfCodes-1)
	binary.LittleEndian.PutUint32(content[48:], crc32.Checksum(content[:48], crc32.MakeTable(crc32.Castagnoli)))
	behindSums := 4096*(1+256*64*4/4096+1) + 5000
	require.NoError(t, os.WriteFile(path, content[:behindSums], 0o600))

	s, err := segment.Open(filesystem.OS{}, path, id)
	require.NoError(t, err)
	damaged, badCodes, err := s.Check(setOf(list), 192)
	require.NoError(t, err)
	assert.Empty(t, damaged)
	assert.Empty(t, badCodes)
	assert.True(t, s.Outdated())
	assert.True(t, s.Codes(0, 192).Empty())
	writer, err := segment.NewWriter(filesystem.OS{}, path, id, 200, s, setOf(list))
	require.NoError(t, err)
	more := rows(rng, 56, 64)
	require.NoError(t, writer.Add(more))
	require.NoError(t, writer.Close())
	require.NoError(t, s.Close())

	s, err = segment.Open(filesystem.OS{}, path, id)
	require.NoError(t, err)
	damaged, _, err = s.Check(setOf(slices.Concat(list, more)), 256)
	require.NoError(t, err)
	assert.Empty(t, damaged)
	assert.True(t, s.Codes(192, 64).Empty())
	require.NoError(t, s.Close())
	after, err := os.Stat(path)
	require.NoError(t, err)
	assert.EqualValues(t, behindSums, after.Size(), "there is no place for codes of this version")
}
