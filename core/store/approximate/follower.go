package approximate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// addedAtOnce rows are read while nothing is committed, some milliseconds.
const addedAtOnce = 512

// follower brings a graph to the state of its index. It does not keep a list of what is to be done: it looks which rows the
// store has and the graph has not.
type follower struct {
	store    store.Store
	keeper   store.GraphKeeper // nil: the graph ends with the process
	index    Index
	current  atomic.Pointer[current]
	followed atomic.Int64 // generation of the store that was looked at last
	linked   atomic.Int64 // rows

	// Of the goroutine that follows.
	looked bool   // for a graph that was kept
	known  uint64 // the one that was read last, or could not be

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
	first := !f.closed
	f.closed = true
	f.mu.Unlock()
	_ = f.wait(context.Background())
	c := f.current.Load()
	if first {
		f.keepAtLast(c)
	}
	c.graph.Close()
}

// readOnly says that another process makes the graph, if any does.
func (f *follower) readOnly() bool { return f.keeper != nil && f.keeper.ReadOnly() }

func (f *follower) catchUp() error {
	f.load()
	c := f.current.Load()
	var missing, gone []int
	older := false
	err := f.store.Read(f.index.Schema, func(snapshot store.Snapshot) error {
		generation, spans := store.SpansOf(snapshot)
		f.followed.Store(generation)
		older = c.numbers.meet(spans, c.graph)
		live := graph.LiveRows(snapshot.Blocks(f.index.Name))
		if c.graph.Len() == 0 && (f.readOnly() || live.Count() < f.index.MinimumRows) {
			return nil
		}
		missing, gone = c.graph.Differences(live)
		return nil
	})
	if err != nil || older {
		return err
	}
	c.graph.Delete(gone)
	c.changes += len(gone)
	if f.readOnly() {
		missing = c.untried(missing)
	}
	rest, err := c.graph.Adopt(missing, f.vectors(c))
	if err != nil {
		return unlessOlder(err)
	}
	c.changes += len(missing) - len(rest)
	if !f.readOnly() {
		if err := f.add(c, rest); err != nil {
			return unlessOlder(err)
		}
	}
	f.settle(c)
	return nil
}

// untried are those of the rows that no node was looked for yet.
func (c *current) untried(rows []int) (untried []int) {
	for _, row := range rows {
		if !c.tried.Has(row) {
			c.tried = c.tried.Reaching(row)
			c.tried.Add(row)
			untried = append(untried, row)
		}
	}
	return untried
}

// add links rows, and settles now and then.
func (f *follower) add(c *current, rows []int) error {
	for some := range slices.Chunk(rows, addedAtOnce) {
		if f.isClosed() {
			return nil
		}
		if err := c.graph.Add(some, f.vectors(c)); err != nil {
			return err
		}
		c.changes += len(some)
		f.linked.Add(int64(len(some)))
		f.settle(c)
	}
	return nil
}

// errOlder ends what reads a snapshot that the graph is ahead of. There is a later one.
var errOlder = errors.New("the snapshot is older than the graph")

func unlessOlder(err error) error {
	if errors.Is(err, errOlder) {
		return nil
	}
	return err
}

// vectors is the graph.Source of the index.
func (f *follower) vectors(c *current) graph.Source {
	return func(use func(vector func(row int) []float32) error) error {
		return f.store.Read(f.index.Schema, func(snapshot store.Snapshot) error {
			_, spans := store.SpansOf(snapshot)
			if c.numbers.meet(spans, c.graph) {
				return errOlder
			}
			live := graph.LiveRows(snapshot.Blocks(f.index.Name))
			return use(func(row int) []float32 {
				if !live.Has(row) {
					return nil
				}
				return snapshot.Vector(f.index.Name, row)
			})
		})
	}
}

// settle measures a graph that has grown, and keeps it.
func (f *follower) settle(c *current) {
	f.measure(c)
	if c.changes*keptOneIn > c.graph.Len() {
		f.keep(c)
	}
}
