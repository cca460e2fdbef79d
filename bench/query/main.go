// Command query measures what filters cost: the engine's whole query with and without them, and the filter alone (a limit of no rows),
// over random rows and a vector that is given. It prints a table of medians.
//
//	go run ./bench/query [-rows 100000] [-dimension 512] [-repeats 200]
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/innerspace/innerspace/core/engine"
)

const definition = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "brand", "type": "string"},
   {"name": "shelf", "type": "string"}, {"name": "price", "type": "float"}, {"name": "stock", "type": "integer"},
   {"name": "tags", "type": "string_list"}, {"name": "vector", "type": "float_list"}]}],
 "spaces": [{"type": "custom_space", "name": "space", "fields": [{"schema": "Item", "vector": "vector"}], "length": %d}],
 "indices": [{"type": "index", "name": "index", "spaces": ["space"], "fields": ["Item.brand", "Item.shelf", "Item.price", "Item.stock", "Item.tags"],
   "fields_to_exclude": ["Item.vector"]}]}`

const query = `{"version": 1, "type": "query", "index": "index", "schema": "Item", "limit": {"param": "limit"}, "contribution_rows": 0,
 "clauses": [{"type": "similar", "space": "space", "field": "vector", "value": {"param": "vector"}}], "filters": [%s]}`

func main() {
	count := flag.Int("rows", 100_000, "rows to put")
	dimension := flag.Int("dimension", 512, "length of a vector")
	repeats := flag.Int("repeats", 200, "runs of each query")
	flag.Parse()
	if err := run(*count, *dimension, *repeats); err != nil {
		fmt.Fprintln(os.Stderr, "query:", err)
		os.Exit(1)
	}
}

func run(count, dimension, repeats int) error {
	ctx := context.Background()
	e, err := engine.Open(ctx, fmt.Appendf(nil, definition, dimension))
	if err != nil {
		return err
	}
	defer e.Close()
	source := &rows{rng: rand.New(rand.NewPCG(1, 2)), total: count, dimension: dimension}
	if _, err := e.Put(ctx, source, engine.PutOptions{Schema: "Item", PerBatch: true}, nil); err != nil {
		return err
	}
	before := memory()
	values := make([]any, dimension)
	for i := range values {
		values[i] = source.rng.NormFloat64()
	}
	m := measurement{ctx: ctx, engine: e, vector: values, repeats: repeats}
	fmt.Printf("%d rows of %d dimensions, %d threads, medians of %d runs\n\n", count, dimension, runtime.GOMAXPROCS(0), repeats)
	fmt.Println("| filter | rows that pass | first run, ms | whole query, ms | filter alone, ms |\n|---|---|---|---|---|")
	for _, f := range filters {
		if err := m.row(f); err != nil {
			return err
		}
	}
	fmt.Printf("\nmemory of what filters made and kept: %.1f bytes a row\n", float64(memory()-before)/float64(count))
	return nil
}

// memory is what lives on the heap.
func memory() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

type measurement struct {
	ctx     context.Context
	engine  *engine.Engine
	vector  []any
	repeats int
}

func (m measurement) row(f named) error {
	prepared, err := m.engine.Prepare(fmt.Appendf(nil, query, strings.Join(f.groups, ",")))
	if err != nil {
		return err
	}
	first, passing, err := m.once(prepared, 0)
	if err != nil {
		return err
	}
	whole, err := m.median(prepared, 10)
	if err != nil {
		return err
	}
	alone, err := m.median(prepared, 0)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %d | %.3f | %.3f | %.3f |\n", f.name, passing, ms(first), ms(whole), ms(alone))
	return nil
}

func (m measurement) once(prepared *engine.Prepared, limit int) (time.Duration, int, error) {
	start := time.Now()
	result, err := prepared.Run(m.ctx, engine.Params{Scalars: map[string]any{"vector": m.vector, "limit": limit}})
	took := time.Since(start)
	if err != nil {
		return 0, 0, err
	}
	return took, result.Info.RowsSearched, nil
}

func (m measurement) median(prepared *engine.Prepared, limit int) (time.Duration, error) {
	times := make([]time.Duration, m.repeats)
	for i := range times {
		took, _, err := m.once(prepared, limit)
		if err != nil {
			return 0, err
		}
		times[i] = took
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
