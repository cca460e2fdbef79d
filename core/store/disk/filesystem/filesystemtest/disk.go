// Package filesystemtest has a disk for tests, in memory: one that forgets at a power cut what was not synced, and parts of it
// even so, and that fails where a test says.
package filesystemtest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/innerspace/innerspace/core/store/disk/filesystem"
)

// Operation is something that a disk is asked to do.
type Operation string

// The operations that Disk.Before is asked about.
const (
	Create        Operation = "create"
	Open          Operation = "open"
	Map           Operation = "map"
	Write         Operation = "write"
	Truncate      Operation = "truncate"
	Sync          Operation = "sync"
	Rename        Operation = "rename"
	Remove        Operation = "remove"
	SyncDirectory Operation = "sync directory"
)

// ErrPower is the failure of all operations after a power cut, until PowerOn.
var ErrPower = errors.New("the power is off")

// Disk is a filesystem.FileSystem in memory.
type Disk struct {
	// Before is called before each operation, which it can make fail; nil: none does. It may call CutPower.
	Before func(operation Operation, path string) error

	mu      sync.Mutex
	off     bool
	names   map[string]*node // as they are
	durable map[string]*node // as they are on the disk
	pending []naming         // names changed since their directories were synced
	locks   map[string]string
	boot    int
	vfs     string
	shared  string // directory of the memory that SQLite's connections share
}

// naming is a change of a name: the file that it names from then on, nil for none.
type naming struct {
	path string
	file *node
}

var _ filesystem.FileSystem = (*Disk)(nil)

var disks atomic.Int64

// NewDisk makes an empty disk. The directory, of the real file system, is for memory that SQLite's connections share.
func NewDisk(directory string) *Disk {
	d := &Disk{
		names: map[string]*node{}, durable: map[string]*node{}, locks: map[string]string{},
		vfs: fmt.Sprint("innerspace-test-", disks.Add(1)), shared: directory,
	}
	vfs.Register(d.vfs, sqliteDisk{d})
	return d
}

// Close forgets the disk.
func (d *Disk) Close() { vfs.Unregister(d.vfs) }

// begin is the start of every operation.
func (d *Disk) begin(operation Operation, path string) error {
	d.mu.Lock()
	off := d.off
	d.mu.Unlock()
	if off {
		return ErrPower
	}
	if d.Before != nil {
		if err := d.Before(operation, path); err != nil {
			return &fs.PathError{Op: string(operation), Path: path, Err: err}
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return ErrPower
	}
	return nil
}

// CutPower makes every operation fail from now on.
func (d *Disk) CutPower() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
}

// PowerOn begins anew with what is on the disk: what was synced, and of the rest what chance leaves. Locks are gone.
func (d *Disk) PowerOn(chance *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = false
	d.boot++
	d.locks = map[string]string{}
	// Names are changed in their order by journals: a part of the latest changes is there.
	for _, change := range d.pending[:chance.IntN(len(d.pending)+1)] {
		set(d.durable, change)
	}
	d.pending = nil
	d.names = map[string]*node{}
	kept := map[*node]*node{}
	for _, path := range sortedKeys(d.durable) {
		old := d.durable[path]
		if kept[old] == nil {
			kept[old] = &node{disk: d, content: old.afterPowerCut(chance)}
			kept[old].durable = slices.Clone(kept[old].content)
		}
		d.names[path], d.durable[path] = kept[old], kept[old]
	}
}

// Restart begins anew with all that was written, synced or not, as when a process is killed.
func (d *Disk) Restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = false
	d.boot++
	d.locks = map[string]string{}
	for path, old := range d.names { // what the killed process still has is not what others see
		d.names[path] = &node{disk: d, content: slices.Clone(old.content), durable: old.durable, unsynced: old.unsynced}
		if d.durable[path] == old {
			d.durable[path] = d.names[path]
		}
		for i := range d.pending {
			if d.pending[i].file == old {
				d.pending[i].file = d.names[path]
			}
		}
	}
}

