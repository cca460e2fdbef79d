package disk

import (
	"os"
	"path/filepath"

	"github.com/innerspace/innerspace/core/errs"
)

// MustExist is NotFound where there is no store at a path, of the operating system's files; what is in it is not looked at.
func MustExist(path string) error {
	if _, err := os.Stat(filepath.Join(path, catalogueName)); err != nil {
		return errs.Wrap(err, errs.NotFound, "there is no store at %s", path)
	}
	return nil
}
