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
	"github.com/innerspace/innerspace/core/store/disk/salvage"
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
	if names, err = s.files.List(s.path); err != nil { // as they are since this process has the lock
		return err
	}
	if holds(names, repairedName) {
		return s.finishRepair()
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
	uuid, err := newUUID()
	if err == nil {
		err = s.makeCatalogue(uuid, nil)
	}
	if err != nil {
		return err
	}
	if err := s.files.Rename(filepath.Join(s.path, unfinishedName), filepath.Join(s.path, catalogueName)); err != nil {
		return err
	}
	for _, directory := range []string{s.segments.directory, s.path, filepath.Dir(s.path)} {
		if err := s.files.SyncDirectory(directory); err != nil {
			return err
		}
	}
	return nil
}

// makeCatalogue makes a catalogue under the name of one that is not finished, as core/store/disk/salvage can read it: an empty one, unless fill,
// which may be nil, puts something into it.
func (s *Store) makeCatalogue(uuid []byte, fill func(*connection) error) error {
	if err := s.removeBeside(unfinishedName, "", logSuffix, "-shm", "-journal"); err != nil {
		return err
	}
	c, err := connect(filepath.Join(s.path, unfinishedName), s.files.SQLite(), sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE,
		fmt.Sprint("page_size=", salvage.PageSize), "auto_vacuum=INCREMENTAL", "synchronous=FULL")
	if err != nil {
		return err
	}
	return errors.Join(fillCatalogue(c, uuid, fill), c.close())
}

// removeBeside removes those files that there are of a database and what SQLite puts beside it.
func (s *Store) removeBeside(name string, suffixes ...string) error {
	for _, suffix := range suffixes {
		if err := s.files.Remove(filepath.Join(s.path, name+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func newUUID() ([]byte, error) {
	uuid := make([]byte, 16)
	_, err := rand.Read(uuid)
	return uuid, err
}

// fillCatalogue makes the tables of a catalogue with checksums on its pages.
func fillCatalogue(c *connection, uuid []byte, fill func(*connection) error) error {
	if err := c.sqlite.EnableChecksums("main"); err != nil {
		return err
	}
	err := c.within("BEGIN IMMEDIATE", func() error {
		if err := c.sqlite.Exec(fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", applicationID, formatVersion) + catalogueSchema); err != nil {
			return err
		}
		if err := c.exec("INSERT INTO store(only_row, uuid, generation) VALUES(1, ?, 0)", uuid); err != nil || fill == nil {
			return err
		}
		return fill(c)
	})
	if err != nil {
		return err
	}
	return c.sqlite.Exec("PRAGMA journal_mode=WAL")
}
