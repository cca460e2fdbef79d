package disk_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
	"github.com/innerspace/innerspace/core/vector"
)

// TestFilesThatAreCutUnderSearches cuts segments, also in the middle of a page, while kernels in C scan them: a search gives what it gave, or an error;
// the process goes on, and so does another store.
func TestFilesThatAreCutUnderSearches(t *testing.T) {
	fill := func() (string, *disk.Store) {
		path := filepath.Join(t.TempDir(), "store")
		s := open(t, path, disk.Options{Durability: disk.Fast})
		rng := rand.New(rand.NewPCG(3, 4))
		for range 3 {
			var changes []store.Change
			for range 1000 {
				change := randomChange(rng, 1<<40)
				change.Vectors = map[string][]float32{"wide": randomVector(rng, 40), "narrow": randomVector(rng, 3)}
				change.Values[1] = schema.Value{}
				changes = append(changes, change)
			}
			_, err := s.Commit("Image", changes)
			require.NoError(t, err)
		}
		return path, s
	}
	query := map[string][]float32{"wide": randomVector(rand.New(rand.NewPCG(5, 6)), 40), "narrow": {1, 2, 3}}
	search := func(s *disk.Store, index string) (hits []vector.Hit, err error) {
		err = s.Read("Image", func(snapshot store.Snapshot) error {
			var err error
			hits, err = vector.Search{Query: query[index], Limit: 10, Floor: math.Inf(-1), ID: snapshot.ID, Workers: 2}.Run(snapshot.Blocks(index))
			return err
		})
		return hits, err
	}
	_, untouched := fill()
	rng := rand.New(rand.NewPCG(8, 8))
	for round := range 6 {
		path, s := fill()
		want := map[string][]vector.Hit{}
		for index := range query {
			var err error
			want[index], err = search(s, index)
			require.NoError(t, err)
		}
		var group sync.WaitGroup
		var done atomic.Bool
		failures := atomic.Int64{}
		for range 2 {
			group.Go(func() {
				for !done.Load() {
					for index := range query {
						hits, err := search(s, index)
						if err != nil {
							failures.Add(1)
							assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%v", err)
						} else {
							assert.Equal(t, want[index], hits)
						}
					}
				}
			})
		}
		time.Sleep(2 * time.Millisecond)
		segments, err := filepath.Glob(filepath.Join(path, "segments", "*.seg"))
		require.NoError(t, err)
		for _, segment := range segments {
			info, err := os.Stat(segment)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(segment, rng.Int64N(info.Size())>>(round%3*4)))
		}
		time.Sleep(5 * time.Millisecond)
		done.Store(true)
		group.Wait()
		for index := range query {
			_, err := search(s, index)
			require.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%v", err)
		}
		// What is copied of it into other segments would have right checksums there.
		before, _, err := s.Metadata("x")
		require.NoError(t, err)
		assert.Nil(t, before)
		_, err = s.Compact(t.Context())
		require.NoError(t, err, "nothing is to be moved")
		var first string
		require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
			for id := range snapshot.IDs() {
				first = id
				break
			}
			return nil
		}))
		_, _, err = s.Delete("Image", []string{first})
		require.NoError(t, err)
		_, err = s.Compact(t.Context())
		require.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%v", err)
		require.NoError(t, s.Close())
		for index := range query {
			_, err := search(untouched, index)
			require.NoError(t, err)
		}
	}
	require.NoError(t, untouched.Close())
}
