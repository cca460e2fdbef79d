package engine_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
)

// library opens engines on one store, one after the other, with fakes for models.
type library struct {
	path    string
	options map[string]any // of the store, beside its path
	// prints are fingerprints of models by name; one without is told by its name.
	prints map[string]string
	fakes  map[string]*embedtest.Model // of the latest opening
}

func newLibrary(t testing.TB) *library {
	return &library{path: filepath.Join(t.TempDir(), "store"), options: map[string]any{"durability": "fast"}, prints: map[string]string{}}
}

func (l *library) tryOpen(t testing.TB, definition string, options ...engine.Option) (*engine.Engine, error) {
	store := map[string]any{"path": l.path}
	for key, value := range l.options {
		store[key] = value
	}
	l.fakes = map[string]*embedtest.Model{}
	for _, name := range []string{"fake", "other"} {
		print := l.prints[name]
		if print == "" {
			print = "fingerprint of " + name
		}
		l.fakes[name] = embedtest.New(32, embedtest.WithName(name), embedtest.WithFingerprint(print))
	}
	options = append(options, engine.WithModelLoader(models(l.fakes).load))
	return engine.Open(context.Background(), withStore(t, []byte(definition), store), options...)
}

func (l *library) open(t testing.TB, definition string, options ...engine.Option) *engine.Engine {
	e, err := l.tryOpen(t, definition, options...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// embedded counts the texts and pictures that were embedded since the latest opening, by model.
func (l *library) embedded() map[string]int {
	counts := map[string]int{}
	for name, fake := range l.fakes {
		if n := fake.TextItems() + fake.ImageItems(); n > 0 {
			counts[name] = n
		}
	}
	return counts
}

// inMemory opens an engine with the same models and without a store.
func inMemory(t testing.TB, definition string) *engine.Engine {
	fakes := models{"fake": embedtest.New(32, embedtest.WithName("fake")), "other": embedtest.New(32, embedtest.WithName("other"))}
	e, err := engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(fakes.load))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// sameVectors compares the vectors of all rows in all indices. Those of chunks are compared in the order of their first entries, since their ids
// may differ.
func sameVectors(t testing.TB, want, got *engine.Engine) {
	t.Helper()
	for _, index := range want.Describe().Indices {
		for _, schema := range index.Schemas {
			for _, chunks := range []bool{false, true} {
				request := engine.VectorsRequest{Schema: schema, Index: index.Name, Chunks: chunks}
				one, err := want.Vectors(context.Background(), request)
				require.NoError(t, err)
				other, err := got.Vectors(context.Background(), request)
				require.NoError(t, err)
				require.Len(t, other, len(one), "%s in %s", schema, index.Name)
				if chunks {
					for _, list := range [][]engine.StoredVector{one, other} {
						slices.SortFunc(list, func(a, b engine.StoredVector) int { return compareRounded(a.Vector, b.Vector) })
					}
				}
				for i := range one {
					if !chunks {
						require.Equal(t, one[i].ID, other[i].ID)
					}
					for j := range one[i].Vector {
						assert.InDelta(t, one[i].Vector[j], other[i].Vector[j], 1e-6, "%s of %s in %s, entry %d", one[i].ID, schema, index.Name, j)
					}
				}
			}
		}
	}
}

// compareRounded orders vectors by their entries but for the last digits.
func compareRounded(a, b []float32) int {
	round := func(values []float32) []int {
		rounded := make([]int, len(values))
		for i, x := range values {
			rounded[i] = int(x*1e4 + 1e6)
		}
		return rounded
	}
	return slices.Compare(round(a), round(b))
}
