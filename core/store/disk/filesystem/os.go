package filesystem

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// OS is the file system of the operating system.
type OS struct{}

var _ FileSystem = OS{}

// MakeDirectory implements FileSystem.
func (OS) MakeDirectory(path string) error { return os.MkdirAll(path, 0o755) }

// Create implements FileSystem.
func (OS) Create(path string) (File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Open implements FileSystem.
func (OS) Open(path string) (File, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Rename implements FileSystem.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements FileSystem.
func (OS) Remove(path string) error { return os.Remove(path) }

// List implements FileSystem.
func (OS) List(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, nil
}

// SyncDirectory implements FileSystem.
func (OS) SyncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}

// Map implements FileSystem. The file is not kept open, so that mappings cost no handles.
func (OS) Map(path string) (Mapping, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var info unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &info); err != nil {
		return nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if info.Size == 0 || info.Mode&unix.S_IFMT != unix.S_IFREG || int64(int(info.Size)) != info.Size {
		return &mapping{}, nil // nothing that can be mapped, and nothing that a reader wants
	}
	bytes, err := unix.Mmap(int(file.Fd()), 0, int(info.Size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "mmap", Path: path, Err: err}
	}
	return &mapping{bytes: bytes, path: path, file: info, guarded: guard(bytes)}, nil
}

type mapping struct {
	bytes   []byte
	path    string
	file    unix.Stat_t
	guarded guarded
}

func (m *mapping) Bytes() []byte { return m.bytes }

func (m *mapping) Close() error {
	if m.bytes == nil {
		return nil
	}
	bytes := m.bytes
	m.bytes = nil
	m.guarded.end()
	return unix.Munmap(bytes)
}

// Intact implements Fragile. A file that has another name by now, or none, is as it was.
func (m *mapping) Intact() error {
	if m.guarded.faulted() {
		return fmt.Errorf("the file %s was cut, or its disk cannot be read", m.path)
	}
	var now unix.Stat_t
	err := unix.Stat(m.path, &now)
	if err == nil && now.Dev == m.file.Dev && now.Ino == m.file.Ino && now.Size < int64(len(m.bytes)) {
		return fmt.Errorf("the file %s was cut from %d bytes to %d", m.path, len(m.bytes), now.Size)
	}
	return nil
}

// Lock implements FileSystem with flock, which the system gives back when the last process that has the file open ends.
func (OS) Lock(path, text string) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		held, _ := io.ReadAll(io.LimitReader(file, 1024))
		return nil, errors.Join(&Held{Text: string(held)}, file.Close())
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt([]byte(text), 0)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
