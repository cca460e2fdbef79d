package disk_test

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// tables are those of the tests: two indices of which one is coded, one without any, and fields of all kinds.
func tables() []store.Table {
	return []store.Table{
		{Schema: "Image", Fields: 4, Index: map[string]int{"wide": 40, "narrow": 3}},
		{Schema: "Text", Fields: 1, Index: map[string]int{}},
	}
}

// text is a History of the tests.
type text string

type textCodec struct{}

func (textCodec) Encode(history any) ([]byte, error) { return json.Marshal(history) }
func (textCodec) Decode(data []byte) (any, error) {
	var kept text
	err := json.Unmarshal(data, &kept)
	return kept, err
}

func open(t testing.TB, path string, options disk.Options) *disk.Store {
	t.Helper()
	options.History = textCodec{}
	s, err := disk.Open(path, options)
	require.NoError(t, err)
	if !options.ReadOnly {
		require.NoError(t, s.Define(tables(), nil))
	}
	return s
}

func randomVector(rng *rand.Rand, dimension int) []float32 {
	vector := make([]float32, dimension)
	for i := range vector {
		vector[i] = float32(rng.IntN(2000)-1000) / 64
	}
	return vector
}

func randomValue(rng *rand.Rand, field int) schema.Value {
	switch {
	case rng.IntN(4) == 0:
		return schema.Value{}
	case field == 0:
		return schema.TextValue(fmt.Sprint("text ", rng.IntN(1000)))
	case field == 1:
		blob := make([]byte, rng.IntN(3)*rng.IntN(5000))
		for i := range blob {
			blob[i] = byte(rng.Uint32())
		}
		return schema.BlobValue(blob)
	case field == 2 && rng.IntN(2) == 0:
		return schema.IntegerValue(rng.Int64() >> rng.IntN(64))
	case field == 2:
		return schema.FloatValue(rng.NormFloat64())
	case rng.IntN(2) == 0:
		return schema.TextListValue([]string{"a", fmt.Sprint(rng.IntN(9)), ""}[:rng.IntN(4)])
	}
	return schema.FloatListValue([]float64{rng.Float64(), -1}[:rng.IntN(3)])
}

func randomChange(rng *rand.Rand, ids int) store.Change {
	change := store.Change{ID: fmt.Sprint("row ", rng.IntN(ids)), Values: make([]schema.Value, 4), Vectors: map[string][]float32{}}
	for field := range change.Values {
		change.Values[field] = randomValue(rng, field)
	}
	for _, name := range []string{"narrow", "wide"} { // in an order, so that a seed gives the same rows
		if rng.IntN(5) > 0 {
			change.Vectors[name] = randomVector(rng, tables()[0].Index[name])
		}
	}
	if rng.IntN(3) == 0 {
		change.History = text(fmt.Sprint("history ", rng.IntN(100)))
	}
	switch rng.IntN(6) {
	case 0:
		change.KeepChunks = true
	case 1, 2:
		for i := range rng.IntN(4) {
			chunk := store.Chunk{ID: fmt.Sprint(change.ID, " chunk ", i), Vectors: map[string][]float32{}}
			if rng.IntN(4) > 0 {
				chunk.Vectors["wide"] = randomVector(rng, 40)
			}
			change.Chunks = append(change.Chunks, chunk)
		}
	}
	return change
}

// show writes all that a store says of its rows; equal stores give equal texts.
func show(t testing.TB, s store.Store, name string, indices ...string) map[string]string {
	t.Helper()
	shown := map[string]string{}
	require.NoError(t, s.Read(name, func(snapshot store.Snapshot) error {
		vectors := map[string]map[int][]float32{}
		for _, index := range indices {
			vectors[index] = inBlocks(t, snapshot, index)
		}
		seen := slices.Sorted(snapshot.IDs())
		require.Len(t, seen, snapshot.Rows())
		require.Equal(t, snapshot.Rows(), snapshot.Live().Count())
		chunks := 0
		for _, id := range seen {
			row, found := snapshot.Find(id)
			require.True(t, found, "row %q", id)
			number, found := snapshot.Number(id)
			require.True(t, found)
			require.True(t, snapshot.Live().Has(number))
			require.Equal(t, id, snapshot.ID(number))
			require.Equal(t, row.Origin, snapshot.Origin(number))
			require.Equal(t, row.Values, snapshot.Values(number))
			require.NotZero(t, row.Version)
			if row.Origin != "" {
				chunks++
			}
			line := fmt.Sprintf("origin %q history %v", row.Origin, row.History)
			for _, v := range row.Values {
				line += fmt.Sprintf(" [%v %q %v:%x %d %q %v]", v.Present, v.Text, v.Blob != nil, crc32.ChecksumIEEE(v.Blob), v.Integer(), v.Texts(), v.Floats())
			}
			for _, index := range indices {
				vector, has := vectors[index][number]
				line += fmt.Sprintf(" %s %v %v", index, has, vector[:min(3, len(vector))])
				if has {
					require.Equal(t, vector, snapshot.Vector(index, number))
				}
				delete(vectors[index], number)
			}
			shown[id] = line
		}
		require.Equal(t, chunks, snapshot.Chunks())
		for _, index := range indices {
			require.Empty(t, vectors[index], "vectors of rows that are not there")
		}
		return nil
	}))
	return shown
}

