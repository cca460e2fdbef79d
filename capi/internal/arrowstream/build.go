package arrowstream

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// owner keeps a producer's array alive for as long as a buffer of it is in
// use. It stands as the allocator of these buffers so that arrow's reference counts reach it.
type owner struct {
	users   atomic.Int64
	release func()
}

func (o *owner) done() {
	if o.users.Add(-1) == 0 {
		o.release()
	}
}

// Free is called when the last reference to a buffer goes.
func (o *owner) Free([]byte) { o.done() }

// Allocate is never called: foreign buffers are not written to.
func (o *owner) Allocate(int) []byte { panic("arrowstream: a foreign buffer was asked to grow") }

// Reallocate is never called: foreign buffers are not written to.
func (o *owner) Reallocate(int, []byte) []byte {
	panic("arrowstream: a foreign buffer was asked to grow")
}

// buffer views size bytes of the producer's memory. An empty buffer is nil, whatever its pointer.
func (o *owner) buffer(p uintptr, size int64) *memory.Buffer {
	if size == 0 || !isAddress(p) {
		return nil
	}
	o.users.Add(1)
	return memory.NewBufferWithAllocator(values[byte](p, size), o)
}

// build makes arrow data of an array that check has passed. The caller owns the reference.
func (l *layout) build(a *cArray, o *owner) arrow.ArrayData {
	buffers := l.buildBuffers(a, o)
	children := make([]arrow.ArrayData, len(l.children))
	for i, p := range values[uintptr](a.child, a.children) {
		children[i] = l.children[i].build((*cArray)(pointer(p)), o)
	}
	defer func() {
		memory.ReleaseBuffers(buffers)
		for _, child := range children {
			child.Release()
		}
	}()
	nulls := l.nullCount(a)
	if l.dictionary == nil {
		return array.NewData(l.dataType, int(a.length), buffers, children, nulls, int(a.offset))
	}
	dictionary := l.dictionary.build((*cArray)(pointer(a.dictionary)), o).(*array.Data)
	defer dictionary.Release()
	return array.NewDataWithDictionary(l.dataType, int(a.length), buffers, nulls, int(a.offset), dictionary)
}

// nullCount counts, because what the producer says may be wrong.
func (l *layout) nullCount(a *cArray) int {
	if l.shape == nullShape {
		return int(a.length)
	}
	valid := a.validity()
	if valid == nil {
		return 0
	}
	return int(a.length) - bitutil.CountSetBits(valid, int(a.offset), int(a.length))
}

func (l *layout) buildBuffers(a *cArray, o *owner) []*memory.Buffer {
	if l.shape == nullShape {
		return []*memory.Buffer{nil}
	}
	pointers := values[uintptr](a.buffer, a.buffers)
	n := a.offset + a.length
	buffers := make([]*memory.Buffer, l.shape.buffers(), len(pointers)+1)
	buffers[0] = o.buffer(pointers[0], bitutil.BytesForBits(n))
	switch l.shape {
	case fixedShape:
		buffers[1] = o.buffer(pointers[1], bitutil.BytesForBits(n*l.bits))
	case offset32, list32:
		if a.length > 0 {
			buffers[1] = o.buffer(pointers[1], 4*(n+1))
			if l.shape == offset32 {
				buffers[2] = o.buffer(pointers[2], int64(values[int32](pointers[1], n+1)[n]))
			}
		}
	case offset64, list64:
		if a.length > 0 {
			buffers[1] = o.buffer(pointers[1], 8*(n+1))
			if l.shape == offset64 {
				buffers[2] = o.buffer(pointers[2], values[int64](pointers[1], n+1)[n])
			}
		}
	case viewShape:
		buffers = buffers[:2]
		buffers[1] = o.buffer(pointers[1], n*int64(arrow.ViewHeaderSizeBytes))
		data := pointers[2 : len(pointers)-1]
		for i, size := range values[int64](pointers[len(pointers)-1], int64(len(data))) {
			buffers = append(buffers, o.buffer(data[i], size))
		}
	}
	return buffers
}
