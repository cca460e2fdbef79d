package engine

import (
	"sync"

	"github.com/innerspace/innerspace/core/errs"
)

// calls counts the calls in flight, so that closing can wait for them.
type calls struct {
	mu      sync.Mutex
	changed sync.Cond
	running int
	closed  bool
}

func newCalls() *calls {
	c := &calls{}
	c.changed.L = &c.mu
	return c
}

// enter begins a call; leave ends it. A closed engine refuses.
func (c *calls) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errs.New(errs.InvalidState, "the engine is closed; open another one")
	}
	c.running++
	return nil
}

func (c *calls) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	c.changed.Broadcast()
}

// close refuses new calls and waits for those in flight. It returns false where another close came first.
func (c *calls) close() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.closed
	c.closed = true
	for c.running > 0 {
		c.changed.Wait()
	}
	return first
}
