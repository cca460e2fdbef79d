//go:build !unix

package quantize

import (
	"io"
	"os"
)

// mapped reads a file where it cannot be mapped.
func mapped(file *os.File, size int) ([]byte, func(), error) {
	data := make([]byte, size)
	_, err := io.ReadFull(file, data)
	return data, func() {}, err
}
