// Command store fills a store on disk with rows while others are queried and deleted, and says how fast that is, and whether memory
// and handles stay flat; then what closing, opening, verifying and compacting it take.
//
//	go run ./bench/store -rows 1000000 -dimension 512 -path /tmp/soak.store
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/vector"
)

const index = "vectors"

func main() {
	rows := flag.Int("rows", 1_000_000, "rows to put")
	dimension := flag.Int("dimension", 512, "of their vectors")
	batch := flag.Int("batch", 2000, "rows a commit")
	path := flag.String("path", "", "a directory that is not there; it is removed at the end")
	durability := flag.String("durability", "full", "full or fast")
	pause := flag.Duration("pause", 200*time.Millisecond, "between two queries while rows are put")
	profile := flag.String("profile", "", "a file for a profile of the processor while rows are put")
	flag.Parse()
	b := bench{rows: *rows, dimension: *dimension, batch: *batch, path: *path, pause: *pause, durability: disk.Durability(*durability), profile: *profile}
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type bench struct {
	rows, dimension, batch int
	path                   string
	pause                  time.Duration
	durability             disk.Durability
	profile                string
}

func (b *bench) run() error {
	if _, err := os.Stat(b.path); b.path == "" || err == nil {
		return fmt.Errorf("-path must name a directory that is not there")
	}
	defer func() { _ = os.RemoveAll(b.path) }()
	s, err := disk.Open(b.path, disk.Options{Durability: b.durability})
	if err != nil {
		return err
	}
	if err := s.Define([]store.Table{{Schema: "Item", Fields: 3, Index: map[string]int{index: b.dimension}}}, nil); err != nil {
		return err
	}
	if b.profile != "" {
		file, err := os.Create(b.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
	}
	err = b.fill(s)
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	if err := timed("close", s.Close); err != nil {
		return err
	}
	if err := b.reopen(); err != nil {
		return err
	}
	return b.after()
}

// fill puts the rows, in commits of which every tenth also deletes rows, while a goroutine queries.
func (b *bench) fill(s *disk.Store) error {
	stop, queries := make(chan struct{}), make(chan []time.Duration)
	var failed atomic.Value
	go func() {
		var times []time.Duration
		rng := rand.New(rand.NewPCG(2, 2))
		for {
			select {
			case <-stop:
				queries <- times
				return
			case <-time.After(b.pause):
			}
			started := time.Now()
			if _, err := b.query(s, rng); err != nil {
				failed.Store(err)
			}
			times = append(times, time.Since(started))
		}
	}()
	fmt.Printf("%10s %9s %10s %10s %8s %9s\n", "rows", "rows/s", "anon MB", "mapped MB", "handles", "disk MB")
	rng := rand.New(rand.NewPCG(1, 1))
	started, latest, deleted := time.Now(), time.Now(), 0
	for put := 0; put < b.rows; put += b.batch {
		if _, err := s.Commit("Item", b.changes(rng, put)); err != nil {
			return err
		}
		if put/b.batch%10 == 9 {
			var ids []string
			for range b.batch / 10 {
				ids = append(ids, id(rng.IntN(put)))
			}
			n, _, err := s.Delete("Item", ids)
			if err != nil {
				return err
			}
			deleted += n
		}
		if step := b.rows / 10; (put+b.batch)/step != put/step {
			anonymous, mapped := memory()
			fmt.Printf("%10d %9.0f %10d %10d %8d %9d\n", put+b.batch, float64(step)/time.Since(latest).Seconds(), anonymous, mapped, handles(), size(b.path)>>20)
			latest = time.Now()
		}
	}
	total := time.Since(started)
	close(stop)
	times := append(<-queries, 0) // there may be none
	slices.Sort(times)
	fmt.Printf("%d rows put and %d deleted in %.1f s: %.0f rows/s, with %d queries at a median of %v, at most %v\n",
		b.rows, deleted, total.Seconds(), float64(b.rows)/total.Seconds(), len(times), times[len(times)/2].Round(time.Microsecond), times[len(times)-1].Round(time.Microsecond))
	if err, _ := failed.Load().(error); err != nil {
		return err
	}
	return nil
}

func id(row int) string { return fmt.Sprintf("item-%08d", uint32(row)*2654435761) }

func (b *bench) changes(rng *rand.Rand, from int) []store.Change {
	changes := make([]store.Change, min(b.batch, b.rows-from))
	for i := range changes {
		values := make([]float32, b.dimension)
		for j := range values {
			values[j] = float32(rng.NormFloat64()) / float32(math.Sqrt(float64(b.dimension)))
		}
		changes[i] = store.Change{
			ID: id(from + i), Vectors: map[string][]float32{index: values},
			Values: []schema.Value{schema.TextValue(fmt.Sprint("the description of item ", from+i)), schema.IntegerValue(rng.Int64N(1000)), schema.FloatValue(rng.Float64())},
		}
	}
	return changes
}

func (b *bench) query(s *disk.Store, rng *rand.Rand) (hits int, err error) {
	query := make([]float32, b.dimension)
	for i := range query {
		query[i] = float32(rng.NormFloat64())
	}
	err = s.Read("Item", func(snapshot store.Snapshot) error {
		found, err := vector.Search{Query: query, Limit: 10, Floor: math.Inf(-1), ID: snapshot.ID, Workers: runtime.NumCPU()}.Run(snapshot.Blocks(index))
		for _, hit := range found {
			snapshot.Values(hit.Row)
		}
		hits = len(found)
		return err
	})
	return hits, err
}

// reopen opens the store as another process would, and queries it.
func (b *bench) reopen() error {
	var s *disk.Store
	if err := timed("open, with the number of rows", func() (err error) {
		if s, err = disk.Open(b.path, disk.Options{ReadOnly: true}); err != nil {
			return err
		}
		return s.Read("Item", func(snapshot store.Snapshot) error {
			if snapshot.Rows() == 0 {
				return fmt.Errorf("the store is empty")
			}
			return nil
		})
	}); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for _, what := range []string{"first query, which verifies every vector", "second query", "third query"} {
		if err := timed(what, func() error { _, err := b.query(s, rng); return err }); err != nil {
			return err
		}
	}
	number := 0
	if err := timed("1,000 rows by id", func() error {
		return s.Read("Item", func(snapshot store.Snapshot) error {
			for range 1000 {
				if _, found := snapshot.Find(id(rng.IntN(b.rows))); found {
					number++
				}
			}
			return nil
		})
	}); err != nil {
		return err
	}
	return s.Close()
}

func (b *bench) after() error {
	var report disk.Report
	if err := timed("verify", func() (err error) {
		report, err = disk.Verify(context.Background(), b.path, disk.Options{})
		return err
	}); err != nil {
		return err
	}
	fmt.Printf("  %d rows, %d segments, damage: %d\n", report.Rows, report.Segments, len(report.Damage))
	s, err := disk.Open(b.path, disk.Options{Durability: b.durability})
	if err != nil {
		return err
	}
	if err := b.columns(s); err != nil {
		return err
	}
	var done disk.Compacted
	if err := timed("compact", func() (err error) {
		done, err = s.Compact(context.Background())
		return err
	}); err != nil {
		return err
	}
	fmt.Printf("  %d spans, %d rows moved, %d removed; %d MB on the disk\n", done.Spans, done.Moved, done.Removed, size(b.path)>>20)
	return s.Close()
}

func timed(what string, work func() error) error {
	started := time.Now()
	err := work()
	fmt.Printf("%-42s %v\n", what, time.Since(started).Round(10*time.Microsecond))
	return err
}

// memory is what the process has in memory of its own and of mapped files, in MB.
func memory() (anonymous, mapped int) {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kilobytes int
		if n, _ := fmt.Sscanf(line, "RssAnon: %d kB", &kilobytes); n == 1 {
			anonymous = kilobytes >> 10
		}
		if n, _ := fmt.Sscanf(line, "RssFile: %d kB", &kilobytes); n == 1 {
			mapped = kilobytes >> 10
		}
	}
	return anonymous, mapped
}

func handles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// size is how many bytes the files of a directory take on the disk.
func size(path string) (bytes int64) {
	_ = walk(path, func(info os.FileInfo) { bytes += allocated(info) })
	return bytes
}
