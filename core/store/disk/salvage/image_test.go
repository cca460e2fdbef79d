package salvage_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/store/disk/salvage"
)

// database makes one of random rows, of which many were deleted and changed, and returns its file, its log, and what is in it by table and row.
func database(t testing.TB, rows int) (main, log []byte, want map[string]map[int64]string) {
	path := t.TempDir() + "/a.sqlite"
	c, err := sqlite3.Open("file:" + path)
	require.NoError(t, err)
	run := func(sql string) { require.NoError(t, c.Exec(sql), sql) }
	run("PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL")
	require.NoError(t, c.EnableChecksums("main"))
	run("PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON")
	run("CREATE TABLE one(number INTEGER PRIMARY KEY, a TEXT UNIQUE, b BLOB, c REAL) STRICT; CREATE TABLE two(number INTEGER PRIMARY KEY, a ANY) STRICT")
	rng := rand.New(rand.NewPCG(1, uint64(rows)))
	put := func(count int) {
		for range count {
			number := rng.IntN(rows * 2)
			run(fmt.Sprintf("INSERT OR REPLACE INTO one VALUES(%d, '%d %0*d', randomblob(%d), %g)", number, number, rng.IntN(200), number, rng.IntN(2)*rng.IntN(9000), rng.NormFloat64()))
			run(fmt.Sprintf("INSERT OR REPLACE INTO two VALUES(%d, %d)", number, (rng.Int64()-1<<62)>>rng.IntN(62)))
		}
		run(fmt.Sprintf("DELETE FROM one WHERE number%%7=%d", rng.IntN(7)))
	}
	run("BEGIN")
	put(rows)
	run("COMMIT; PRAGMA incremental_vacuum(3); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0; BEGIN")
	put(rows / 4)
	run("COMMIT; PRAGMA cache_size=1; BEGIN")
	put(rows / 4) // not committed, but in part in the log
	main, err = os.ReadFile(path)
	require.NoError(t, err)
	log, err = os.ReadFile(path + "-wal")
	require.NoError(t, err)
	run("ROLLBACK")
	want = map[string]map[int64]string{}
	for _, table := range []string{"one", "two"} {
		want[table] = map[int64]string{}
		s, _, err := c.Prepare("SELECT * FROM " + table)
		require.NoError(t, err)
		for s.Step() {
			if table == "two" {
				want[table][s.ColumnInt64(0)] = fmt.Sprint(s.ColumnInt64(1))
			} else {
				want[table][s.ColumnInt64(0)] = fmt.Sprintf("%s %x %g", s.ColumnText(1), s.ColumnBlob(2, nil), s.ColumnFloat(3))
			}
		}
		require.NoError(t, s.Close())
	}
	require.NoError(t, c.Close())
	return main, log, want
}

// read returns the rows of a table by its name, which is that of a root in the schema.
func read(t testing.TB, image *salvage.Image, name string) (*salvage.Tree, map[int64]string) {
	trees, _, err := image.Trees()
	require.NoError(t, err)
	root := uint32(0)
	if schema := trees[1]; schema != nil {
		require.NoError(t, image.Rows(schema, func(row salvage.Row) error {
			if row.Whole() && len(row.Values) == 5 && row.Values[1] == name {
				root = uint32(row.Values[3].(int64))
			}
			return nil
		}))
	}
	if trees[root] == nil {
		return nil, nil
	}
	shown := map[int64]string{}
	require.NoError(t, image.Rows(trees[root], func(row salvage.Row) error {
		if !row.Whole() {
			return nil
		}
		if _, twice := shown[row.Number]; twice {
			return fmt.Errorf("the row %d is there twice", row.Number)
		}
		if name == "two" {
			shown[row.Number] = fmt.Sprint(row.Values[1])
		} else {
			real, is := row.Values[3].(float64)
			if !is { // a whole number is stored as one
				real = float64(row.Values[3].(int64))
			}
			shown[row.Number] = fmt.Sprintf("%s %x %g", row.Values[1], row.Values[2], real)
		}
		return nil
	}))
	return trees[root], shown
}

