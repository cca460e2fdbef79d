package onnx

import (
	"math/bits"
	"syscall"
	"unsafe"
)

// affinity counts the cores that the calling thread may run on now; runtime.NumCPU
// tells how many it were when the library was loaded. 0 where the kernel does not say.
func affinity() int {
	var mask [128]uint64 // 8192 cores
	n, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if errno != 0 {
		return 0
	}
	cores := 0
	for _, word := range mask[:(n+7)/8] {
		cores += bits.OnesCount64(word)
	}
	return cores
}
