// Package disk keeps the tables of an engine in a directory: ids, fields and what there is in an SQLite database, the catalogue,
// and the vectors in mapped segments beside it. A commit is there when the catalogue's transaction is. One process writes
// and any number of others read. docs/store.md describes the files and the promises. It knows nothing of how vectors are made or scored.
package disk

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
)

// Durability is what a commit that returned promises.
type Durability string

const (
	// Full is the default: rows survive a power cut.
	Full Durability = "full"
	// Fast lets rows of the last moments be lost by a power cut, but not by the end of the process, however it comes. What is there after a power
	// cut is right: lost rows are gone as if they had never been put.
	Fast Durability = "fast"
)

// Codec writes and reads what rows keep as their History.
type Codec interface {
	// Encode returns nil bytes for what need not be kept.
	Encode(history any) ([]byte, error)
	Decode(data []byte) (any, error)
}

// Options are how a store is opened. The zero Options are those of a store to write to.
type Options struct {
	ReadOnly   bool
	Durability Durability            // "": Full
	History    Codec                 // nil: a History is refused
	FileSystem filesystem.FileSystem // nil: the operating system's
	// Lost, where set, has Repair keep rows of which vectors alone are damaged: they stay without those. It is told their ids by table, that of the row
	// where a chunk is concerned, and what is stored as metadata, and returns metadata that is stored in the same commit.
	Lost func(ids map[string][]string, metadata map[string][]byte) (map[string][]byte, error)
}

// Store is a store.Store in a directory.
type Store struct {
	path     string
	options  Options
	files    filesystem.FileSystem
	lock     io.Closer
	segments *segments

	open    sync.RWMutex // held by calls; closing takes it alone
	closed  bool
	flags   sqlite3.OpenFlag // of connections that read
	idle    chan *connection // that read
	writing sync.Mutex
	writer  *writer // nil: the store is open for reading only
	tidying background
	columns columns
	broken  map[uint64]error // of segments that cannot be used; nil: such a store cannot be opened
}

var _ store.Store = (*Store)(nil)

// idleConnections is how many connections that read are kept between reads.
const idleConnections = 8

// Open opens the store in a directory, or makes one where there is none and it is not to be read only: an empty one, without tables.
// Where another process has it open for writing, opening it for writing is InvalidState and says which; a directory that holds something else, a
// store of another format and a damaged catalogue are InvalidInput; no store to read is NotFound.
func Open(path string, options Options) (*Store, error) { return openStore(path, options, nil) }

// openStore opens a store; with broken, which is filled with why, also one that has segments that cannot be used.
func openStore(path string, options Options, broken map[uint64]error) (*Store, error) {
	s, err := newStore(path, options, broken)
	if err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		_ = s.Close()
		return nil, explain(err, s.path)
	}
	return s, nil
}

// newStore is a store that is not open yet.
func newStore(path string, options Options, broken map[uint64]error) (*Store, error) {
	if options.FileSystem == nil {
		options.FileSystem = filesystem.OS{}
	}
	switch options.Durability {
	case "":
		options.Durability = Full
	case Full, Fast:
	default:
		return nil, errs.New(errs.InvalidInput, "unknown value %q; known are full, fast", options.Durability).At("durability")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, explain(err, path)
	}
	s := &Store{path: path, options: options, files: options.FileSystem, idle: make(chan *connection, idleConnections), broken: broken}
	s.segments = &segments{files: s.files, directory: filepath.Join(s.path, segmentsName), opened: map[uint64]*openSegment{}}
	return s, nil
}

func (s *Store) start() error {
	if s.options.ReadOnly {
		s.flags = sqlite3.OPEN_READONLY
		return s.startReading()
	}
	s.flags = sqlite3.OPEN_READWRITE
	if err := s.prepareDirectory(); err != nil {
		return err
	}
	writer, err := s.newWriter()
	if err != nil {
		return err
	}
	s.writer = writer
	if err := s.refresh(); err != nil {
		return err
	}
	return s.recover()
}

func (s *Store) startReading() error {
	names, err := s.files.List(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !holds(names, catalogueName) {
		return errs.New(errs.NotFound, "there is no store at %s to read", s.path)
	}
	err = s.refresh()
	if errors.Is(err, sqlite3.CANTOPEN) || errors.Is(err, sqlite3.READONLY) || errors.Is(err, fs.ErrPermission) {
		if holds(names, catalogueName+"-wal") {
			return errs.Wrap(err, errs.Forbidden, "the store %s was not closed, and nothing can be written beside it, which reading its log takes (%v): open it where that can be done, or read a copy", s.path, err)
		}
		s.flags |= immutable // on a medium that cannot be written to nothing changes either
		return s.refresh()
	}
	return err
}

// refresh loads the latest state.
func (s *Store) refresh() error {
	reading, err := s.begin()
	if err != nil {
		return err
	}
	s.end(reading)
	return nil
}

// Close gives everything back, among it the lock. What Fast commits wrote is made durable first.
func (s *Store) Close() error {
	s.tidying.stop()
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var failed error
	if s.writer != nil {
		failed = s.writer.close()
	}
	for {
		select {
		case c := <-s.idle:
			failed = errors.Join(failed, c.close())
			continue
		default:
		}
		break
	}
	if s.segments != nil {
		failed = errors.Join(failed, s.segments.close())
	}
	if s.lock != nil {
		failed = errors.Join(failed, s.lock.Close())
	}
	return explain(failed, s.path)
}

// enter begins a call; leave ends it.
func (s *Store) enter() error {
	s.open.RLock()
	if s.closed {
		s.open.RUnlock()
		return errs.New(errs.InvalidState, "the store %s is closed; open it again", s.path)
	}
	return nil
}

func (s *Store) leave() { s.open.RUnlock() }

// Path is the directory of the store.
func (s *Store) Path() string { return s.path }

// Tables describes the tables that are stored, in order of their making.
func (s *Store) Tables() ([]store.Table, error) {
	var tables []store.Table
	err := s.latest(func(r reading) error {
		tables = r.state.describe()
		return nil
	})
	return tables, err
}

// latest shows the latest commit of any process.
func (s *Store) latest(show func(reading) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	reading, err := s.begin()
	if err != nil {
		return explain(err, s.path)
	}
	defer s.end(reading)
	return show(reading)
}

// Read implements store.Store. It sees the latest commit of any process at its beginning, holds up nobody, and nobody holds it up.
func (s *Store) Read(name string, read func(store.Snapshot) error) error {
	return s.latest(func(r reading) error {
		table := r.state.tables[name]
		if table == nil {
			return errs.New(errs.Internal, "the store has no table %q", name)
		}
		snapshot := &snapshot{store: s, connection: r.connection, table: table, generation: r.state.generation}
		defer snapshot.release()
		err := read(snapshot)
		if failed := snapshot.intact(); failed != nil {
			return explain(failed, s.path)
		}
		if failed := snapshot.failure(); failed != nil {
			return explain(failed, s.path)
		}
		return err
	})
}
