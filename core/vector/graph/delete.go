package graph

// #include "graph.h"
import "C"

import "slices"

// Delete takes rows out; those that are not in the graph are passed over. Their nodes stay as ways to others until the graph is repaired.
// It waits for no Add.
func (g *Graph) Delete(rows []int) {
	const some = 4096 // searches get in between
	for chunk := range slices.Chunk(rows, some) {
		g.deleteSome(chunk)
	}
}

func (g *Graph) deleteSome(rows []int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, row := range rows {
		if row >= 0 {
			g.forget(row)
		}
	}
}

func (g *Graph) forget(row int) {
	node := g.node(row)
	if node == 0 {
		return
	}
	C.innerspace_graph_forget(g.memory.graph, C.uint32_t(node-1))
	if g.linked.Has(row) && !g.repairing {
		g.gone.add(g.code(node-1), node-1)
	} else {
		C.innerspace_graph_bypass(g.memory.graph, C.uint32_t(node-1))
	}
	g.nodes[row] = 0
	g.linked[row/64] &^= 1 << (row % 64)
	g.rows--
	g.deleted++
}

// Repair links what was linked through deleted nodes, which are then used for later rows. Add sees to it when a quarter of
// the nodes are deleted ones. Searches go on meanwhile.
func (g *Graph) Repair() error {
	g.changing.Lock()
	defer g.changing.Unlock()
	return g.repair()
}

const deletedOneIn = 4

// repairWhereDue is called with changing held.
func (g *Graph) repairWhereDue() error {
	g.mu.RLock()
	due := g.deleted*deletedOneIn > g.deleted+g.rows
	g.mu.RUnlock()
	if !due {
		return nil
	}
	return g.repair()
}

func (g *Graph) repair() error {
	deleted := g.deletedNodes()
	if len(deleted) == 0 {
		return nil
	}
	g.setRepairing(true)
	defer g.setRepairing(false)
	if err := g.bypass(); err != nil {
		return err
	}
	return g.freeNodes(deleted)
}

func (g *Graph) freeNodes(deleted []uint32) error {
	g.mu.Lock() // no walk is under way that could still hold a link to a deleted node
	defer g.mu.Unlock()
	if g.memory.graph == nil {
		return nil
	}
	g.memory.graph.entry = C.innerspace_graph_best_entry(g.memory.graph)
	g.deleted -= len(deleted) - len(g.free) // others may have been deleted meanwhile; links to them are still there
	g.free = deleted
	for _, node := range deleted {
		g.gone.remove(g.code(node), node)
		C.innerspace_graph_bypass(g.memory.graph, C.uint32_t(node))
	}
	return nil
}

func (g *Graph) setRepairing(is bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.repairing = is
}

// deletedNodes are those without a row, free ones too.
func (g *Graph) deletedNodes() (nodes []uint32) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.memory.graph == nil || g.deleted == 0 {
		return nil
	}
	for node := range g.memory.graph.nodes.count {
		if C.innerspace_graph_row(g.memory.graph, node) == C.GRAPH_NONE {
			nodes = append(nodes, uint32(node))
		}
	}
	return nodes
}

// bypass repairs the links of every node.
func (g *Graph) bypass() error {
	const some = 256 // nodes at a time, for whose scratch space what it takes to prepare it is little
	g.mu.RLock()
	nodes := 0
	if g.memory.graph != nil {
		nodes = int(g.memory.graph.nodes.count)
	}
	g.mu.RUnlock()
	return g.each(g.options.Workers, (nodes+some-1)/some, func(scratch *C.graph_scratch, i int) bool {
		if !bool(C.innerspace_graph_prepare_repair(g.memory.graph, scratch)) {
			return false
		}
		for node := i * some; node < min((i+1)*some, nodes); node++ {
			C.innerspace_graph_repair(g.memory.graph, scratch, C.uint32_t(node))
		}
		return true
	})
}
