package graph

// #include "graph.h"
import "C"

import (
	"bytes"
	"hash/maphash"
	"slices"
	"unsafe"
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
	err = g.exclusively(rows, func(scratch *C.graph_scratch, row int) error {
		values := vectorOf(row)
		if len(values) != g.dimension || g.node(row) != 0 {
			rest = append(rest, row) // for Add to judge
			return nil
		}
		code, scale := g.codeOf(scratch, values)
		node, found := g.sameCode(code, scale)
		if !found {
			rest = append(rest, row)
			return nil
		}
		g.gone.remove(code, node)
		C.innerspace_graph_adopt(g.memory.graph, C.uint32_t(node), C.uint32_t(row))
		g.grow(row)
		g.nodes[row] = node + 1
		g.linked.Add(row)
		g.rows++
		g.deleted--
		return nil
	})
	return rest, err
}

// Stale are those of the rows in the graph whose nodes were made of other vectors than they have.
func (g *Graph) Stale(rows []int, source Source) (stale []int, err error) {
	err = source(func(vectorOf func(row int) []float32) error {
		g.mu.RLock()
		defer g.mu.RUnlock()
		if g.memory.graph == nil {
			return nil
		}
		scratch := g.memory.scratch()
		if scratch == nil {
			return outOfMemory()
		}
		defer g.memory.giveBack(scratch)
		for _, row := range rows {
			if row < 0 || g.node(row) == 0 {
				continue
			}
			values := vectorOf(row)
			if len(values) != g.dimension {
				continue
			}
			code, scale := g.codeOf(scratch, values)
			if !g.hasCode(g.node(row)-1, code, scale) {
				stale = append(stale, row)
			}
		}
		return nil
	})
	return stale, err
}

// codeOf is the code that the node of a vector has, for as long as the scratch space is not used otherwise.
func (g *Graph) codeOf(scratch *C.graph_scratch, values []float32) (code []byte, scale float32) {
	made := C.innerspace_graph_code(g.memory.graph, scratch, (*C.float)(unsafe.Pointer(&values[0])))
	return unsafe.Slice((*byte)(unsafe.Pointer(scratch.codes)), int(g.memory.graph.code_bytes)), float32(made)
}

func (g *Graph) hasCode(node uint32, code []byte, scale float32) bool {
	return bytes.Equal(code, g.code(node)) && float32(C.graph_node(g.memory.graph, C.uint32_t(node)).scale) == scale
}

// sameCode finds a deleted node with a code.
func (g *Graph) sameCode(code []byte, scale float32) (uint32, bool) {
	for _, node := range g.gone[hashOf(code)] {
		if g.hasCode(node, code, scale) {
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
