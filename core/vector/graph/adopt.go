package graph

// #include "graph.h"
import "C"

import (
	"bytes"
	"hash/maphash"
	"math"
	"slices"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

// Adopt gives rows the nodes of deleted rows that had the same vectors, with all their links: rows that only got another number, as a
// store's compaction gives them, need not be linked anew. It returns the rows for which there was none. Vectors that no walk could tell
// apart, having one code, count as the same.
func (g *Graph) Adopt(rows []int, source Source) (rest []int, err error) {
	g.changing.Lock()
	defer g.changing.Unlock()
	if g.nothingGone() {
		return rows, nil
	}
	err = source(func(vector func(row int) []float32) error {
		for some := range slices.Chunk(rows, encodedAtOnce) { // searches get in between
			left, err := g.adoptSome(some, vector)
			if err != nil {
				return err
			}
			rest = append(rest, left...)
		}
		return nil
	})
	return rest, err
}

func (g *Graph) nothingGone() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return len(g.gone) == 0
}

func (g *Graph) adoptSome(rows []int, vectorOf func(row int) []float32) (rest []int, err error) {
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
			return nil, rowOutOfRange(row)
		}
		values := vectorOf(row)
		if len(values) != g.dimension || g.node(row) != 0 {
			rest = append(rest, row) // for Add to judge
			continue
		}
		scale := C.innerspace_graph_code(g.memory.graph, scratch, (*C.float)(unsafe.Pointer(&values[0])))
		code := unsafe.Slice((*byte)(unsafe.Pointer(scratch.codes)), int(g.memory.graph.code_bytes))
		node, found := g.sameCode(code, float32(scale))
		if !found {
			rest = append(rest, row)
			continue
		}
		g.gone.remove(code, node)
		C.innerspace_graph_adopt(g.memory.graph, C.uint32_t(node), C.uint32_t(row))
		g.grow(row)
		g.nodes[row] = node + 1
		g.linked.Add(row)
		g.rows++
		g.deleted--
	}
	return rest, nil
}

// sameCode finds a deleted node with a code.
func (g *Graph) sameCode(code []byte, scale float32) (uint32, bool) {
	for _, node := range g.gone[hashOf(code)] {
		if bytes.Equal(code, g.code(node)) && float32(C.graph_node(g.memory.graph, C.uint32_t(node)).scale) == scale {
			return node, true
		}
	}
	return 0, false
}

// code is the code of a node as it lies in memory.
func (g *Graph) code(node uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(C.graph_code(g.memory.graph, C.uint32_t(node)))), int(g.memory.graph.code_bytes))
}

// codes finds nodes by what their code hashes to.
type codes map[uint64][]uint32

var hashSeed = maphash.MakeSeed()

func hashOf(code []byte) uint64 { return maphash.Bytes(hashSeed, code) }

func (c *codes) add(code []byte, node uint32) {
	if *c == nil {
		*c = codes{}
	}
	hash := hashOf(code)
	(*c)[hash] = append((*c)[hash], node)
}

func (c codes) remove(code []byte, node uint32) {
	hash := hashOf(code)
	nodes := c[hash]
	at := slices.Index(nodes, node)
	switch {
	case at < 0:
	case len(nodes) == 1:
		delete(c, hash)
	default:
		c[hash] = slices.Delete(nodes, at, at+1)
	}
}
