package disk_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/store/disk/filesystem/filesystemtest"
)

const cataloguePage = 4096

var sampleSeed = uint64(6)

// salvageSample is a closed store of two tables with chunks, pictures, long texts and free pages, so that its catalogue has pages of all kinds.
func salvageSample(t testing.TB, withLog bool) (*filesystemtest.Disk, disk.Options, map[string]map[string]string) {
	t.Helper()
	files := filesystemtest.NewDisk(t.TempDir())
	t.Cleanup(files.Close)
	options := disk.Options{FileSystem: files, History: textCodec{}, Lost: keepLost}
	s := open(t, "/store", options)
	require.NoError(t, s.Define(tables(), map[string][]byte{"definition": []byte("what it means"), "long": bytes.Repeat([]byte("0123456789"), 900)}))
	rng := rand.New(rand.NewPCG(6, sampleSeed))
	put := func(from, to int) {
		var changes []store.Change
		var texts []store.Change
		for i := from; i < to; i++ {
			change := randomChange(rng, 9)
			change.ID, change.KeepChunks = fmt.Sprintf("row %03d", i), false
			for at := range change.Chunks {
				change.Chunks[at].ID = fmt.Sprint(change.ID, " chunk ", at)
			}
			if i%5 == 0 {
				change.Values[0] = schema.TextValue(fmt.Sprintf("%09000d", i)) // two overflow pages
			}
			changes = append(changes, change)
			texts = append(texts, store.Change{ID: fmt.Sprint("text ", i), Values: []schema.Value{schema.TextValue(fmt.Sprintf("%0200d", i))}})
		}
		_, err := s.Commit("Image", changes)
		require.NoError(t, err)
		_, err = s.Commit("Text", texts)
		require.NoError(t, err)
	}
	put(0, 250)
	var gone []string
	for i := 60; i < 120; i++ {
		gone = append(gone, fmt.Sprintf("row %03d", i))
	}
	_, _, err := s.Delete("Image", gone)
	require.NoError(t, err)
	if withLog {
		require.NoError(t, s.Close())
		s = open(t, "/store", options)
		put(230, 280)
	}
	shown := map[string]map[string]string{"Image": show(t, s, "Image", "wide", "narrow"), "Text": show(t, s, "Text")}
	if withLog {
		files.Restart() // the log stays
		return files, options, shown
	}
	require.NoError(t, s.Close())
	return files, options, shown
}

// keepLost writes the rows that lost vectors into the metadata, as an engine does.
func keepLost(ids map[string][]string, metadata map[string][]byte) (map[string][]byte, error) {
	if string(metadata["definition"]) != "what it means" {
		return nil, fmt.Errorf("the metadata is %q", metadata)
	}
	return map[string][]byte{"lost": fmt.Append(nil, len(ids))}, nil
}

// repaired repairs a store and compares what it then has with what it had: each row is as it was, or it lacks vectors or chunks and is named, or it
// is gone and named, or counted.
func repaired(t testing.TB, options disk.Options, had map[string]map[string]string) (disk.Report, error) {
	t.Helper()
	report, err := disk.Repair(t.Context(), "/store", options)
	if err != nil {
		return report, err
	}
	after, err := disk.Verify(t.Context(), "/store", options)
	require.NoError(t, err)
	require.Empty(t, after.Damage)
	s := open(t, "/store", options)
	for table, rows := range had {
		indices := []string{"wide", "narrow"}
		if table == "Text" {
			indices = nil
		}
		has := show(t, s, table, indices...)
		missing := 0
		for id, row := range rows {
			now, there := has[id]
			delete(has, id)
			if there && now == row {
				continue
			}
			owner := ownerOf(id)
			switch {
			case there:
				require.Contains(t, report.Lost[table], owner, "the row %q is another: %.300q for %.300q, report %+v", id, now, row, report)
			case slices.Contains(report.Dropped[table], owner), slices.Contains(report.Lost[table], owner) && owner != id:
			default:
				missing++
			}
		}
		require.LessOrEqual(t, missing, report.Unnamed[table], "rows of %s that are gone and not told: %+v", table, report)
		require.Empty(t, has, "rows that were not there")
	}
	// What is written then does not get in the way of what is there.
	before := show(t, s, "Image", "wide", "narrow")
	change := randomChange(rand.New(rand.NewPCG(1, 1)), 9)
	change.ID, change.Chunks, change.KeepChunks = "another", nil, false
	_, err = s.Commit("Image", []store.Change{change})
	require.NoError(t, err)
	then := show(t, s, "Image", "wide", "narrow")
	delete(then, "another")
	require.Equal(t, before, then)
	require.NoError(t, s.Close())
	return report, nil
}

// ownerOf is the row that a row is, or is a chunk of.
func ownerOf(id string) string {
	owner, _, _ := strings.Cut(id, " chunk")
	return owner
}

