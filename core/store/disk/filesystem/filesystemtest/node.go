package filesystemtest

import (
	"io"
	"math/rand/v2"
	"slices"

	"github.com/ncruces/go-sqlite3/vfs"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// node is a file: what is in it, and what of it is on the disk.
type node struct {
	disk     *Disk
	content  []byte
	durable  []byte
	unsynced []writing // since durable
	locked   locks
}

// writing is a write, or with size a change of the size.
type writing struct {
	at    int64
	bytes []byte
	size  int64 // -1: a write
}

func (n *node) apply(w writing) {
	n.content = applied(n.content, w)
}

func applied(content []byte, w writing) []byte {
	end := w.at + int64(len(w.bytes))
	if w.size >= 0 {
		if w.size <= int64(len(content)) {
			return content[:w.size:w.size]
		}
		end = w.size
	}
	if missing := end - int64(len(content)); missing > 0 {
		content = append(content, make([]byte, missing)...)
	}
	copy(content[w.at:], w.bytes)
	return content
}

// afterPowerCut is what a disk has of a file: what was synced, and of each later write all, nothing, some sectors, or a part that ends anywhere.
func (n *node) afterPowerCut(chance *rand.Rand) []byte {
	content := slices.Clone(n.durable)
	for _, w := range n.unsynced {
		if w.size >= 0 {
			if chance.IntN(2) == 0 {
				content = applied(content, w)
			}
			continue
		}
		switch chance.IntN(4) {
		case 0:
			content = applied(content, w)
		case 1:
		case 2:
			content = applied(content, writing{at: w.at, bytes: w.bytes[:chance.IntN(len(w.bytes)+1)], size: -1})
		case 3:
			for from := 0; from < len(w.bytes); {
				to := min(len(w.bytes), from+sector-int((w.at+int64(from))%sector))
				if chance.IntN(2) == 0 {
					content = applied(content, writing{at: w.at + int64(from), bytes: w.bytes[from:to], size: -1})
				}
				from = to
			}
		}
	}
	return content
}

// handle is an open file.
type handle struct {
	*node
	path   string
	level  vfs.LockLevel
	shared vfs.SharedMemory
}

func (h *handle) ReadAt(p []byte, at int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.off {
		return 0, ErrPower
	}
	if at >= int64(len(h.content)) {
		return 0, io.EOF
	}
	n := copy(p, h.content[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(p []byte, at int64) (int, error) {
	if err := h.disk.begin(Write, h.path); err != nil {
		return 0, err
	}
	h.write(writing{at: at, bytes: slices.Clone(p), size: -1})
	return len(p), nil
}

// Truncate sets the size.
func (h *handle) Truncate(size int64) error {
	if err := h.disk.begin(Truncate, h.path); err != nil {
		return err
	}
	h.write(writing{size: size})
	return nil
}

func (h *handle) write(w writing) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.apply(w)
	h.unsynced = append(h.unsynced, w)
}

// sync makes the content durable.
func (h *handle) sync() error {
	if err := h.disk.begin(Sync, h.path); err != nil {
		return err
	}
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	for _, w := range h.unsynced {
		h.durable = applied(h.durable, w)
	}
	h.unsynced = nil
	return nil
}

func (h *handle) Size() (int64, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return int64(len(h.content)), nil
}

// plainFile is a file as a store sees it.
type plainFile struct{ *handle }

func (f plainFile) Sync() error  { return f.sync() }
func (f plainFile) Close() error { return nil }
