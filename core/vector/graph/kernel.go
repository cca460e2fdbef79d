package graph

// #include "graph.h"
import "C"

import "unsafe"

func init() { useKernel(kernels() - 1) } // the last that this machine can run is the fastest

// kernels is how many ways of multiplying codes this machine can run.
func kernels() int { return int(C.innerspace_graph_kernels()) }

// useKernel chooses one for the process and returns its name.
func useKernel(i int) string { return C.GoString(C.innerspace_graph_use_kernel(C.int(i))) }

// dotCodes multiplies a stored code, of bytes 128 more than their value, with a signed one of the same length, a multiple of 64.
func dotCodes(x []uint8, y []int8) int32 {
	n := C.size_t(len(x))
	code := (*C.int8_t)(unsafe.Pointer(&y[0]))
	return int32(C.innerspace_graph_multiply((*C.uint8_t)(unsafe.Pointer(&x[0])), code, n, C.innerspace_graph_offset(code, n)))
}
