// Package handle gives out numbers for objects, so that a caller on the other
// side of the C ABI never holds a pointer: a number that was closed, is of another kind or
// was never given out is an error. Numbers are never used again.
package handle

import (
	"sync"

	"github.com/innerspace/innerspace/core/errs"
)

// Kind is what a handle stands for. It is the top byte of the number, which
// also keeps small integers, the likeliest mistakes, from being handles.
type Kind uint8

const (
	Engine Kind = 0xe1
	Query  Kind = 0xe2
	Task   Kind = 0xe3
)

var names = map[Kind]string{Engine: "engine", Query: "query", Task: "task"}

func (k Kind) String() string { return names[k] }

const kindShift = 56

// Object is what can stand behind a handle.
type Object interface {
	// Close gives up what the object holds. It is called once, when no call uses the object any more.
	Close() error
}

type entry struct {
	object  Object
	users   int
	closing bool
	idle    chan struct{} // closed when the last user leaves a closing entry
}

// Registry gives out handles. The zero value is ready, and safe for concurrent use.
type Registry struct {
	mu      sync.Mutex
	last    uint64
	entries map[uint64]*entry
}

// Add gives out a handle for an object.
func (r *Registry) Add(kind Kind, object Object) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.entries == nil {
		r.entries = map[uint64]*entry{}
	}
	r.last++
	h := uint64(kind)<<kindShift | r.last
	r.entries[h] = &entry{object: object, idle: make(chan struct{})}
	return h
}

// Acquire returns the object behind a handle and keeps it from being closed
// until release is called. It returns an InvalidState error for a handle that is
// closed, of another kind, or not one of this registry.
func Acquire[T Object](r *Registry, kind Kind, h uint64) (object T, release func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refuse(kind, h); err != nil {
		return object, nil, err
	}
	e := r.entries[h]
	e.users++
	return e.object.(T), func() { r.release(e) }, nil
}

func (r *Registry) release(e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.users--; e.users == 0 && e.closing {
		close(e.idle)
	}
}

// Close takes a handle out at once, waits for the calls that use its object, and closes it.
func (r *Registry) Close(h uint64) error {
	e, err := r.remove(h)
	if err != nil {
		return err
	}
	<-e.idle
	return e.object.Close()
}

func (r *Registry) remove(h uint64) (*entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.refuse(Kind(h>>kindShift), h); err != nil {
		return nil, err
	}
	e := r.entries[h]
	delete(r.entries, h)
	e.closing = true
	if e.users == 0 {
		close(e.idle)
	}
	return e, nil
}

// Len returns the number of open handles.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.entries)
}

// refuse says why h is not an open handle of a kind.
func (r *Registry) refuse(kind Kind, h uint64) error {
	if r.entries[h] != nil && Kind(h>>kindShift) == kind {
		return nil
	}
	actual, sequence := Kind(h>>kindShift), h&(1<<kindShift-1)
	switch {
	case h == 0:
		return errs.New(errs.InvalidState, "0 is not a handle")
	case names[actual] == "" || sequence == 0 || sequence > r.last:
		return errs.New(errs.InvalidState, "%#x is not a handle that this library gave out", h)
	case actual != kind:
		return errs.New(errs.InvalidState, "the handle is of another kind: %s, where %s is needed", actual, kind)
	}
	return errs.New(errs.InvalidState, "the %s is closed", actual)
}
