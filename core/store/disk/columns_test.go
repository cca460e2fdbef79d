package disk_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
	"github.com/innerspace/innerspace/core/vector"
)

// columnKinds are the fields of the table of the tests that have columns.
var columnKinds = map[int]schema.Type{0: schema.String, 2: schema.Integer, 3: schema.StringList}

// showColumn writes what a column says of each row by its id; equal columns give equal texts, whatever numbers compaction gave the rows.
func showColumn(t testing.TB, snapshot store.Snapshot, c *column.Column) map[string]string {
	ids, shown := map[int]string{}, map[string]string{}
	for id := range snapshot.IDs() {
		number, found := snapshot.Number(id)
		require.True(t, found)
		ids[number] = id
	}
	for row := range c.Present().All() {
		shown[ids[row]] = "present"
		if numbers := c.Numbers(); numbers != nil {
			shown[ids[row]] = fmt.Sprint(numbers[row])
		}
	}
	texts := maps.Collect(c.Texts())
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		rows := vector.NewBitmap(len(c.Present()) * 64)
		texts[text].AddTo(rows, 0, len(rows))
		require.Equal(t, texts[text].Count(), rows.Count())
		for row := range rows.All() {
			shown[ids[row]] += " " + text
		}
	}
	return shown
}

func showColumns(t testing.TB, s store.Store) map[int]map[string]string {
	shown := map[int]map[string]string{}
	require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
		for field, kind := range columnKinds {
			shown[field] = showColumn(t, snapshot, snapshot.Column(field, kind))
		}
		return nil
	}))
	return shown
}

// TestColumnsFollowCommits: after any operations the columns that a store has kept are those that one that was just opened makes anew, in the store that
// writes and in one that reads what others write, also while an earlier read has them.
func TestColumnsFollowCommits(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 17))
			files := filesystemtest.NewDisk(t.TempDir())
			defer files.Close()
			writing := disk.Options{Durability: []disk.Durability{disk.Full, disk.Fast}[seed%2], FileSystem: files}
			reading := disk.Options{ReadOnly: true, FileSystem: files}
			memory, writer := store.NewMemory(tables()), open(t, "/store", writing)
			reader := open(t, "/store", reading)
			ids := []int{30, 150, 600}[seed%3]
			operations := func(compact bool) {
				for range 1 + rng.IntN(3) {
					operate(t, rng, ids, memory, writer)
				}
				switch rng.IntN(6) {
				case 0:
					if !compact { // it would wait for the read
						return
					}
					_, err := writer.Compact(t.Context())
					require.NoError(t, err)
				case 1: // one that gives numbers out that its predecessor would not have
					require.NoError(t, writer.Close())
					writer = open(t, "/store", writing)
				}
			}
			for step := range 40 - ids/30 {
				operations(true)
				fresh := open(t, "/store", reading)
				want := showColumns(t, fresh)
				require.NoError(t, fresh.Close())
				require.Equal(t, want, showColumns(t, writer), "step %d", step)
				if rng.IntN(3) == 0 {
					continue // so that the reader falls behind
				}
				require.Equal(t, want, showColumns(t, reader), "step %d", step)
				require.NoError(t, reader.Read("Image", func(snapshot store.Snapshot) error {
					held := snapshot.Column(0, schema.String)
					operations(false)
					later := showColumns(t, reader)
					assert.Equal(t, want[0], showColumn(t, snapshot, held), "step %d", step)
					assert.Equal(t, want[2], showColumn(t, snapshot, snapshot.Column(2, schema.Integer)), "a column that others have as it was later")
					assert.Equal(t, later, showColumns(t, reader))
					return nil
				}))
			}
			require.NoError(t, reader.Close())
			require.NoError(t, writer.Close())
		})
	}
}

// TestColumnsOfNumbersThatWereGivenOutAgain: rows that compaction moved to the numbers of others, which were there when the column was made.
func TestColumnsOfNumbersThatWereGivenOutAgain(t *testing.T) {
	files := filesystemtest.NewDisk(t.TempDir())
	defer files.Close()
	writer := open(t, "/store", disk.Options{FileSystem: files})
	const span = 1 << 16
	changes := make([]store.Change, span+10)
	ids := make([]string, len(changes))
	for i := range changes {
		ids[i] = fmt.Sprint(i)
		changes[i] = store.Change{ID: ids[i], Values: []schema.Value{schema.TextValue(fmt.Sprint("text ", i%1000))}}
	}
	for _, some := range [][]store.Change{changes[:span], changes[span:]} {
		_, err := writer.Commit("Text", some)
		require.NoError(t, err)
	}
	reader := open(t, "/store", disk.Options{FileSystem: files, ReadOnly: true})
	number := func(id string) (number int) {
		require.NoError(t, reader.Read("Text", func(snapshot store.Snapshot) error {
			var found bool
			number, found = snapshot.Number(id)
			require.True(t, found)
			shown := showColumn(t, snapshot, snapshot.Column(0, schema.String))
			require.Len(t, shown, snapshot.Rows())
			require.Equal(t, fmt.Sprint("present text ", (span+9)%1000), shown[ids[span+9]])
			return nil
		}))
		return number
	}
	require.Less(t, number(ids[9]), span)
	require.GreaterOrEqual(t, number(ids[span+9]), span)
	_, _, err := writer.Delete("Text", ids[:span])
	require.NoError(t, err)
	_, err = writer.Compact(t.Context())
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	writer = open(t, "/store", disk.Options{FileSystem: files})
	_, _, err = writer.Delete("Text", ids[span:span+1])
	require.NoError(t, err)
	_, err = writer.Compact(t.Context())
	require.NoError(t, err)
	require.Less(t, number(ids[span+9]), 10)
	require.NoError(t, writer.Close())
	require.NoError(t, reader.Close())
}

// TestColumnsUnderReads brings columns on while others read them.
func TestColumnsUnderReads(t *testing.T) {
	path := t.TempDir()
	writer := open(t, path, disk.Options{Durability: disk.Fast})
	put := func(from, to, number int) {
		changes := make([]store.Change, 0, to-from)
		for i := from; i < to; i++ {
			values := []schema.Value{schema.TextValue(fmt.Sprint("text ", number)), {}, schema.IntegerValue(int64(number)), {}}
			changes = append(changes, store.Change{ID: fmt.Sprint(i), Values: values})
		}
		_, err := writer.Commit("Image", changes)
		assert.NoError(t, err)
	}
	put(0, 500, 0)
	var done atomic.Bool
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for !done.Load() {
				assert.NoError(t, writer.Read("Image", func(snapshot store.Snapshot) error {
					numbers, texts := snapshot.Column(2, schema.Integer), snapshot.Column(0, schema.String)
					for row := range snapshot.Live().All() {
						if number := numbers.Numbers()[row]; texts.Rows(fmt.Sprint("text ", number)).CountIn(oneRow(row)) != 1 {
							return fmt.Errorf("row %d has the number %d and another text", row, number)
						}
					}
					return nil
				}))
			}
		})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for step := range 150 {
		from := rng.IntN(480)
		put(from, from+20, step)
	}
	done.Store(true)
	group.Wait()
	require.NoError(t, writer.Close())
}

func oneRow(row int) vector.Bitmap {
	set := vector.NewBitmap(row + 1)
	set.Add(row)
	return set
}
