//go:build !linux

package store

// inHugePages is Linux' only: elsewhere the system decides.
func inHugePages([]byte) {}