// inBlocks reads the vectors of an index by row number.
func inBlocks(t testing.TB, snapshot store.Snapshot, index string) map[int][]float32 {
	found := map[int][]float32{}
	for _, block := range snapshot.Blocks(index) {
		dimension := len(block.Vectors) / max(block.Rows, 1)
		for i := range block.Rows {
			if block.Live == nil || block.Live[i/64]&(1<<(i%64)) != 0 {
				_, twice := found[block.First+i]
				require.False(t, twice, "row %d is in two blocks", block.First+i)
				found[block.First+i] = slices.Clone(block.Vectors[i*dimension : (i+1)*dimension])
			}
		}
	}
	return found
}

// TestAgainstMemory runs the same random operations against the store in memory and on disk, which is opened anew now and then.
func TestAgainstMemory(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 7))
			path := t.TempDir()
			durability := []disk.Durability{disk.Full, disk.Fast}[seed%2]
			memory := store.NewMemory(tables())
			onDisk := open(t, path, disk.Options{Durability: durability})
			ids := []int{5, 60, 2000}[seed%3]
			for step := range 100 - ids/40 {
				operate(t, rng, ids, memory, onDisk)
				if rng.IntN(12) == 0 {
					_, err := onDisk.Compact(t.Context())
					require.NoError(t, err)
				}
				if rng.IntN(12) == 0 {
					require.NoError(t, onDisk.Close())
					onDisk = open(t, path, disk.Options{Durability: durability})
				}
				if step%10 == 9 {
					require.Equal(t, show(t, memory, "Image", "wide", "narrow"), show(t, onDisk, "Image", "wide", "narrow"), "step %d", step)
				}
			}
			require.NoError(t, onDisk.Close())
		})
	}
}

// operate runs one random operation on two stores.
func operate(t testing.TB, rng *rand.Rand, ids int, a, b store.Store) {
	t.Helper()
	if rng.IntN(4) == 0 {
		var gone []string
		for range rng.IntN(1 + ids/8) {
			gone = append(gone, fmt.Sprint("row ", rng.IntN(ids)))
			if rng.IntN(4) == 0 {
				gone = append(gone, fmt.Sprint("row ", rng.IntN(ids), " chunk ", rng.IntN(3)))
			}
		}
		deletedA, missingA, errA := a.Delete("Image", gone)
		deletedB, missingB, errB := b.Delete("Image", gone)
		require.NoError(t, errA)
		require.NoError(t, errB)
		require.Equal(t, deletedA, deletedB)
		require.Equal(t, missingA, missingB)
		return
	}
	var inA, inB []store.Change
	for range rng.IntN(1 + ids/4) {
		change := randomChange(rng, ids)
		inA, inB = append(inA, change), append(inB, change)
	}
	if rng.IntN(3) == 0 { // versions are a store's own, but expectations hold or fail alike
		for i := range inA {
			inA[i].Expected, inB[i].Expected = expectation(t, a, inA[i].ID), expectation(t, b, inA[i].ID)
			if rng.IntN(100) == 0 {
				*inA[i].Expected, *inB[i].Expected = *inA[i].Expected+1, *inB[i].Expected+1
			}
		}
	}
	outcomeA, errA := a.Commit("Image", inA)
	outcomeB, errB := b.Commit("Image", inB)
	require.Equal(t, errA, errB)
	require.Equal(t, outcomeA.Conflicts, outcomeB.Conflicts)
	require.Equal(t, len(outcomeA.Before), len(outcomeB.Before))
	for i := range outcomeA.Before {
		assert.Equal(t, withoutPictures(outcomeA.Before[i]), withoutPictures(outcomeB.Before[i]))
	}
}

// expectation is the version of a row.
func expectation(t testing.TB, s store.Store, id string) *uint64 {
	version := new(uint64)
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		row, _ := snapshot.Find(id)
		*version = row.Version
		return nil
	}))
	return version
}

// withoutPictures leaves of pictures whether there are any.
func withoutPictures(values []schema.Value) []schema.Value {
	cut := slices.Clone(values)
	for i := range cut {
		if cut[i].Blob != nil {
			cut[i].Blob = make([]byte, min(1, len(cut[i].Blob)))
		}
	}
	return cut
}

// TestARowInThePlaceOfAChunk: of a commit that puts a chunk and then a row of its id, the row stays.
func TestARowInThePlaceOfAChunk(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	first, second := randomChange(rng, 9), randomChange(rng, 9)
	first.ID, second.ID, first.KeepChunks = "whole", "piece", false
	first.Chunks = []store.Chunk{{ID: "piece", Vectors: map[string][]float32{"wide": randomVector(rng, 40)}}}
	second.Chunks = nil
	memory, onDisk := store.NewMemory(tables()), open(t, t.TempDir(), disk.Options{})
	for _, s := range []store.Store{memory, onDisk} {
		_, err := s.Commit("Image", []store.Change{first, second})
		require.NoError(t, err)
		rows := show(t, s, "Image", "wide", "narrow")
		require.Len(t, rows, 2)
		_, _, err = s.Delete("Image", []string{"whole"})
		require.NoError(t, err)
		require.Equal(t, rows["piece"], show(t, s, "Image", "wide", "narrow")["piece"])
	}
	require.NoError(t, onDisk.Close())
}
