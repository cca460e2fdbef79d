// Package filesystem is all that a store on disk asks of the operating system, so that tests can take its place: one that
// forgets what was not synced, that is full, or that fails. It knows nothing of what is in the files.
package filesystem

import (
	"errors"
	"io"
)

// FileSystem keeps files. Paths are those of the operating system. Implementations are safe for concurrent use.
type FileSystem interface {
	// MakeDirectory makes a directory that may be there already.
	MakeDirectory(path string) error
	// Create makes a file for reading and writing; fs.ErrExist where there is one.
	Create(path string) (File, error)
	// Open opens a file for reading and writing; fs.ErrNotExist where there is none.
	Open(path string) (File, error)
	// Map shows the content of a file as memory; fs.ErrNotExist where there is none. What is written to the file later is seen
	// too, but not what is appended. Reading beyond the end of a file that was cut afterwards gives zeros or faults (Intact).
	Map(path string) (Mapping, error)
	Rename(from, to string) error
	Remove(path string) error
	// List names what is in a directory, in order; fs.ErrNotExist where there is none.
	List(directory string) ([]string, error)
	// SyncDirectory makes names in a directory durable: files made, renamed or removed.
	SyncDirectory(path string) error
	// Lock makes this process the only one that holds the file, which is made where there is none, until Close; the system gives the lock
	// back when the process ends, however it does. Held is returned where another holds it. The text is left in the file for others to read.
	Lock(path, text string) (io.Closer, error)
	// SQLite is the name of the SQLite VFS that works on the same files.
	SQLite() string
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Truncate sets the size; bytes that it adds are zero and need take no room on the disk.
	Truncate(size int64) error
	// Sync returns when what was written would survive a power cut. After an error it is unknown what did.
	Sync() error
}

// Mapping is a file as memory.
type Mapping interface {
	// Bytes must not be written to, nor used after Close.
	Bytes() []byte
	Close() error
}

// Fragile is a Mapping of a file that others may cut.
type Fragile interface {
	// Intact is an error where what was read may not have been what is in the file: it was cut meanwhile, or cannot be read.
	Intact() error
}

// Intact is that of a mapping that is fragile, and nil of others.
func Intact(m Mapping) error {
	if fragile, is := m.(Fragile); is {
		return fragile.Intact()
	}
	return nil
}

// Held says that another process has the lock.
type Held struct {
	Text string // what it left in the file; may be empty
}

func (h *Held) Error() string { return "the lock is held by another process: " + h.Text }

// IsHeld returns what the holder of a lock left, where that is why Lock failed.
func IsHeld(err error) (string, bool) {
	var held *Held
	if errors.As(err, &held) {
		return held.Text, true
	}
	return "", false
}
