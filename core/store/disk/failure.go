package disk

import (
	"errors"
	"io/fs"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/sys/unix"

	"github.com/innerspace/innerspace/core/errs"
)

// explain turns an error of the catalogue or of the file system into one that says what happened to the store at path, and what to do.
func explain(err error, path string) error {
	var known *errs.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, sqlite3.FULL), errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return errs.Wrap(err, errs.LimitExceeded, "the disk of the store %s is full; nothing was changed. Free some room, then try again", path)
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return errs.Wrap(err, errs.LimitExceeded, "the store %s needs to open a file, and this process or system has too many open: %v. Close some, or raise the limit (ulimit -n)", path, err)
	case isDamage(err):
		return errs.Wrap(err, errs.InvalidInput, "the catalogue of the store %s is damaged: %v. Verify it and repair it, or take a copy that is not", path, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS), errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.PERM):
		return errs.Wrap(err, errs.Forbidden, "the store %s cannot be written to: %v. Open it for reading only, or change its permissions", path, err)
	case isBusy(err):
		return errs.Wrap(err, errs.Timeout, "the store %s is held up by another process: %v. Try again", path, err)
	case errors.Is(err, sqlite3.TOOBIG):
		return errs.Wrap(err, errs.LimitExceeded, "a value is too large for the store %s, which keeps up to %d MB a value", path, maxBlob>>20)
	case errors.Is(err, fs.ErrNotExist):
		return errs.Wrap(err, errs.NotFound, "a file of the store %s is missing: %v", path, err)
	}
	return errs.Wrap(err, errs.Internal, "the store %s failed: %v", path, err)
}

// isBusy says that another process holds something up.
func isBusy(err error) bool { return errors.Is(err, sqlite3.BUSY) || errors.Is(err, sqlite3.LOCKED) }
