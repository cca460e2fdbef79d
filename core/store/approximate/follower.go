package approximate

import (
	"context"
	"math"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// addedAtOnce rows are read while nothing is committed, some milliseconds.
const addedAtOnce = 512

// follower brings a graph to the state of its index. It does not keep a list of what is to be done: it looks which rows the
// store has and the graph has not.
type follower struct {
	store store.Store
	index Index
	graph *graph.Graph

	mu     sync.Mutex
	idle   chan struct{} // closed when the goroutine at work ends; nil: none is
	again  bool          // the store changed since that looked
	closed bool
}

// follow sees to it that what the store has now comes into the graph.
func (f *follower) follow() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.again = true
	if f.idle != nil || f.closed {
		return
	}
	f.idle = make(chan struct{})
	go func() {
		for f.next() {
			// What fails, for want of memory, is scored exactly until the next change.
			_ = errs.Contain("following the store", f.catchUp)
		}
	}()
}

// next says whether there is more to do.
func (f *follower) next() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	more := f.again && !f.closed
	f.again = false
	if !more {
		close(f.idle)
		f.idle = nil
	}
	return more
}

// wait returns when there is nothing left to do.
func (f *follower) wait(ctx context.Context) error {
	f.mu.Lock()
	idle := f.idle
	f.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return errs.From(ctx.Err())
	}
}

func (f *follower) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

func (f *follower) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	_ = f.wait(context.Background())
	f.graph.Close()
}

func (f *follower) catchUp() error {
	var missing, gone []int
	err := f.store.Read(f.index.Schema, func(snapshot store.Snapshot) error {
		live := graph.LiveRows(snapshot.Blocks(f.index.Name))
		if f.graph.Len() == 0 && live.Count() < f.index.MinimumRows {
			return nil
		}
		missing, gone = f.graph.Differences(live)
		return nil
	})
	if err != nil {
		return err
	}
	f.graph.Delete(gone)
	for len(missing) > 0 && !f.isClosed() {
		some := missing[:min(len(missing), addedAtOnce)]
		missing = missing[len(some):]
		if err := f.graph.Add(some, f.vectors); err != nil {
			return err
		}
	}
	return nil
}

// vectors is the graph.Source of the index.
func (f *follower) vectors(use func(vector func(row int) []float32) error) error {
	return f.store.Read(f.index.Schema, func(snapshot store.Snapshot) error {
		live := graph.LiveRows(snapshot.Blocks(f.index.Name))
		return use(func(row int) []float32 {
			if !live.Has(row) {
				return nil
			}
			return snapshot.Vector(f.index.Name, row)
		})
	})
}

// mostWider is how much wider a search gets at most for the sake of its weights.
const mostWider = 16

// width is that of a search for a query: rows that are near in the parts that it weighs are spread over the graph the more, the
// fewer parts those are. By the square, because that keeps recall where it is: measured with bench/approximate on two parts.
func (f *follower) width(query []float32) int {
	width := float64(f.index.Width)
	if width == 0 {
		width = DefaultWidth * math.Cbrt(max(1, float64(f.graph.Len())/defaultWidthRows))
	}
	sum, squares := 0.0, 0.0
	for _, part := range f.index.Parts {
		length := vector.Norm(query[:part])
		query = query[part:]
		sum += length * length
		squares += length * length * length * length
	}
	if squares == 0 {
		return int(width)
	}
	active := sum * sum / squares // from 1 to the number of parts
	wider := float64(len(f.index.Parts)) / active
	return int(width * min(wider*wider, mostWider))
}
