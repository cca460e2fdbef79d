package disk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
)

func holds(names []string, name string) bool { return slices.Contains(names, name) }

// prepareDirectory takes the lock of the store, and makes the store where there is none.
func (s *Store) prepareDirectory() error {
	names, err := s.files.List(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range names {
		if !ours(name) && !holds(names, catalogueName) {
			return errs.New(errs.InvalidInput, "the directory %s is not a store, and is not empty: it has %s. Name a directory that is new or empty", s.path, name)
		}
	}
	if err := s.files.MakeDirectory(s.segments.directory); err != nil {
		return err
	}
	if err := s.takeLock(); err != nil {
		return err
	}
	if holds(names, catalogueName) {
		return nil
	}
	return s.create()
}

// ours says whether a store makes files of a name.
func ours(name string) bool {
	return name == lockName || name == segmentsName || name == graphsName || strings.HasPrefix(name, catalogueName)
}

// takeLock makes this process the only writer.
func (s *Store) takeLock() error {
	host, _ := os.Hostname()
	text := fmt.Sprintf("pid %d\nhost %s\nsince %s\n", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	lock, err := s.files.Lock(filepath.Join(s.path, lockName), text)
	if held, is := filesystem.IsHeld(err); is {
		return errs.Wrap(err, errs.InvalidState, "the store %s is open for writing %s. One app writes at a time: close the one that has it, or open the store here for reading only", s.path, holder(held, host))
	}
	s.lock = lock
	return err
}

// holder says who holds a lock, by what it left in the file.
func holder(text, host string) string {
	var pid, on, since string
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "pid":
			pid = rest
		case "host":
			on = rest
		case "since":
			since = rest
		}
	}
	if pid == "" {
		return "in another process"
	}
	where := fmt.Sprintf("in process %s on %s since %s", pid, on, since)
	number, err := strconv.Atoi(pid)
	switch {
	case err != nil || on != host:
	case number == os.Getpid():
		where = fmt.Sprintf("in this process (%s) since %s", pid, since)
	case processEnded(number):
		where += " (which has ended: a process that it started holds the lock still)"
	}
	return where
}

// create makes an empty store: its catalogue gets its name when it is whole.
func (s *Store) create() error {
	temporary := filepath.Join(s.path, catalogueName+".new")
	for _, leftover := range []string{"", "-wal", "-shm", "-journal"} {
		if err := s.files.Remove(temporary + leftover); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	c, err := connect(temporary, s.files.SQLite(), sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE, "page_size=4096", "auto_vacuum=INCREMENTAL", "synchronous=FULL")
	if err != nil {
		return err
	}
	if err := errors.Join(fillCatalogue(c), c.close()); err != nil {
		return err
	}
	if err := s.files.Rename(temporary, filepath.Join(s.path, catalogueName)); err != nil {
		return err
	}
	for _, directory := range []string{s.segments.directory, s.path, filepath.Dir(s.path)} {
		if err := s.files.SyncDirectory(directory); err != nil {
			return err
		}
	}
	return nil
}

// fillCatalogue makes an empty catalogue with checksums on its pages.
func fillCatalogue(c *connection) error {
	if err := c.sqlite.EnableChecksums("main"); err != nil {
		return err
	}
	err := c.within("BEGIN IMMEDIATE", func() error {
		if err := c.sqlite.Exec(fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", applicationID, formatVersion) + catalogueSchema); err != nil {
			return err
		}
		var uuid [16]byte
		if _, err := rand.Read(uuid[:]); err != nil {
			return err
		}
		return c.exec("INSERT INTO store(only_row, uuid, generation) VALUES(1, ?, 0)", uuid[:])
	})
	if err != nil {
		return err
	}
	return c.sqlite.Exec("PRAGMA journal_mode=WAL")
}
