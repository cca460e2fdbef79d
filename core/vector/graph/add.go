package graph

// #include "graph.h"
import "C"

import (
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// maxLength is the largest length of a vector in the graph. Squares of longer ones would leave float32; such rows stay out, and a
// search scores them exactly, as it does all rows that are not in the graph.
const maxLength = 1e15

const encodedAtOnce = 256

// Source lets use read vectors: of a row by number, nil where there is none. They need not stay after use returns.
type Source func(use func(vector func(row int) []float32) error) error

// Add puts rows into the graph, or puts them in anew if their vectors changed, and takes rows without a vector out. All vectors are read
// first, then links are made, which takes nearly all of the time.
func (g *Graph) Add(rows []int, source Source) error {
	g.changing.Lock()
	defer g.changing.Unlock()
	if err := g.repairWhereDue(); err != nil {
		return err
	}
	var added []encoded
	err := source(func(vector func(row int) []float32) (err error) {
		added, err = g.encode(rows, vector)
		return err
	})
	if err != nil {
		return err
	}
	if err := g.link(added); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, each := range added {
		if g.node(each.row) == each.node+1 { // not deleted meanwhile
			g.linked.Add(each.row)
		}
	}
	return nil
}

// encoded is a row that has a node, to which nothing links yet.
type encoded struct {
	row  int
	node uint32
}

func (g *Graph) encode(rows []int, vectorOf func(row int) []float32) (added []encoded, err error) {
	for some := range slices.Chunk(rows, encodedAtOnce) { // searches get in between
		if added, err = g.encodeSome(added, some, vectorOf); err != nil {
			return nil, err
		}
	}
	return added, nil
}

// exclusively calls for each of some rows while nobody searches.
func (g *Graph) exclusively(rows []int, each func(scratch *C.graph_scratch, row int) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.memory.graph == nil {
		return errs.New(errs.InvalidState, "the approximate index is closed")
	}
	scratch := g.memory.scratch()
	if scratch == nil {
		return outOfMemory()
	}
	defer g.memory.giveBack(scratch)
	for _, row := range rows {
		if row < 0 || row >= math.MaxUint32 {
			return errs.New(errs.InvalidInput, "a row number must be from 0 to %d, got %d", uint32(math.MaxUint32-1), row)
		}
		if err := each(scratch, row); err != nil {
			return err
		}
	}
	return nil
}

func (g *Graph) encodeSome(added []encoded, rows []int, vectorOf func(row int) []float32) ([]encoded, error) {
	err := g.exclusively(rows, func(scratch *C.graph_scratch, row int) error {
		values := vectorOf(row)
		g.forget(row)
		if values == nil {
			return nil
		}
		if len(values) != g.dimension {
			return errs.New(errs.Internal, "row %d has a vector of length %d in an approximate index of dimension %d", row, len(values), g.dimension)
		}
		if length := vector.Norm(values); !(length <= maxLength) {
			return nil
		}
		node, ok := g.take()
		if !ok {
			return outOfMemory()
		}
		C.innerspace_graph_encode(g.memory.graph, scratch, C.uint32_t(node), C.uint32_t(row), (*C.float)(unsafe.Pointer(&values[0])))
		g.grow(row)
		g.nodes[row] = node + 1
		g.rows++
		added = append(added, encoded{row, node})
		return nil
	})
	return added, err
}

// grow makes room for a row.
func (g *Graph) grow(row int) {
	if missing := row + 1 - len(g.nodes); missing > 0 {
		g.nodes = append(g.nodes, make([]uint32, missing)...)
	}
	g.linked = g.linked.Reaching(row)
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
func (g *Graph) link(added []encoded) error {
	if len(added) == 0 {
		return nil
	}
	first := 0
	if g.empty() {
		// Walks begin at a node, so the first is linked, to nothing, before others look for it.
		if err := g.linkOn(1, added[:1]); err != nil {
			return err
		}
		first = 1
	}
	// A handful of nodes is linked by one, lest they miss each other.
	return g.linkOn(min(g.options.Workers, bits.Len(uint(len(added)/32))+1), added[first:])
}

func (g *Graph) empty() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.memory.graph != nil && g.memory.graph.entry == math.MaxUint64
}

func (g *Graph) linkOn(workers int, added []encoded) error {
	return g.each(workers, len(added), func(scratch *C.graph_scratch, i int) bool {
		return bool(C.innerspace_graph_insert(g.memory.graph, scratch, C.uint32_t(added[i].node)))
	})
}

// each runs work on 0 … n-1; work says false where memory is missing. Between any two others may have what each takes for reading.
func (g *Graph) each(workers, n int, work func(scratch *C.graph_scratch, i int) bool) error {
	var group sync.WaitGroup
	var next atomic.Int64
	var failed atomic.Bool
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !failed.Load(); i = int(next.Add(1)) - 1 {
				if !g.once(i, work) {
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

func (g *Graph) once(i int, work func(scratch *C.graph_scratch, i int) bool) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.memory.graph == nil {
		return true // closed
	}
	scratch := g.memory.scratch()
	if scratch == nil {
		return false
	}
	defer g.memory.giveBack(scratch)
	return work(scratch, i)
}
