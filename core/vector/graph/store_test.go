package graph_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

func stored(t testing.TB, g *graph.Graph) []byte {
	var out bytes.Buffer
	n, err := g.WriteTo(&out)
	require.NoError(t, err)
	require.EqualValues(t, out.Len(), n)
	return out.Bytes()
}

func TestWhatWasWrittenIsReadAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows, dimension = 2500, 40
	values := rowsOf(rng, rows, dimension)
	for i := range rows {
		scale(values[i*dimension:(i+1)*dimension], 0.5+rng.Float32())
	}
	g := build(t, values[:2200*dimension], dimension, graph.Options{Workers: 1, Neighbours: 10, BuildWidth: 50, Seed: 9})
	g.Delete(numbers(100, 150))
	data := stored(t, g)
	again, err := graph.Read(data, rows, 1)
	require.NoError(t, err)
	defer again.Close()
	assert.Equal(t, data, stored(t, again))
	assert.Equal(t, g.Len(), again.Len())
	blocks := blocksOf(values, dimension)
	same := func() {
		for _, query := range near(rng, values, dimension, 30) {
			search := tenBest()
			search.Query = query
			want, err := g.Search(search, 40, blocks)
			require.NoError(t, err)
			hits, err := again.Search(search, 40, blocks)
			require.NoError(t, err)
			require.Equal(t, want, hits)
		}
	}
	same()
	for _, one := range []*graph.Graph{g, again} {
		require.NoError(t, one.Add(numbers(2200, rows), reader(values, dimension)))
		require.NoError(t, one.Repair())
	}
	assert.Equal(t, stored(t, g), stored(t, again), "both grow alike")
	same()
}

func TestEmptyGraphsAreStoredToo(t *testing.T) {
	g, err := graph.New(5, graph.Options{Workers: 1})
	require.NoError(t, err)
	defer g.Close()
	values := rowsOf(rand.New(rand.NewPCG(1, 2)), 50, 5)
	for range 3 {
		again, err := graph.Read(stored(t, g), 50, 1)
		require.NoError(t, err)
		require.NoError(t, again.Add(numbers(0, 50), reader(values, 5)))
		assert.Equal(t, 50, again.Len())
		again.Close()
		require.NoError(t, g.Add(numbers(0, 50), reader(values, 5)))
		g.Delete(numbers(0, 50))
		require.NoError(t, g.Repair())
	}
}

func TestDamageIsNoticed(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	data := stored(t, build(t, rowsOf(rng, 300, 8), 8, graph.Options{Workers: 1, Neighbours: 4}))
	for range 500 {
		flipped := bytes.Clone(data)
		flipped[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
		_, err := graph.Read(flipped, 300, 1)
		require.Error(t, err)
		_, err = graph.Read(data[:rng.IntN(len(data))], 300, 1)
		require.Error(t, err)
	}
	_, err := graph.Read(append(bytes.Clone(data), 0), 300, 1)
	assert.Error(t, err)
	_, err = graph.Read(data, 299, 1)
	assert.ErrorContains(t, err, "a node is not what it should be", "a row past the end")
	newer := bytes.Clone(data)
	newer[8]++
	_, err = graph.Read(newer, 300, 1)
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
	assert.EqualError(t, err, "the stored approximate index has the format 2, this library reads 1. Build it anew from the rows")
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(data []byte) (int, error) {
	if d.left -= len(data); d.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(data), nil
}

func TestAFullDiskIsAnError(t *testing.T) {
	g := build(t, rowsOf(rand.New(rand.NewPCG(5, 6)), 100, 8), 8, graph.Options{})
	size := len(stored(t, g))
	for _, left := range []int{0, 70, size / 2, size - 1} {
		_, err := g.WriteTo(&fullDisk{left})
		assert.Error(t, err)
	}
}

// FuzzRead puts a right checksum under whatever comes, so that what lies behind it is tried: what is taken can be searched, added
// to, repaired and written.
func FuzzRead(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	values := rowsOf(rng, 60, 8)
	for i := range 60 {
		scale(values[i*8:(i+1)*8], 0.5+rng.Float32())
	}
	for _, neighbours := range []int{2, 3, 8} {
		g := build(f, values, 8, graph.Options{Workers: 1, Neighbours: neighbours})
		g.Delete([]int{3, 4, 5})
		data := stored(f, g)
		f.Add(data[:len(data)-4])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
		g, err := graph.Read(data, 64, 2)
		if err != nil {
			require.NotEqual(t, errs.Internal, errs.StatusOf(err))
			return
		}
		defer g.Close()
		// The walk itself, which few rows would leave to the scan.
		dimension := int(binary.LittleEndian.Uint32(data[12:]))
		zero := make([]float32, dimension)
		read := from(func(int) []float32 { return zero })
		for range 2 {
			g.WalkAll(zero, 30)
			require.NoError(t, g.Add([]int{1, 2, 3, 60, 61, 62}, read))
			g.Delete([]int{7, 8, 9, 10})
			require.NoError(t, g.Repair())
		}
		_, err = g.WriteTo(&bytes.Buffer{})
		require.NoError(t, err)
		search := vector.Search{Query: zero, Limit: 3, Floor: math.Inf(-1), ID: func(int) string { return "" }, Workers: 1}
		_, err = g.Search(search, 5, nil)
		require.NoError(t, err)
	})
}
