// Command kept puts the vectors of a file into a store on disk with an approximate index, and says what closing and opening it take, when its
// graph is there again, and what a compaction makes of it.
//
//	go run ./bench/approximate/kept -vectors build/approximate/clustered-100000.f32 -path /tmp/kept.store
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

const (
	table, index = "Item", "vectors"
	workers      = 2
	batch        = 2000
)

func main() {
	b := bench{}
	flag.StringVar(&b.vectors, "vectors", "", "file of float32 vectors, as bench/approximate/run.py writes it")
	flag.StringVar(&b.path, "path", "", "a directory that is not there; it is removed at the end")
	flag.IntVar(&b.dimension, "dimension", 512, "length of a vector")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type bench struct {
	vectors, path string
	dimension     int
	rows          int
	disk          *disk.Store
	*approximate.Store
}

func (b *bench) run() error {
	if _, err := os.Stat(b.path); b.path == "" || err == nil {
		return errors.New("-path must name a directory that is not there")
	}
	defer func() { _ = os.RemoveAll(b.path) }()
	if err := b.open(); err != nil {
		return err
	}
	return errors.Join(b.fill(), b.report("linked, measured and kept"), b.limits(), b.reopen(), b.compact(), b.reopen(), b.Close())
}

func (b *bench) open() (err error) {
	if b.disk, err = disk.Open(b.path, disk.Options{}); err != nil {
		return err
	}
	if err := b.disk.Define([]store.Table{{Schema: table, Fields: 1, Index: map[string]int{index: b.dimension}}}, nil); err != nil {
		return err
	}
	b.Store, err = approximate.New(b.disk, []approximate.Index{{Schema: table, Name: index, Parts: []int{b.dimension}, Graph: graph.Options{Workers: workers}}})
	return err
}

func timed(what string, do func() error) error {
	started := time.Now()
	err := do()
	fmt.Printf("%-45s %10v\n", what, time.Since(started).Round(10*time.Microsecond))
	return err
}

func (b *bench) fill() error {
	file, err := os.Open(b.vectors)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	put := func() error {
		buffer := make([]byte, batch*b.dimension*4)
		for {
			n, err := io.ReadFull(file, buffer)
			if n == 0 {
				return nil
			}
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				return err
			}
			changes := make([]store.Change, n/4/b.dimension)
			for i := range changes {
				values := make([]float32, b.dimension)
				for j := range values {
					values[j] = math.Float32frombits(binary.LittleEndian.Uint32(buffer[4*(i*b.dimension+j):]))
				}
				changes[i] = store.Change{ID: fmt.Sprint("item", b.rows+i), Values: make([]schema.Value, 1), Vectors: map[string][]float32{index: values}}
			}
			if _, err := b.Commit(table, changes); err != nil {
				return err
			}
			b.rows += len(changes)
		}
	}
	return errors.Join(timed("put", put), timed("until the graph has all", func() error { return b.Wait(context.Background()) }))
}

func (b *bench) reopen() error {
	err := errors.Join(timed("close", b.Close), timed("open", b.open), timed("first query, of whatever there is", b.query))
	err = errors.Join(err, timed("until the graph is there", func() error { return b.Wait(context.Background()) }))
	return errors.Join(err, b.report("opened again"))
}

// compact deletes one row in a hundred and rewrites all spans.
func (b *bench) compact() error {
	var ids []string
	for i := 0; i < b.rows; i += 100 {
		ids = append(ids, fmt.Sprint("item", i))
	}
	if _, _, err := b.Delete(table, ids); err != nil {
		return err
	}
	err := timed("compact", func() error {
		_, err := b.disk.Compact(context.Background())
		return err
	})
	b.Follow()
	return errors.Join(err, timed("until the graph follows", func() error { return b.Wait(context.Background()) }), b.report("compacted"))
}

func (b *bench) query() error {
	return b.Read(table, func(snapshot store.Snapshot) error {
		query := slices.Clone(snapshot.Vector(index, slices.Collect(snapshot.Live().All())[1]))
		search := vector.Search{Query: query, Limit: 10, Floor: math.Inf(-1), ID: snapshot.ID, Workers: workers}
		_, err := b.Search(snapshot, table, index, []vector.Search{search})
		return err
	})
}

// limits says what searches for more rows find at the width that is measured for ten.
func (b *bench) limits() error {
	for _, limit := range []int{1, 30, 100, 300} {
		recall, err := b.Recall(context.Background(), table, index, 200, limit, workers)
		if err != nil {
			return err
		}
		fmt.Printf("the best %d: recall %.4f\n", limit, recall.Share)
	}
	return nil
}

func (b *bench) report(when string) error {
	recall, err := b.Recall(context.Background(), table, index, 200, 10, workers)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d of %d rows in the graph, %d linked by this process; recall %.4f at width %d, %v beside %v exactly\n",
		when, recall.GraphRows, recall.Rows, b.Linked(table, index), recall.Share, recall.Width, recall.Approximate, recall.Exact)
	return nil
}
