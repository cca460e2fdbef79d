package quantize

import (
	"errors"
	"io/fs"
	"math"
	"os"

	"github.com/innerspace/innerspace/core/errs"
)

// File is a file's content in memory.
type File struct {
	Bytes   []byte // not to be used after Close
	release func()
}

// OpenFile maps a file. It fails with NotFound or InvalidInput. The file must not shrink while it is open:
// as with every mapped file, the system would end the process.
func OpenFile(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		status := errs.InvalidInput
		if errors.Is(err, fs.ErrNotExist) {
			status = errs.NotFound
		}
		return nil, errs.Wrap(err, status, "cannot open %s: %v", path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, errs.Wrap(err, errs.InvalidInput, "cannot read %s: %v", path, err)
	case !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > math.MaxInt:
		return nil, errs.New(errs.InvalidInput, "%s is empty or not a regular file", path)
	}
	data, release, err := mapped(file, int(info.Size()))
	if err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "cannot read %s: %v", path, err)
	}
	return &File{Bytes: data, release: release}, nil
}

// Close gives the memory back.
func (f *File) Close() { f.release() }
