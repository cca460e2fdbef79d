package graph

// #include "graph.h"
import "C"

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// maxLength is the largest length of a vector in the graph. Squares of longer ones would leave float32; such rows stay out, and a
// search scores them exactly, as it does all rows that are not in the graph.
const maxLength = 1e15

const encodedAtOnce = 1024

// Add puts rows into the graph, or puts them in anew if their vectors changed. The vectors are read first, then the links are made:
// vector is not called after encoded, which says that reading is over and may be nil.
func (g *Graph) Add(rows []int, vector func(row int) []float32, encoded func()) error {
	g.changing.Lock()
	defer g.changing.Unlock()
	err := g.repairWhereDue()
	var nodes []uint32
	if err == nil {
		nodes, err = g.encode(rows, vector)
	}
	if encoded != nil {
		encoded()
	}
	if err != nil {
		return err
	}
	if err := g.link(nodes); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, row := range rows {
		if g.node(row) > 0 {
			g.linked.Add(row)
		}
	}
	return nil
}

// encode gives rows nodes, which nothing links to yet.
func (g *Graph) encode(rows []int, vectorOf func(row int) []float32) (nodes []uint32, err error) {
	for len(rows) > 0 && err == nil {
		some := rows[:min(len(rows), encodedAtOnce)] // searches get in between
		rows = rows[len(some):]
		nodes, err = g.encodeSome(nodes, some, vectorOf)
	}
	return nodes, err
}

func (g *Graph) encodeSome(nodes []uint32, rows []int, vectorOf func(row int) []float32) ([]uint32, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.memory.graph == nil {
		return nil, errs.New(errs.InvalidState, "the approximate index is closed")
	}
	scratch := g.memory.scratch()
	if scratch == nil {
		return nil, outOfMemory()
	}
	defer g.memory.giveBack(scratch)
	for _, row := range rows {
		if row < 0 || row >= math.MaxUint32 {
			return nil, errs.New(errs.InvalidInput, "a row number must be from 0 to %d, got %d", uint32(math.MaxUint32-1), row)
		}
		values := vectorOf(row)
		if len(values) != g.dimension {
			return nil, errs.New(errs.Internal, "row %d has a vector of length %d in an approximate index of dimension %d", row, len(values), g.dimension)
		}
		g.forget(row)
		if length := vector.Norm(values); !(length <= maxLength) {
			continue
		}
		node, ok := g.take()
		if !ok {
			return nil, outOfMemory()
		}
		C.innerspace_graph_encode(g.memory.graph, scratch, C.uint32_t(node), C.uint32_t(row), (*C.float)(unsafe.Pointer(&values[0])))
		g.grow(row)
		g.nodes[row] = node + 1
		g.rows++
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// grow makes room for a row.
func (g *Graph) grow(row int) {
	if missing := row + 1 - len(g.nodes); missing > 0 {
		g.nodes = append(g.nodes, make([]uint32, missing)...)
	}
	if missing := row/64 + 1 - len(g.linked); missing > 0 {
		g.linked = append(g.linked, make(vector.Bitmap, missing)...)
	}
}

// node is the node of a row plus 1, or 0.
func (g *Graph) node(row int) uint32 {
	if row >= len(g.nodes) {
		return 0
	}
	return g.nodes[row]
}

// take returns a node that is free or new, on the layers that it reaches.
func (g *Graph) take() (uint32, bool) {
	if last := len(g.free) - 1; last >= 0 {
		node := g.free[last] // on the layers that it had
		g.free = g.free[:last]
		return node, true
	}
	level := g.level()
	node, lists := uint32(g.memory.graph.nodes.count), g.memory.graph.lists.count
	if node == C.GRAPH_NONE || !bool(C.innerspace_graph_reserve(g.memory.graph, C.size_t(node)+1, C.size_t(lists)+C.size_t(level))) {
		return 0, false
	}
	C.innerspace_graph_place(g.memory.graph, C.uint32_t(node), C.uint8_t(level), lists)
	g.memory.graph.nodes.count = C.uint32_t(node) + 1
	g.memory.graph.lists.count = lists + C.uint32_t(level)
	return node, true
}

// level draws the highest layer of the next node: each layer has a node in Neighbours of the one below.
func (g *Graph) level() int {
	g.serial++
	z := g.options.Seed ^ g.serial*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	uniform := (float64(z>>11) + 1) / (1 << 53) // in (0, 1]
	return min(int(-math.Log(uniform)/math.Log(float64(g.options.Neighbours))), C.GRAPH_MAX_LEVEL)
}

// link makes the links of encoded nodes.
func (g *Graph) link(nodes []uint32) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if len(nodes) > 0 && g.memory.graph.entry == math.MaxUint64 {
		// Walks begin at a node, so the first is linked, to nothing, before others look for it.
		if err := g.linkOn(1, nodes[:1]); err != nil {
			return err
		}
		nodes = nodes[1:]
	}
	// The graph of a handful of nodes is linked by one, lest they miss each other.
	workers := min(g.options.Workers, bits.Len(uint(len(nodes)/32))+1)
	return g.linkOn(workers, nodes)
}

func (g *Graph) linkOn(workers int, nodes []uint32) error {
	return g.each(workers, len(nodes), func(scratch *C.graph_scratch, i int) bool {
		return bool(C.innerspace_graph_insert(g.memory.graph, scratch, C.uint32_t(nodes[i])))
	})
}

// each runs work on 0 … n-1; work says false where memory is missing.
func (g *Graph) each(workers, n int, work func(scratch *C.graph_scratch, i int) bool) error {
	var group sync.WaitGroup
	var next atomic.Int64
	var failed atomic.Bool
	for range workers {
		group.Go(func() {
			scratch := g.memory.scratch()
			if scratch == nil {
				failed.Store(true)
				return
			}
			defer g.memory.giveBack(scratch)
			for i := int(next.Add(1)) - 1; i < n && !failed.Load(); i = int(next.Add(1)) - 1 {
				if !work(scratch, i) {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	if failed.Load() {
		return outOfMemory()
	}
	return nil
}
