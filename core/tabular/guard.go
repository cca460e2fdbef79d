package tabular

import (
	"errors"
	"runtime/debug"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/errs"
)

// guarded runs read and turns a panic into an error: arrow-go panics on arrays that contradict themselves, and memory
// that a producer promised but does not have faults. read only reads, so nothing is left half done.
func guarded(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = malformed("%v", cause)
		}
	}()
	return read()
}

// readerError is why a reader stopped, nil at the end of its stream.
func readerError(reader array.RecordReader) error {
	err := reader.Err()
	var ours *errs.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errs.StatusOf(err) == errs.Internal:
		return errs.Wrap(err, errs.InvalidInput, "reading the Arrow stream failed: %v", err)
	}
	return errs.From(err)
}
