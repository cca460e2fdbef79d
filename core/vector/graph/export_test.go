package graph

import "math"

// WalkAll walks without asking whether a scan would be less work.
func (g *Graph) WalkAll(query []float32, width int) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	_, _, _ = g.walk(query, width, nil, math.MaxInt32)
}