// kindOf is what a page of a catalogue is for.
func kindOf(content []byte, number int) string {
	page := content[(number-1)*cataloguePage:][:cataloguePage]
	switch {
	case number == 1:
		return "header"
	case (number-2)%818 == 0:
		return "pointer map"
	}
	entry := content[(1+(number-2)/818*818)*cataloguePage:][5*((number-3)%818):]
	switch entry[0] {
	case 2:
		return "freelist"
	case 3, 4:
		return "overflow"
	}
	return map[byte]string{2: "index interior", 5: "table interior", 10: "index leaf", 13: "table leaf"}[page[0]]
}

// copied is a disk with the same files.
func copied(t testing.TB, of *filesystemtest.Disk) *filesystemtest.Disk {
	files := filesystemtest.NewDisk(t.TempDir())
	t.Cleanup(files.Close)
	for _, directory := range []string{"/store", "/store/segments"} {
		names, err := of.List(directory)
		require.NoError(t, err)
		for _, name := range names {
			if content := of.Content(directory + "/" + name); content != nil {
				file, err := files.Create(directory + "/" + name)
				require.NoError(t, err)
				_, err = file.WriteAt(content, 0)
				require.NoError(t, err)
			}
		}
	}
	return files
}

// TestSalvageOfEachPage: whatever page of a catalogue is lost, a repair gives what was there, or tells what is lost, or refuses and leaves it as it was.
func TestSalvageOfEachPage(t *testing.T) {
	whole, options, had := salvageSample(t, false)
	content := whole.Content("/store/catalogue.sqlite")
	kinds, refused := map[string]int{}, map[string]int{}
	for number := 1; number <= len(content)/cataloguePage; number++ {
		kind := kindOf(content, number)
		if kinds[kind]++; kinds[kind] > 5 && number%17 != 0 {
			continue
		}
		for name, damage := range map[string]func([]byte){
			"zeros":   func(page []byte) { clear(page) },
			"garbage": func(page []byte) { binary.LittleEndian.PutUint64(page[2000:], 0x1234567) },
		} {
			files := copied(t, whole)
			options.FileSystem = files
			damage(files.Content("/store/catalogue.sqlite")[(number-1)*cataloguePage:][:cataloguePage])
			damaged := slices.Clone(files.Content("/store/catalogue.sqlite"))
			report, err := repaired(t, options, had)
			if err != nil {
				refused[kind]++
				require.ErrorContains(t, err, "cannot be repaired", "page %d, %s, %s", number, kind, name)
				require.Equal(t, damaged, files.Content("/store/catalogue.sqlite"))
				continue
			}
			if report.Kept != "" {
				require.Equal(t, damaged, files.Content(report.Kept))
				require.NotContains(t, report.Damage[0].Message, "in 0 more")
			}
			if kind != "table leaf" && kind != "overflow" {
				require.Empty(t, report.Dropped, "page %d, %s, %s", number, kind, name)
				require.Empty(t, report.Unnamed, "page %d, %s, %s", number, kind, name)
			}
		}
	}
	t.Logf("pages: %v, refused: %v", kinds, refused)
	for _, kind := range []string{"header", "pointer map", "freelist", "overflow", "index interior", "table interior", "index leaf", "table leaf"} {
		require.NotZero(t, kinds[kind], "the sample has no page of the kind %q", kind)
	}
}

// damageOf does something to a page.
func damageOf(rng *rand.Rand, page []byte) {
	switch rng.IntN(3) {
	case 0:
		clear(page)
	case 1:
		for at := range page[:512] {
			page[512*4+at] = byte(rng.Uint32())
		}
	case 2:
		page[rng.IntN(len(page))] ^= 0x11
	}
}

// TestSalvageOfManyPages damages several pages at a time, of catalogues that were closed and of others whose log is still there.
func TestSalvageOfManyPages(t *testing.T) {
	for _, withLog := range []bool{false, true} {
		whole, options, had := salvageSample(t, withLog)
		lost, refused := 0, 0
		for seed := range uint64(25) {
			rng := rand.New(rand.NewPCG(seed, 3))
			files := copied(t, whole)
			options.FileSystem = files
			if seed%3 == 2 {
				options.Lost = nil // rows that lost anything go
			} else {
				options.Lost = keepLost
			}
			content := files.Content("/store/catalogue.sqlite")
			for range 1 + rng.IntN(1<<rng.IntN(6)) {
				damageOf(rng, content[rng.IntN(len(content)/cataloguePage)*cataloguePage:][:cataloguePage])
			}
			damaged, log := slices.Clone(content), slices.Clone(files.Content("/store/catalogue.sqlite-wal"))
			report, err := repaired(t, options, had)
			if err != nil {
				refused++
				require.ErrorContains(t, err, "cannot be repaired")
				require.True(t, bytes.Equal(damaged, files.Content("/store/catalogue.sqlite")), "seed %d: %v", seed, err)
				require.True(t, bytes.Equal(log, files.Content("/store/catalogue.sqlite-wal")))
				continue
			}
			lost += len(report.Dropped["Image"])
			if report.Kept != "" {
				require.True(t, bytes.Equal(damaged, files.Content(report.Kept)), "%+v", report)
				require.True(t, bytes.Equal(log, files.Content(report.Kept+"-wal")))
			}
		}
		t.Logf("with a log: %v; %d rows of the first table lost, %d of 25 refused", withLog, lost, refused)
		require.NotZero(t, lost)
		require.Less(t, refused, 15)
	}
}

