package arrowstream

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/arrow/memory/mallocator"
)

// Allocator allocates C memory, as what is exported must lie in (a C struct must not
// hold pointers that Go's collector manages), and counts it. It is safe for concurrent use.
type Allocator struct {
	malloc mallocator.Mallocator // counts too, but reads its counter without synchronisation
	bytes  atomic.Int64
}

var _ memory.Allocator = (*Allocator)(nil)

// Allocate returns size zeroed bytes.
func (a *Allocator) Allocate(size int) []byte {
	b := a.malloc.Allocate(size)
	a.bytes.Add(int64(cap(b)))
	return b
}

// Reallocate grows or shrinks b.
func (a *Allocator) Reallocate(size int, b []byte) []byte {
	before := cap(b)
	b = a.malloc.Reallocate(size, b)
	a.bytes.Add(int64(cap(b) - before))
	return b
}

// Free gives b back.
func (a *Allocator) Free(b []byte) {
	a.bytes.Add(-int64(cap(b)))
	a.malloc.Free(b)
}

// InUse returns the bytes given out and not got back.
func (a *Allocator) InUse() int64 { return a.bytes.Load() }
