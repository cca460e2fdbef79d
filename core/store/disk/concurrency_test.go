package disk_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// TestReadsSeeAllOfACommitOrNothing reads in several goroutines while others commit, delete and compact.
func TestReadsSeeAllOfACommitOrNothing(t *testing.T) {
	for _, durability := range []disk.Durability{disk.Full, disk.Fast} {
		t.Run(string(durability), func(t *testing.T) {
			s, err := disk.Open(t.TempDir(), disk.Options{Durability: durability})
			require.NoError(t, err)
			require.NoError(t, s.Define(killTables(), nil))
			var done atomic.Bool
			var group sync.WaitGroup
			group.Go(func() {
				defer done.Store(true)
				for step := 1; step <= 30; step++ {
					deleted, put := killStep(step)
					_, _, err := s.Delete("Image", deleted)
					assert.NoError(t, err)
					_, err = s.Commit("Image", put)
					assert.NoError(t, err)
				}
			})
			group.Go(func() {
				for !done.Load() {
					_, err := s.Compact(t.Context())
					assert.NoError(t, err)
				}
			})
			for range 3 {
				group.Go(func() {
					latest := 0
					for !done.Load() {
						assert.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
							found, err := killCheck(snapshot)
							if err != nil {
								return err
							}
							if found["step"] < latest {
								return fmt.Errorf("step %d came after %d", found["step"], latest)
							}
							latest = found["step"]
							column := snapshot.Column(0, schema.Integer)
							if column.Present().Count() != len(found) {
								return fmt.Errorf("a column of %d rows for %d", column.Present().Count(), len(found))
							}
							return nil
						}))
					}
				})
			}
			group.Wait()
			require.NoError(t, s.Close())
		})
	}
}

// TestReadersConnectWhileSegmentsAreMade: a reader that finds no idle connection learns the name of the store, which the headers of segments have.
func TestReadersConnectWhileSegmentsAreMade(t *testing.T) {
	s, err := disk.Open(t.TempDir(), disk.Options{Durability: disk.Fast})
	require.NoError(t, err)
	require.NoError(t, s.Define(killTables(), nil))
	var read func(depth int) error
	read = func(depth int) error {
		return s.Read("Image", func(store.Snapshot) error {
			if depth == 0 {
				return nil
			}
			return read(depth - 1)
		})
	}
	var group sync.WaitGroup
	group.Go(func() {
		for step := 1; step <= 5; step++ {
			_, put := killStep(step)
			_, err := s.Commit("Image", put)
			assert.NoError(t, err)
			_, err = s.Compact(t.Context())
			assert.NoError(t, err)
		}
	})
	group.Go(func() {
		for range 5 {
			assert.NoError(t, read(12))
		}
	})
	group.Wait()
	require.NoError(t, s.Close())
}
