package disk

import (
	"errors"
	"path/filepath"

	"github.com/innerspace/innerspace/core/errs"
)

// reading is a transaction that reads the catalogue, and the state that belongs to it.
type reading struct {
	connection *connection
	state      *state
}

// begin begins to read the latest commit.
func (s *Store) begin() (reading, error) {
	c, err := s.reader()
	if err != nil {
		return reading{}, err
	}
	missing := int64(-1)  // generation of which a segment was not there
	const attempts = 1000 // each fails only where a commit came in a moment of microseconds
	for range attempts {
		found, generation, err := s.tryBegin(c)
		if err == nil && found != nil {
			return reading{c, found}, nil
		}
		c.rollback()
		// A compaction may have removed a segment since the transaction began; then there is a later generation.
		if err != nil && (!gone(err) || generation == missing) {
			return reading{}, errors.Join(err, c.close())
		}
		if err != nil {
			missing = generation
		}
	}
	return reading{}, errors.Join(errs.New(errs.Timeout, "the store %s changes too fast to be read; try again", s.path), c.close())
}

// tryBegin begins a transaction and finds its state; none where another commit came in between.
func (s *Store) tryBegin(c *connection) (found *state, generation int64, err error) {
	if err := c.exec("BEGIN"); err != nil {
		return nil, 0, err
	}
	if generation, err = c.number("SELECT generation FROM store"); err != nil {
		return nil, 0, err
	}
	latest := s.segments.acquire()
	if latest != nil && latest.generation == generation {
		return latest, generation, nil
	}
	if latest != nil {
		defer s.segments.leave(latest)
		if latest.generation > generation {
			return nil, generation, nil
		}
	}
	made, err := s.load(c, latest)
	if err != nil {
		return nil, generation, err
	}
	s.segments.publish(made)
	return made, generation, nil
}

func (s *Store) end(r reading) {
	s.segments.leave(r.state)
	if err := r.connection.exec("COMMIT"); err != nil {
		r.connection.rollback()
	}
	select {
	case s.idle <- r.connection:
	default:
		_ = r.connection.close()
	}
}

// reader returns a connection that reads.
func (s *Store) reader() (*connection, error) {
	select {
	case c := <-s.idle:
		return c, nil
	default:
		return s.connectReader()
	}
}

func (s *Store) connectReader() (*connection, error) {
	c, err := connect(filepath.Join(s.path, catalogueName), s.files.SQLite(), s.flags, "query_only=ON", "cache_size=-8192")
	if err != nil {
		return nil, err
	}
	if err := s.checkCatalogue(c); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// checkCatalogue refuses a catalogue that this version cannot read, and learns the name of the store.
func (s *Store) checkCatalogue(c *connection) error {
	application, err := c.number("PRAGMA application_id")
	if err != nil {
		return err
	}
	if application != applicationID {
		return errs.New(errs.InvalidInput, "the file %s is not the catalogue of a store", filepath.Join(s.path, catalogueName))
	}
	version, err := c.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != formatVersion {
		return errs.New(errs.InvalidInput, "the store %s has format %d; this version of innerspace reads and writes %d", s.path, version, formatVersion)
	}
	uuid, err := c.bytes("SELECT uuid FROM store")
	if err != nil {
		return err
	}
	if !s.segments.learn(uuid) {
		return damagedCatalogue("no name of the store")
	}
	return nil
}
