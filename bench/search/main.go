// Command search times exact search over a file of vectors, for run.py: it puts them into a store in memory, asks each query alone and all of
// them in batches, and compares every answer with that of scoring all vectors.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// report is what run.py reads.
type report struct {
	PutSeconds float64   `json:"put_seconds"`
	SingleP50  float64   `json:"single_p50_ms"`
	SingleP10  float64   `json:"single_p10_ms"`
	PlainP50   float64   `json:"plain_p50_ms"`
	Batch      float64   `json:"batch_queries_per_second"`
	BatchBest  float64   `json:"batch_best_queries_per_second"`
	Same       bool      `json:"same_as_plain"` // rows, order and the bits of the scores
	Rows       [][]int   `json:"rows"`          // of each query
	Filtered   []masked  `json:"filtered"`
	Resident   int64     `json:"peak_resident_bytes"`
	Samples    []float64 `json:"single_ms"` // of one query each
}

// masked is the time of queries that may find a part of the rows only.
type masked struct {
	Share float64 `json:"share"`
	P50   float64 `json:"p50_ms"`
	P10   float64 `json:"p10_ms"`
	Same  bool    `json:"same_as_plain"`
}

type options struct {
	vectors, queries      string
	dimension, rows       int
	limit, batch, repeats int
	workers               int
	filters               bool
}

func main() {
	var o options
	flag.StringVar(&o.vectors, "vectors", "", "file of float32 vectors")
	flag.StringVar(&o.queries, "queries", "", "file of float32 queries")
	flag.IntVar(&o.dimension, "dimension", 512, "entries of a vector")
	flag.IntVar(&o.rows, "rows", 0, "vectors to put; 0: all of the file")
	flag.IntVar(&o.limit, "k", 10, "hits of a query")
	flag.IntVar(&o.batch, "batch", 64, "queries of a batch")
	flag.IntVar(&o.repeats, "repeats", 3, "times that all queries are asked")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "goroutines of a search")
	flag.BoolVar(&o.filters, "filters", false, "time queries with filters too")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	vectors, err := mapped(o.vectors)
	if err != nil {
		return err
	}
	queries, err := mapped(o.queries)
	if err != nil {
		return err
	}
	if o.rows > 0 {
		vectors = vectors[:o.rows*o.dimension]
	}
	var r report
	started := time.Now()
	table, err := put(vectors, o.dimension)
	if err != nil {
		return err
	}
	r.PutSeconds = time.Since(started).Seconds()
	var searches []vector.Search
	for at := 0; at+o.dimension <= len(queries); at += o.dimension {
		searches = append(searches, vector.Search{Query: queries[at : at+o.dimension], Limit: o.limit, Floor: math.Inf(-1), Workers: o.workers})
	}
	if len(searches) == 0 {
		return errors.New("no queries")
	}
	err = table.Read("rows", func(snapshot store.Snapshot) error { return measure(&r, o, snapshot, searches) })
	if err != nil {
		return err
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	r.Resident = usage.Maxrss * 1024
	return json.NewEncoder(os.Stdout).Encode(r)
}

// mapped is a file of numbers.
func mapped(path string) ([]float32, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < 4 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	bytes, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&bytes[0])), len(bytes)/4), nil
}

func put(vectors []float32, dimension int) (*store.Memory, error) {
	const together = 1000
	table := store.NewMemory([]store.Table{{Schema: "rows", Index: map[string]int{"vectors": dimension}}})
	var changes []store.Change
	for row := 0; row*dimension < len(vectors); row++ {
		changes = append(changes, store.Change{ID: strconv.Itoa(row), Values: []schema.Value{},
			Vectors: map[string][]float32{"vectors": vectors[row*dimension : (row+1)*dimension]}})
		if len(changes) == together || (row+1)*dimension == len(vectors) {
			if _, err := table.Commit("rows", changes); err != nil {
				return nil, err
			}
			changes = changes[:0]
		}
	}
	return table, nil
}

func measure(r *report, o options, snapshot store.Snapshot, searches []vector.Search) error {
	for i := range searches {
		searches[i].ID = snapshot.ID
	}
	blocks := func() []vector.Block { return snapshot.Blocks("vectors") }
	plain := blocks()
	for i := range plain {
		plain[i].Codes = vector.Codes{}
	}
	p50, found, _, err := single(searches[:min(len(searches), 24)], func() []vector.Block { return plain }, 1)
	if err != nil {
		return err
	}
	r.PlainP50 = p50
	var hits [][]vector.Hit
	if r.SingleP50, hits, r.Samples, err = single(searches, blocks, o.repeats); err != nil {
		return err
	}
	r.SingleP10 = quantile(r.Samples, 0.1)
	r.Same = true
	for i := range found {
		r.Same = r.Same && slices.Equal(found[i], hits[i])
	}
	for _, list := range hits {
		var rows []int
		for _, hit := range list {
			rows = append(rows, hit.Row)
		}
		r.Rows = append(r.Rows, rows)
	}
	if err := batches(r, o, blocks, searches, hits); err != nil {
		return err
	}
	if o.filters {
		return filtered(r, o, snapshot, searches, plain)
	}
	return nil
}

// single asks the queries one after the other and returns the median in ms, the hits of each, and all times.
func single(searches []vector.Search, blocks func() []vector.Block, repeats int) (p50 float64, hits [][]vector.Hit, times []float64, err error) {
	for range repeats {
		hits = hits[:0]
		for _, search := range searches {
			started := time.Now()
			found, err := search.Run(blocks())
			if err != nil {
				return 0, nil, nil, err
			}
			times = append(times, float64(time.Since(started).Nanoseconds())/1e6)
			hits = append(hits, found)
		}
	}
	return quantile(times, 0.5), hits, times, nil
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}

// batches asks many queries at once: the median of the rates of all batches.
func batches(r *report, o options, blocks func() []vector.Block, searches []vector.Search, hits [][]vector.Hit) error {
	var seconds []float64
	for range max(o.repeats, 3) {
		for at := 0; at+o.batch <= len(searches); at += o.batch {
			started := time.Now()
			found, err := vector.RunMany(searches[at:at+o.batch], blocks())
			if err != nil {
				return err
			}
			seconds = append(seconds, time.Since(started).Seconds())
			for i := range found {
				r.Same = r.Same && slices.Equal(found[i], hits[at+i])
			}
		}
	}
	if len(seconds) > 0 {
		r.Batch, r.BatchBest = float64(o.batch)/quantile(seconds, 0.5), float64(o.batch)/slices.Min(seconds)
	}
	return nil
}

// filtered lets queries find every row whose scattered number is below a share.
func filtered(r *report, o options, snapshot store.Snapshot, searches []vector.Search, plain []vector.Block) error {
	rows := snapshot.Rows()
	for _, share := range []float64{0.01, 0.1, 0.5, 0.9} {
		allowed := vector.NewBitmap(rows)
		for row := range rows {
			if scattered := uint32(row) * 2654435761; float64(scattered) < share*(1<<32) {
				allowed.Add(row)
			}
		}
		some := slices.Clone(searches)
		for i := range some {
			some[i].Allowed = allowed
		}
		p50, hits, times, err := single(some, func() []vector.Block { return snapshot.Blocks("vectors") }, o.repeats)
		if err != nil {
			return err
		}
		_, want, _, err := single(some[:min(len(some), 24)], func() []vector.Block { return plain }, 1)
		if err != nil {
			return err
		}
		same := true
		for i := range want {
			same = same && slices.Equal(want[i], hits[i])
		}
		r.Filtered = append(r.Filtered, masked{share, p50, quantile(times, 0.1), same})
	}
	return nil
}
