// Package safetensors reads the headers of safetensors files: which tensors there
// are, of what type and shape, and where in the file their numbers lie. It never
// reads the numbers themselves, so a model's weights can stay where they are on disk.
//
// Nothing in a file is trusted: every length, offset and count is checked against
// the file before it is used. It knows nothing of models.
package safetensors

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/innerspace/innerspace/core/errs"
)

// Caps on a header; the largest real ones have about 2 MB and some ten thousand tensors.
const (
	MaxHeaderBytes = 16 << 20
	MaxTensors     = 1 << 17
	maxRank        = 16
	maxNameBytes   = 1 << 10
)

// Tensor is where a tensor lies.
type Tensor struct {
	Name   string
	Type   Type
	Shape  []int64
	Path   string // of the file, absolute, symbolic links resolved
	Offset int64  // of the first byte in the file; not aligned to anything
	Bytes  int64  // the product of Shape times the size of Type
}

// Weights are the tensors of one or several files by name.
type Weights struct {
	tensors map[string]Tensor
	paths   []string
}

// Open reads the headers of files whose tensors make up one model.
//
// It fails with NotFound where a file is missing, InvalidInput where one is not
// a whole safetensors file or two hold a tensor of the same name, LimitExceeded where a
// header is over a cap.
func Open(paths ...string) (*Weights, error) {
	w := &Weights{tensors: map[string]Tensor{}}
	for _, path := range paths {
		resolved, err := filepath.Abs(path)
		if err == nil {
			resolved, err = filepath.EvalSymlinks(resolved)
		}
		if err != nil {
			return nil, openFailure(err, path)
		}
		if err := w.add(resolved); err != nil {
			return nil, err
		}
		w.paths = append(w.paths, resolved)
	}
	return w, nil
}

// Paths lists the files, absolute and with symbolic links resolved.
func (w *Weights) Paths() []string { return w.paths }

// Tensor finds a tensor by its name.
func (w *Weights) Tensor(name string) (Tensor, bool) {
	t, found := w.tensors[name]
	return t, found
}

// Len is the number of tensors.
func (w *Weights) Len() int { return len(w.tensors) }

// add reads one file. A pipe would block and a directory has no size, so only regular files are opened.
func (w *Weights) add(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return openFailure(err, path)
	}
	if !info.Mode().IsRegular() {
		return errs.New(errs.InvalidInput, "%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return openFailure(err, path)
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return openFailure(err, path)
	}
	tensors, err := readTensors(file, info.Size())
	if err != nil {
		return errs.From(err).At(path)
	}
	for _, t := range tensors {
		if before, twice := w.tensors[t.Name]; twice {
			return errs.New(errs.InvalidInput, "the tensor %q is in %s and in %s", t.Name, before.Path, path)
		}
		t.Path = path
		w.tensors[t.Name] = t
	}
	return nil
}

// lengthBytes is what the header's length takes at the start of the file.
const lengthBytes = 8

// readTensors reads the header of a file of size bytes.
func readTensors(from io.ReaderAt, size int64) ([]Tensor, error) {
	var length [lengthBytes]byte
	if n, err := from.ReadAt(length[:], 0); n < len(length) {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, errs.Wrap(err, errs.InvalidInput, "cannot be read: %v", err)
		}
		return nil, errs.New(errs.InvalidInput, "%d bytes are no safetensors file: was its download cut off?", n)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(size-lengthBytes) {
		return nil, errs.New(errs.InvalidInput, "its header is said to have %d bytes, but the file has %d: it is no safetensors file, or was cut off", n, size)
	}
	if n > MaxHeaderBytes {
		return nil, errs.New(errs.LimitExceeded, "its header has %d bytes; at most %d are read", n, MaxHeaderBytes)
	}
	header := make([]byte, n)
	if read, err := from.ReadAt(header, lengthBytes); read < len(header) {
		return nil, errs.Wrap(err, errs.InvalidInput, "its header cannot be read: %v", err)
	}
	return parseHeader(header, lengthBytes+int64(n), size)
}

func openFailure(err error, path string) error {
	status, reason := errs.InvalidInput, err.Error()
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		reason = pathError.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		status, reason = errs.NotFound, "it does not exist"
	}
	return errs.Wrap(err, status, "cannot open the weights %s: %s", path, reason)
}
