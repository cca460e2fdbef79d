// Package modelcache keeps files that were made from models, so that making them is done once a machine: a
// directory of entries, each under a key that says all that its content depends on.
//
// An entry appears whole or not at all, whoever else writes at the same time, and is verified by its hash
// before it is used: one that was damaged is removed and made again. Entries that were not used for longest
// make room for new ones. Nothing but files of the maker's is ever in an entry; nothing in it is run.
package modelcache

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/innerspace/innerspace/core/errs"
)

// DirectoryVariable is the environment variable that names the cache directory; without it the cache lies in
// the user's cache directory.
const DirectoryVariable = "INNERSPACE_CACHE_DIR"

// DefaultLimit is how many bytes the entries may have together.
const DefaultLimit = 8 << 30

// Cache is a directory of entries. It may be used by many goroutines and processes at the same time.
type Cache struct {
	directory string
	limit     int64
}

// Default is the user's cache.
func Default() (*Cache, error) {
	directory := os.Getenv(DirectoryVariable)
	if directory == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, errs.Wrap(err, errs.NotFound, "there is no cache directory (%v): name one with the environment variable %s", err, DirectoryVariable)
		}
		directory = filepath.Join(user, "innerspace")
	}
	return New(filepath.Join(directory, "models"), DefaultLimit), nil
}

// New is a cache in a directory, which is made when it is needed.
func New(directory string, limit int64) *Cache { return &Cache{directory: directory, limit: limit} }

// Entry returns the directory that holds the entry of a key, which is a sha256 in hex. Where there is none, fill is
// called with an empty directory. The directory stays until its files are in nobody's use: a file
// that is open or mapped outlives its removal.
//
// It fails with what fill fails with; InvalidState where the directory cannot be written, for the reason it gives;
// Cancelled when ctx ends.
func (c *Cache) Entry(ctx context.Context, key string, fill func(directory string) error) (string, error) {
	if raw, err := hex.DecodeString(key); err != nil || len(raw) != 32 {
		return "", errs.New(errs.Internal, "%q is no key of a model cache", key)
	}
	entry := filepath.Join(c.directory, key)
	switch err := verify(ctx, entry); {
	case err == nil:
		now := time.Now()
		_ = os.Chtimes(filepath.Join(entry, manifestName), now, now) // a cache that is only readable still serves
		return entry, nil
	case ctx.Err() != nil:
		return "", errs.From(ctx.Err())
	case !errors.Is(err, os.ErrNotExist):
		_ = os.RemoveAll(entry)
	}
	return entry, c.make(ctx, entry, fill)
}

// make fills a directory beside the entry and renames it.
func (c *Cache) make(ctx context.Context, entry string, fill func(directory string) error) error {
	if err := os.MkdirAll(c.directory, 0o755); err != nil {
		return unwritable(err)
	}
	c.removeAbandoned()
	temporary, err := os.MkdirTemp(c.directory, temporaryPrefix)
	if err != nil {
		return unwritable(err)
	}
	defer os.RemoveAll(temporary)
	if err := fill(temporary); err != nil {
		return err
	}
	size, err := writeManifest(ctx, temporary)
	if err != nil {
		return err
	}
	c.makeRoom(size)
	if err := os.Rename(temporary, entry); err != nil {
		// Somebody else was faster, or left a ruin; theirs does as well as ours.
		if verify(ctx, entry) == nil {
			return nil
		}
		_ = os.RemoveAll(entry)
		if err := os.Rename(temporary, entry); err != nil {
			return unwritable(err)
		}
	}
	return nil
}

func unwritable(err error) error {
	return errs.Wrap(err, errs.InvalidState,
		"the cache of models cannot be written: %v. Make room, or name another directory with the environment variable %s", err, DirectoryVariable)
}
