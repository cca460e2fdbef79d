// Package graph finds rows of high inner product approximately, by walking a hierarchical navigable small-world graph
// (Malkov and Yashunin, 2018). Nodes are linked by Euclidean distance, whatever the lengths of the vectors, and walked by inner
// product: on such a graph the nearest neighbour of a query that is scaled up enough is the row of the highest inner product (Chen
// et al., "Maximum Inner Product is Query-Scaled Nearest Neighbor", 2025), and links made by inner product would leave most rows out
// of reach. Walks compare int8 codes of rotated vectors, which lie beside the links in C memory; what they find is scored again by
// vector.Dot on the caller's vectors, so that scores are those of the exact search.
//
// The graph knows rows by number. It does not keep their vectors, nor know what they stand for or which of them its caller has deleted.
package graph

// #cgo CFLAGS: -O3 -std=gnu11
// #cgo LDFLAGS: -lm
// #include "graph.h"
import "C"

import (
	"runtime"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// Graph is safe for concurrent use: rows are searched while others are added and deleted.
type Graph struct {
	dimension int
	options   Options

	// changing is held by what adds, repairs and stores, which may take long. mu is held by all, never for long: for reading by what
	// touches the C memory, and for writing where that grows, loses rows or goes.
	changing sync.Mutex
	mu       sync.RWMutex
	memory   *memory

	nodes   []uint32      // by row: its node plus 1, or 0
	free    []uint32      // nodes that may be used again, nothing links to them
	linked  vector.Bitmap // rows that a walk can find; a search scores the others of its caller's exactly
	rows    int           // rows in the graph
	deleted int           // nodes that are walked through and not found
	gone    codes         // of these, where they can be another row's

	repairing bool
	serial    uint64 // nodes made so far, from which their layers come
	lists     int    // lists of the upper layers in use
}

// memory is what lies outside the collector's reach.
type memory struct {
	graph *C.graph
	mu    sync.Mutex
	idle  []*C.graph_scratch
}

// New makes an empty graph of vectors of a dimension.
func New(dimension int, options Options) (*Graph, error) {
	options = options.withDefaults()
	if err := options.check(); err != nil {
		return nil, err
	}
	if dimension < 1 || dimension > MaxDimension {
		return nil, errs.New(errs.Unsupported, "an approximate index takes vectors of up to %d numbers, not of %d", MaxDimension, dimension)
	}
	made := C.innerspace_graph_new(C.size_t(dimension), C.uint32_t(options.Neighbours), C.uint32_t(options.BuildWidth), C.uint64_t(options.Seed))
	if made == nil {
		return nil, outOfMemory()
	}
	g := &Graph{dimension: dimension, options: options, memory: &memory{graph: made}}
	runtime.AddCleanup(g, (*memory).release, g.memory)
	return g, nil
}

func outOfMemory() error {
	return errs.New(errs.LimitExceeded, "there is not enough memory for the approximate index")
}

// Close gives the memory back. Later calls find an empty graph that takes no rows.
func (g *Graph) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.memory.release()
	g.nodes, g.free, g.linked, g.rows, g.deleted, g.gone = nil, nil, nil, 0, 0, nil
}

// release frees the C memory; it may be called twice.
func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, scratch := range m.idle {
		C.innerspace_graph_scratch_free(scratch)
	}
	m.idle = nil
	C.innerspace_graph_free(m.graph)
	m.graph = nil
}

// Len is the number of rows in the graph.
func (g *Graph) Len() int {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.rows
}

// Bytes is the memory that the graph takes, scratch space of searches apart.
func (g *Graph) Bytes() int {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.memory.graph == nil {
		return 0
	}
	return int(C.innerspace_graph_bytes(g.memory.graph)) + 4*cap(g.nodes)
}

// scratch lends what a walk needs; nil where there is no memory for it.
func (m *memory) scratch() *C.graph_scratch {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := len(m.idle) - 1; last >= 0 {
		scratch := m.idle[last]
		m.idle = m.idle[:last]
		return scratch
	}
	return C.innerspace_graph_scratch_new(m.graph)
}

func (m *memory) giveBack(scratch *C.graph_scratch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idle = append(m.idle, scratch)
}
