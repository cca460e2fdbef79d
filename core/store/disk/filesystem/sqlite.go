package filesystem

import (
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// unmapped is the name of an SQLite VFS: the operating system's, whose files are read and never mapped, so that a database that is cut or
// cannot be read gives errors and no faults.
const unmapped = "innerspace-unmapped"

func init() { vfs.Register(unmapped, unmappedVFS{vfs.Find("os")}) }

// SQLite implements FileSystem.
func (OS) SQLite() string { return unmapped }

type unmappedVFS struct{ vfs.VFS }

func (v unmappedVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" {
		return v.OpenFilename(nil, flags)
	}
	return nil, flags, sqlite3.CANTOPEN
}

func (v unmappedVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := vfsutil.WrapOpenFilename(v.VFS, name, flags)
	if err != nil {
		return nil, flags, err
	}
	return unmappedFile{file}, flags, nil
}

// unmappedFile hands on what SQLite asks of a file, save for mapping it.
type unmappedFile struct{ vfs.File }

func (f unmappedFile) Unwrap() vfs.File               { return f.File }
func (f unmappedFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f unmappedFile) LockState() vfs.LockLevel       { return vfsutil.WrapLockState(f.File) }
func (f unmappedFile) PersistWAL() bool               { return vfsutil.WrapPersistWAL(f.File) }
func (f unmappedFile) SetPersistWAL(keep bool)        { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f unmappedFile) PowersafeOverwrite() bool       { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f unmappedFile) SetPowersafeOverwrite(is bool)  { vfsutil.WrapSetPowersafeOverwrite(f.File, is) }
func (f unmappedFile) SizeHint(size int64) error      { return vfsutil.WrapSizeHint(f.File, size) }
func (f unmappedFile) HasMoved() (bool, error)        { return vfsutil.WrapHasMoved(f.File) }
