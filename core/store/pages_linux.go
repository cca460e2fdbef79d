package store

import (
	"syscall"
	"unsafe"
)

// inHugePages asks for the whole huge pages of some memory that nothing was written to yet: a scan of it then reads half as fast again
// (17 and 25 GB/s a core, measured in a virtual machine), since it looks up 512 times fewer pages. Where the system has none it changes nothing.
func inHugePages(memory []byte) {
	const size, hugePage = 2 << 20, 14 // MADV_HUGEPAGE
	if len(memory) < size {
		return
	}
	skip := int(-uintptr(unsafe.Pointer(&memory[0])) % size)
	if end := skip + (len(memory)-skip)/size*size; end > skip {
		_ = syscall.Madvise(memory[skip:end], hugePage)
	}
}
