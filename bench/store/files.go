package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

func walk(path string, each func(os.FileInfo)) error {
	return filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // files come and go
		}
		if info, err := entry.Info(); err == nil {
			each(info)
		}
		return nil
	})
}

// allocated is what a file takes on the disk, without its holes.
func allocated(info os.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return info.Size()
}
