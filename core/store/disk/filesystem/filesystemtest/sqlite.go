package filesystemtest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// sqliteDisk shows the disk to SQLite.
type sqliteDisk struct{ disk *Disk }

func (s sqliteDisk) Open(path string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if path == "" {
		return nil, flags, sqlite3.CANTOPEN
	}
	h, err := s.disk.open(Open, path, flags&vfs.OPEN_CREATE != 0, flags&vfs.OPEN_EXCLUSIVE != 0)
	if err != nil {
		return nil, flags, err
	}
	s.disk.mu.Lock()
	boot := s.disk.boot
	s.disk.mu.Unlock()
	name := fmt.Sprintf("%s-%d-%08x", s.disk.vfs, boot, crc32.ChecksumIEEE([]byte(path)))
	h.shared = vfs.NewSharedMemory(filepath.Join(s.disk.shared, name), flags)
	return &sqliteFile{handle: h, syncDirectory: flags&vfs.OPEN_CREATE != 0 && flags&(vfs.OPEN_MAIN_JOURNAL|vfs.OPEN_WAL) != 0}, flags, nil
}

func (s sqliteDisk) Delete(path string, syncDirectory bool) error {
	err := s.disk.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err != nil || !syncDirectory {
		return err
	}
	return s.disk.SyncDirectory(filepath.Dir(path))
}

func (s sqliteDisk) Access(path string, _ vfs.AccessFlag) (bool, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.disk.names[path] != nil, nil
}

func (s sqliteDisk) FullPathname(path string) (string, error) { return path, nil }

// sqliteFile is a file as SQLite sees it.
type sqliteFile struct {
	*handle
	syncDirectory bool
}

func (f *sqliteFile) Close() error {
	if f.shared != nil {
		_ = f.shared.Close()
	}
	return f.Unlock(vfs.LOCK_NONE)
}

func (f *sqliteFile) Sync(vfs.SyncFlag) error {
	if err := f.sync(); err != nil || !f.syncDirectory {
		return err
	}
	f.syncDirectory = false
	return f.disk.SyncDirectory(filepath.Dir(f.path))
}

func (f *sqliteFile) SharedMemory() vfs.SharedMemory { return f.shared }
func (f *sqliteFile) SectorSize() int                { return sector }
func (f *sqliteFile) LockState() vfs.LockLevel       { return f.level }

func (f *sqliteFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE | vfs.IOCAP_SUBPAGE_READ
}

// locks are those of SQLite on a file.
type locks struct {
	shared    int
	reserved  *handle
	exclusive *handle // pending or exclusive
}

func (f *sqliteFile) Lock(level vfs.LockLevel) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.level >= level {
		return nil
	}
	l := &f.locked
	others := l.exclusive != nil && l.exclusive != f.handle
	switch level {
	case vfs.LOCK_SHARED:
		if others {
			return sqlite3.BUSY
		}
		l.shared++
	case vfs.LOCK_RESERVED:
		if others || l.reserved != nil && l.reserved != f.handle {
			return sqlite3.BUSY
		}
		l.reserved = f.handle
	case vfs.LOCK_EXCLUSIVE:
		if others || l.reserved != nil && l.reserved != f.handle {
			return sqlite3.BUSY
		}
		l.exclusive = f.handle
		if l.shared > 1 {
			f.level = vfs.LOCK_PENDING
			return sqlite3.BUSY
		}
	}
	f.level = level
	return nil
}

func (f *sqliteFile) Unlock(level vfs.LockLevel) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.level <= level {
		return nil
	}
	l := &f.locked
	if l.exclusive == f.handle {
		l.exclusive = nil
	}
	if l.reserved == f.handle {
		l.reserved = nil
	}
	if level == vfs.LOCK_NONE && f.level >= vfs.LOCK_SHARED {
		l.shared--
	}
	f.level = level
	return nil
}

func (f *sqliteFile) CheckReservedLock() (bool, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return f.locked.reserved != nil || f.locked.exclusive != nil, nil
}
