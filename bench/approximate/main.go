// Command approximate builds a graph over the vectors of a file, or reads one that it built before, and prints what searching it takes
// and finds, as JSON. run.py calls it beside other libraries.
package main

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

type point struct {
	Width  int     `json:"width"`
	Recall float64 `json:"recall"`
	P50    float64 `json:"p50"` // microseconds
	P99    float64 `json:"p99"`
}

type report struct {
	BuildSeconds          float64 `json:"build_seconds,omitempty"`
	BuildProcessorSeconds float64 `json:"build_processor_seconds,omitempty"` // what it used of all processors
	Bytes                 int     `json:"bytes"`
	Curve                 []point `json:"curve"`
	ExactP50              float64 `json:"exact_p50"` // microseconds of the exact search
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	vectorsAt := flag.String("vectors", "", "file of float32 vectors")
	queriesAt := flag.String("queries", "", "file of float32 queries")
	index := flag.String("index", "", "file that the graph is kept in")
	dimension := flag.Int("dimension", 512, "length of a vector")
	widths := flag.String("widths", "10,20,40,80,160,320,640", "widths to search with; none: build only")
	passing := flag.Int("passing", 100, "percent of the rows that a filter lets pass, at random")
	options := graph.Options{}
	flag.IntVar(&options.Neighbours, "neighbours", 0, "see graph.Options")
	flag.IntVar(&options.BuildWidth, "build-width", 0, "see graph.Options")
	flag.IntVar(&options.Workers, "workers", 0, "see graph.Options")
	flag.Parse()

	vectors, err := read(*vectorsAt)
	if err != nil {
		return err
	}
	queries, err := read(*queriesAt)
	if err != nil {
		return err
	}
	blocks := blocksOf(vectors, *dimension)
	result := report{Curve: []point{}}
	g, err := load(*index, len(vectors) / *dimension)
	if err != nil {
		return err
	}
	if g == nil {
		started, used := time.Now(), processorSeconds()
		if g, err = build(vectors, *dimension, options); err != nil {
			return err
		}
		result.BuildSeconds, result.BuildProcessorSeconds = time.Since(started).Seconds(), processorSeconds()-used
		if err := save(g, *index); err != nil {
			return err
		}
	}
	result.Bytes = g.Bytes()
	if *widths != "" {
		m := newMeter(g, blocks, queries, *dimension, *passing)
		result.ExactP50 = m.exact()
		for text := range strings.SplitSeq(*widths, ",") {
			width, err := strconv.Atoi(text)
			if err != nil {
				return err
			}
			result.Curve = append(result.Curve, m.measure(width))
		}
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// processorSeconds is what this process used of all processors so far.
func processorSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func read(path string) ([]float32, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values, nil
}

// blocksOf has blocks as the store in memory does, with codes for the exact search.
func blocksOf(vectors []float32, dimension int) []vector.Block {
	const rows = 1024
	var blocks []vector.Block
	for first := 0; first < len(vectors)/dimension; first += rows {
		n := min(rows, len(vectors)/dimension-first)
		part := vectors[first*dimension : (first+n)*dimension]
		codes, err := vector.Encode(part, dimension)
		if err != nil {
			panic(err)
		}
		blocks = append(blocks, vector.Block{First: first, Rows: n, Vectors: part, Codes: codes})
	}
	return blocks
}

func build(vectors []float32, dimension int, options graph.Options) (*graph.Graph, error) {
	g, err := graph.New(dimension, options)
	if err != nil {
		return nil, err
	}
	rows := make([]int, len(vectors)/dimension)
	for i := range rows {
		rows[i] = i
	}
	return g, g.Add(rows, func(use func(func(int) []float32) error) error {
		return use(func(row int) []float32 { return vectors[row*dimension : (row+1)*dimension] })
	})
}

func load(path string, rows int) (*graph.Graph, error) {
	data, err := os.ReadFile(path)
	if path == "" || os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return graph.Read(data, rows, 1)
}

func save(g *graph.Graph, path string) error {
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := g.WriteTo(file); err != nil {
		return err
	}
	return file.Close()
}

type meter struct {
	g       *graph.Graph
	blocks  []vector.Block
	queries [][]float32
	allowed vector.Bitmap
	best    [][]vector.Hit
}

const limit = 10

func newMeter(g *graph.Graph, blocks []vector.Block, queries []float32, dimension, passing int) *meter {
	m := &meter{g: g, blocks: blocks}
	for at := 0; at < len(queries); at += dimension {
		m.queries = append(m.queries, queries[at:at+dimension])
	}
	if passing < 100 {
		last := blocks[len(blocks)-1]
		m.allowed = vector.NewBitmap(last.First + last.Rows)
		for row := range last.First + last.Rows {
			if uint32(row)*2654435761>>7%100 < uint32(passing) {
				m.allowed.Add(row)
			}
		}
	}
	return m
}

func (m *meter) search(query []float32) vector.Search {
	return vector.Search{
		Query: query, Limit: limit, Floor: math.Inf(-1), Allowed: m.allowed, Workers: 2,
		ID: func(row int) string { return strconv.Itoa(row) },
	}
}

// exact finds what there is to be found and says how long that took.
func (m *meter) exact() float64 {
	times := make([]float64, 0, len(m.queries))
	for _, query := range m.queries {
		started := time.Now()
		hits, err := m.search(query).Run(m.blocks)
		times = append(times, float64(time.Since(started).Nanoseconds())/1000)
		if err != nil {
			panic(err)
		}
		m.best = append(m.best, hits)
	}
	return percentile(times, 50)
}

func (m *meter) measure(width int) point {
	times := make([]float64, 0, len(m.queries))
	found := 0
	for i, query := range m.queries {
		started := time.Now()
		hits, err := m.g.Search(m.search(query), width, m.blocks)
		times = append(times, float64(time.Since(started).Nanoseconds())/1000)
		if err != nil {
			panic(err)
		}
		for _, hit := range hits {
			if hit.Score >= m.best[i][len(m.best[i])-1].Score {
				found++
			}
		}
	}
	return point{width, float64(found) / float64(limit*len(m.queries)), percentile(times, 50), percentile(times, 99)}
}

func percentile(times []float64, percent int) float64 {
	slices.SortFunc(times, cmp.Compare[float64])
	return times[(len(times)-1)*percent/100]
}
