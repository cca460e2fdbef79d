package disk

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/innerspace/innerspace/core/store/disk/filesystem"
	"github.com/innerspace/innerspace/core/store/disk/segment"
)

// segments are the mapped segments of a store, each mapped once however many states use it.
type segments struct {
	files     filesystem.FileSystem
	directory string
	store     atomic.Pointer[[16]byte] // the name of the store, as each reader learns it anew; nil before the first
	mu        sync.Mutex
	opened    map[uint64]*openSegment
	current   *state // the latest that was loaded; nil before the first
}

// openSegment is a mapped segment and the number of states that use it.
type openSegment struct {
	*segment.Segment
	number uint64
	users  int
}

// path is where a segment lies.
func (s *segments) path(number uint64) string {
	return filepath.Join(s.directory, fmt.Sprintf("%012d.seg", number))
}

// learn takes note of the name of the store; false where that is none.
func (s *segments) learn(uuid []byte) bool {
	if len(uuid) != 16 {
		return false
	}
	name := [16]byte(uuid)
	s.store.Store(&name)
	return true
}

// name is that of the store.
func (s *segments) name() [16]byte {
	if name := s.store.Load(); name != nil {
		return *name
	}
	return [16]byte{}
}

func (s *segments) identity(number uint64, dimension, capacity int) segment.Identity {
	return segment.Identity{Store: s.name(), Number: number, Dimension: dimension, Capacity: capacity}
}

// open maps a segment for a state.
func (s *segments) open(number uint64, dimension, capacity int) (*openSegment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if opened := s.opened[number]; opened != nil {
		opened.users++
		return opened, nil
	}
	mapped, err := segment.Open(s.files, s.path(number), s.identity(number, dimension, capacity))
	if err != nil {
		return nil, err
	}
	opened := &openSegment{Segment: mapped, number: number, users: 1}
	s.opened[number] = opened
	return opened, nil
}

// release gives the segments of a state back that nobody uses any more.
func (s *segments) release(old *state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseLocked(old)
}

func (s *segments) releaseLocked(old *state) {
	for _, opened := range old.segments {
		if opened.users--; opened.users == 0 {
			delete(s.opened, opened.number)
			_ = opened.Close()
		}
	}
}

// acquire returns the latest state for a user, who calls leave; nil where there is none.
func (s *segments) acquire() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.users++
	}
	return s.current
}

// leave ends the use of a state.
func (s *segments) leave(used *state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaveLocked(used)
}

func (s *segments) leaveLocked(used *state) {
	if used.users--; used.users == 0 {
		s.releaseLocked(used)
	}
}

// publish makes a state that was just loaded the latest, unless there is a later one, and its caller a user of it.
func (s *segments) publish(made *state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made.users++
	if s.current != nil && s.current.generation >= made.generation {
		return
	}
	if s.current != nil {
		s.leaveLocked(s.current)
	}
	made.users++
	s.current = made
}

// close gives everything back.
func (s *segments) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for _, opened := range s.opened {
		failed = errors.Join(failed, opened.Close())
	}
	s.opened, s.current = nil, nil
	return failed
}
