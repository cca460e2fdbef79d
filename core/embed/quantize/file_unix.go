//go:build unix

package quantize

import (
	"os"
	"syscall"
)

// mapped maps a file into memory: only what is read of it is read from disk, and none of it is copied.
func mapped(file *os.File, size int) ([]byte, func(), error) {
	data, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return data, func() { _ = syscall.Munmap(data) }, nil
}