func TestReadsWhatSQLiteReads(t *testing.T) {
	for _, rows := range []int{1, 30, 1000} {
		main, log, want := database(t, rows)
		image, err := salvage.Open(bytes.NewReader(main), bytes.NewReader(log))
		require.NoError(t, err)
		require.True(t, image.Whole())
		for table := range want {
			of, got := read(t, image, table)
			require.Equal(t, want[table], got)
			require.Zero(t, of.Damaged)
			require.True(t, of.Table)
		}
	}
}

func TestRefusesOtherFiles(t *testing.T) {
	for _, pageSize := range []int{512, 4096} {
		path := t.TempDir() + "/a.sqlite"
		c, err := sqlite3.Open("file:" + path)
		require.NoError(t, err)
		require.NoError(t, c.Exec(fmt.Sprintf("PRAGMA page_size=%d; CREATE TABLE a(b)", pageSize)))
		require.NoError(t, c.Close())
		main, err := os.ReadFile(path)
		require.NoError(t, err)
		image, err := salvage.Open(bytes.NewReader(main), nil)
		require.NoError(t, err)
		require.False(t, image.Whole())
		trees, _, err := image.Trees()
		require.NoError(t, err)
		for _, tree := range trees {
			require.NoError(t, image.Rows(tree, func(salvage.Row) error { return fmt.Errorf("a row of pages without checksums") }))
		}
	}
	image, err := salvage.Open(bytes.NewReader(nil), nil)
	require.NoError(t, err)
	require.Zero(t, image.Pages())
}

// FuzzOpen writes anything anywhere, where right is set with a checksum that is right then: nothing makes the reader fail. A word that is another
// is found by the checksum: what is read is never another row.
func FuzzOpen(f *testing.F) {
	main, _, _ := database(f, 8)
	whole, err := salvage.Open(bytes.NewReader(main), nil)
	require.NoError(f, err)
	want := map[string]map[int64]string{}
	for _, table := range []string{"one", "two"} {
		_, want[table] = read(f, whole, table)
	}
	f.Add(uint32(0), []byte{1}, false)
	f.Add(uint32(4096), []byte{5, 0, 0, 0, 3}, true)
	f.Add(uint32(4096*2+3), []byte{255, 255}, true)
	f.Add(uint32(4096*3), make([]byte, 4096), false)
	f.Add(uint32(4096*4+8), []byte{10, 1, 1, 1}, false)
	f.Fuzz(func(t *testing.T, at uint32, change []byte, right bool) {
		content := bytes.Clone(main)
		place := int(at) % len(content)
		copy(content[place:], change)
		last := min(place+len(change), len(content)) - 1
		for page := place / salvage.PageSize; right && page <= last/salvage.PageSize; page++ {
			setSum(content[page*salvage.PageSize:][:salvage.PageSize])
		}
		image, err := salvage.Open(bytes.NewReader(content), nil)
		if err != nil {
			return
		}
		if !right && place%4 == 0 && len(change) <= 4 {
			for table := range want {
				_, got := read(t, image, table)
				for number, row := range got {
					if want[table][number] != row {
						t.Fatalf("row %d of %s is another", number, table)
					}
				}
			}
		}
		image.Know(at)
		trees, _, err := image.Trees()
		require.NoError(t, err)
		for _, tree := range trees {
			require.NoError(t, image.Rows(tree, func(row salvage.Row) error { row.Whole(); return nil }))
		}
	})
}

// FuzzLog reads any bytes as a log beside a database.
func FuzzLog(f *testing.F) {
	main, log, _ := database(f, 4)
	f.Add(log[:len(log)/2])
	f.Add(log[:40])
	f.Fuzz(func(t *testing.T, log []byte) {
		image, err := salvage.Open(bytes.NewReader(main), bytes.NewReader(log))
		if err != nil {
			return
		}
		_, _, err = image.Trees()
		require.NoError(t, err)
	})
}

func setSum(page []byte) {
	var s1, s2 uint32
	for at := 0; at < len(page)-8; at += 8 {
		s1 += binary.LittleEndian.Uint32(page[at:]) + s2
		s2 += binary.LittleEndian.Uint32(page[at+4:]) + s1
	}
	binary.LittleEndian.PutUint32(page[len(page)-8:], s1)
	binary.LittleEndian.PutUint32(page[len(page)-4:], s2)
}
