package graph

import (
	"runtime"

	"github.com/innerspace/innerspace/core/errs"
)

// Options are the trade-offs of a graph. What is 0 gets its default.
type Options struct {
	Neighbours int    // links that a new node asks for, and the most in an upper layer; the bottom layer has twice as many. Default 16
	BuildWidth int    // nodes kept while the links of a new one are looked for. Default 200
	Workers    int    // goroutines that link at most. Default: GOMAXPROCS. With 1 the graph depends on the rows, their order and the seed only
	Seed       uint64 // of the layers that nodes reach and of the rotation of codes
}

// Caps. A larger dimension would let the 32-bit sums of the kernels overflow.
const (
	MaxDimension  = 1 << 16
	maxNeighbours = 128
	maxBuildWidth = 1 << 14
)

func (o Options) withDefaults() Options {
	if o.Neighbours == 0 {
		o.Neighbours = 16
	}
	if o.BuildWidth == 0 {
		o.BuildWidth = 200
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// Dimension is that of the vectors.
func (g *Graph) Dimension() int { return g.dimension }

// MadeWith says whether the graph is made as the options ask for, whoever makes it.
func (g *Graph) MadeWith(options Options) bool {
	options, made := options.withDefaults(), g.options
	options.Workers, made.Workers = 0, 0
	return options == made
}

func (o Options) check() error {
	switch {
	case o.Neighbours < 2 || o.Neighbours > maxNeighbours:
		return errs.New(errs.InvalidInput, "neighbours must be from 2 to %d, got %d", maxNeighbours, o.Neighbours)
	case o.BuildWidth < 1 || o.BuildWidth > maxBuildWidth:
		return errs.New(errs.InvalidInput, "the build width must be from 1 to %d, got %d", maxBuildWidth, o.BuildWidth)
	case o.Workers < 1:
		return errs.New(errs.InvalidInput, "there must be at least one worker, got %d", o.Workers)
	}
	return nil
}
