//go:build !linux

package onnx

// affinity is unknown here; the caller takes runtime.NumCPU.
func affinity() int { return 0 }