// TestSalvageOfFlippedBits: one flipped bit in every page loses nothing, if it is one that the checksum tells.
func TestSalvageOfFlippedBits(t *testing.T) {
	whole, options, had := salvageSample(t, false)
	rng := rand.New(rand.NewPCG(5, 5))
	files := copied(t, whole)
	options.FileSystem = files
	content := files.Content("/store/catalogue.sqlite")
	for at := 0; at < len(content); at += cataloguePage {
		if page := content[at:][:cataloguePage]; slices.ContainsFunc(page, func(b byte) bool { return b != 0 }) {
			bit := rng.IntN(cataloguePage/4)*32 + rng.IntN(22)
			page[bit/8] ^= 1 << (bit % 8)
		}
	}
	_, err := disk.Open("/store", options)
	require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	report, err := repaired(t, options, had)
	require.NoError(t, err)
	require.NotEmpty(t, report.Kept)
	require.Empty(t, report.Dropped)
	require.Empty(t, report.Lost)
	require.Empty(t, report.Unnamed)
}

// TestPowerCutsWhileACatalogueIsMadeAnew cuts the power at each operation of a repair: the next one gives the same, and the damaged catalogue is there.
func TestPowerCutsWhileACatalogueIsMadeAnew(t *testing.T) {
	whole, options, _ := salvageSample(t, true)
	damage := func(files *filesystemtest.Disk) []byte {
		content := files.Content("/store/catalogue.sqlite")
		for _, number := range []int{9, 20, 33} {
			binary.LittleEndian.PutUint64(content[(number-1)*cataloguePage+1000:], 0x1234567)
		}
		return slices.Clone(content)
	}
	rows := func() map[string]string {
		s := open(t, "/store", options)
		defer func() { require.NoError(t, s.Close()) }()
		return show(t, s, "Image", "wide", "narrow")
	}
	options.FileSystem = copied(t, whole)
	damage(options.FileSystem.(*filesystemtest.Disk))
	report, err := disk.Repair(t.Context(), "/store", options)
	require.NoError(t, err)
	require.NotEmpty(t, report.Kept)
	want := rows()
	cuts := 0
	for at := 0; ; at++ {
		files := copied(t, whole)
		options.FileSystem = files
		for _, path := range append(segmentsOf(t, files), "/store/catalogue.sqlite", "/store/catalogue.sqlite-wal") {
			syncFile(t, files, path)
		}
		damaged := damage(files)
		syncFile(t, files, "/store/catalogue.sqlite")
		operation := 0
		files.Before = func(of filesystemtest.Operation, path string) error {
			if of == filesystemtest.Write && operation%23 != 0 || of == filesystemtest.Map || of == filesystemtest.Open {
				operation++
				return nil
			}
			if operation++; operation > at {
				files.CutPower()
				return filesystemtest.ErrPower
			}
			return nil
		}
		_, err := disk.Repair(t.Context(), "/store", options)
		files.Before = nil
		if err == nil {
			break
		}
		cuts++
		at = operation // what was skipped is not cut
		files.PowerOn(rand.New(rand.NewPCG(uint64(at), 1)))
		report, err := disk.Repair(t.Context(), "/store", options)
		require.NoError(t, err, "cut at %d", at)
		require.Equal(t, want, rows(), "cut at %d", at)
		if report.Kept == "" { // the repair that was cut had come to its end, but for names
			report.Kept = "/store/catalogue.sqlite.damaged"
		}
		require.True(t, bytes.Equal(damaged, files.Content(report.Kept)), "cut at %d", at)
	}
	t.Logf("%d cuts", cuts)
	require.Greater(t, cuts, 10)
}

func syncFile(t testing.TB, files *filesystemtest.Disk, path string) {
	file, err := files.Open(path)
	require.NoError(t, err)
	_, err = file.WriteAt(files.Content(path), 0)
	require.NoError(t, err)
	require.NoError(t, file.Sync())
	for _, directory := range []string{"/store", "/store/segments"} {
		require.NoError(t, files.SyncDirectory(directory))
	}
}
