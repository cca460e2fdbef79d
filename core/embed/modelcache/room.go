package modelcache

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const (
	temporaryPrefix = "making-"
	// abandonedAfter is how old a directory has to be that somebody began to fill: a process that was killed left it.
	abandonedAfter = 24 * time.Hour
)

// removeAbandoned removes what processes that were killed have left.
func (c *Cache) removeAbandoned() {
	entries, err := os.ReadDir(c.directory)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasPrefix(entry.Name(), temporaryPrefix) && time.Since(info.ModTime()) > abandonedAfter {
			_ = os.RemoveAll(filepath.Join(c.directory, entry.Name()))
		}
	}
}

// makeRoom removes entries, those first that were not used for longest, until one of size fits under the limit.
func (c *Cache) makeRoom(size int64) {
	entries, err := os.ReadDir(c.directory)
	if err != nil {
		return
	}
	type used struct {
		path  string
		bytes int64
		last  time.Time
	}
	var all []used
	total := size
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), temporaryPrefix) || !entry.IsDir() {
			continue
		}
		u := used{path: filepath.Join(c.directory, entry.Name())}
		u.bytes = directoryBytes(u.path)
		if info, err := os.Stat(filepath.Join(u.path, manifestName)); err == nil {
			u.last = info.ModTime()
		}
		all, total = append(all, u), total+u.bytes
	}
	sort.Slice(all, func(a, b int) bool { return all[a].last.Before(all[b].last) })
	for _, u := range all {
		if total <= c.limit {
			return
		}
		if os.RemoveAll(u.path) == nil {
			total -= u.bytes
		}
	}
}

func directoryBytes(path string) int64 {
	total := int64(0)
	_ = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}