// Content is what is in a file; nil where there is none. It can be changed, to damage the file.
func (d *Disk) Content(path string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.names[path]; n != nil {
		return n.content
	}
	return nil
}

// Size is how many bytes all files have together.
func (d *Disk) Size() (bytes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.names {
		bytes += len(n.content)
	}
	return bytes
}

// SQLite implements filesystem.FileSystem.
func (d *Disk) SQLite() string { return d.vfs }

// MakeDirectory implements filesystem.FileSystem. Directories are there by themselves.
func (d *Disk) MakeDirectory(string) error { return nil }

// Create implements filesystem.FileSystem.
func (d *Disk) Create(path string) (filesystem.File, error) {
	return d.plain(d.open(Create, path, true, true))
}

// Open implements filesystem.FileSystem.
func (d *Disk) Open(path string) (filesystem.File, error) {
	return d.plain(d.open(Open, path, false, false))
}

func (d *Disk) plain(h *handle, err error) (filesystem.File, error) {
	if err != nil {
		return nil, err
	}
	return plainFile{h}, nil
}

func (d *Disk) open(operation Operation, path string, create, exclusive bool) (*handle, error) {
	if err := d.begin(operation, path); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.names[path]
	switch {
	case n == nil && !create:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	case n != nil && exclusive:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrExist}
	case n == nil:
		n = &node{disk: d}
		d.name(path, n)
	}
	return &handle{node: n, path: path}, nil
}

// name changes what a path names.
func (d *Disk) name(path string, n *node) {
	change := naming{path, n}
	set(d.names, change)
	d.pending = append(d.pending, change)
}

func set(names map[string]*node, change naming) {
	if change.file == nil {
		delete(names, change.path)
	} else {
		names[change.path] = change.file
	}
}

// Map implements filesystem.FileSystem.
func (d *Disk) Map(path string) (filesystem.Mapping, error) {
	if err := d.begin(Map, path); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.names[path]
	if n == nil {
		return nil, &fs.PathError{Op: "map", Path: path, Err: fs.ErrNotExist}
	}
	return mapping{n.content}, nil
}

type mapping struct{ content []byte }

func (m mapping) Bytes() []byte { return m.content }
func (m mapping) Close() error  { return nil }

// Rename implements filesystem.FileSystem.
func (d *Disk) Rename(from, to string) error {
	if err := d.begin(Rename, from); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.names[from]
	if n == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	d.name(to, n)
	d.name(from, nil)
	return nil
}

// Remove implements filesystem.FileSystem.
func (d *Disk) Remove(path string) error {
	if err := d.begin(Remove, path); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names[path] == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	d.name(path, nil)
	return nil
}

// List implements filesystem.FileSystem.
func (d *Disk) List(directory string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, path := range sortedKeys(d.names) {
		if rest, inside := strings.CutPrefix(path, directory+string(filepath.Separator)); inside {
			name, _, _ := strings.Cut(rest, string(filepath.Separator))
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// SyncDirectory implements filesystem.FileSystem.
func (d *Disk) SyncDirectory(path string) error {
	if err := d.begin(SyncDirectory, path); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pending = slices.DeleteFunc(d.pending, func(change naming) bool {
		if filepath.Dir(change.path) != path {
			return false
		}
		set(d.durable, change)
		return true
	})
	return nil
}

// Lock implements filesystem.FileSystem.
func (d *Disk) Lock(path, text string) (io.Closer, error) {
	if err := d.begin(Open, path); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if held, is := d.locks[path]; is {
		return nil, &filesystem.Held{Text: held}
	}
	d.locks[path] = text
	return unlock{d, path, d.boot}, nil
}

type unlock struct {
	disk *Disk
	path string
	boot int
}

func (u unlock) Close() error {
	u.disk.mu.Lock()
	defer u.disk.mu.Unlock()
	if u.boot == u.disk.boot {
		delete(u.disk.locks, u.path)
	}
	return nil
}

func sortedKeys(names map[string]*node) []string {
	keys := make([]string, 0, len(names))
	for key := range names {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
