package graph

// #include "graph.h"
import "C"

import (
	"unsafe"

	"github.com/innerspace/innerspace/core/vector"
)

// candidate is a row that a walk found.
type candidate struct {
	row   uint32
	key   float32 // its score by the codes
	slack float32 // what the score may be off by, but for one in some ten thousand rows
}

// walk returns the rows that a walk for a query finds, best first by the codes. complete says that it was not cut short by the budget.
// The caller holds mu.
func (g *Graph) walk(query []float32, width int, allowed vector.Bitmap, budget int) (found []candidate, complete bool, err error) {
	scratch := g.memory.scratch()
	if scratch == nil {
		return nil, false, outOfMemory()
	}
	defer g.memory.giveBack(scratch)
	found = make([]candidate, width)
	var first *C.uint64_t
	if len(allowed) > 0 {
		first = (*C.uint64_t)(unsafe.Pointer(&allowed[0]))
	}
	size := C.innerspace_graph_search(g.memory.graph, scratch, (*C.float)(unsafe.Pointer(&query[0])), C.size_t(width), first,
		C.size_t(len(allowed)), C.size_t(budget), (*C.graph_candidate)(unsafe.Pointer(&found[0])))
	if size < 0 {
		return nil, false, outOfMemory()
	}
	return found[:size], int(scratch.evaluated) <= budget, nil
}
