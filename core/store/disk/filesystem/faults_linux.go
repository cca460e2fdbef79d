package filesystem

/*
#cgo noescape innerspace_guard
#cgo nocallback innerspace_guard
#cgo noescape innerspace_faulted
#cgo nocallback innerspace_faulted
#cgo noescape innerspace_unguard
#cgo nocallback innerspace_unguard
#include "faults_linux.h"
*/
import "C"

import "unsafe"

// guarded is memory in which faults end nothing (faults_linux.c).
type guarded struct{ of *C.struct_mapped_range }

func guard(memory []byte) guarded {
	return guarded{C.innerspace_guard(unsafe.Pointer(unsafe.SliceData(memory)), C.size_t(len(memory)))}
}

// faulted says whether the memory is zeros since there was a fault.
func (g guarded) faulted() bool { return g.of != nil && C.innerspace_faulted(g.of) != 0 }

func (g guarded) end() {
	if g.of != nil {
		C.innerspace_unguard(g.of)
	}
}
