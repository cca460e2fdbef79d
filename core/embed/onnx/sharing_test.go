package onnx

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

func mustLoad(t testing.TB, dir string, options Options) *handle {
	t.Helper()
	options.Library = embedtest.Library(t)
	loaded, err := Load(context.Background(), dir, options)
	require.NoError(t, err)
	return loaded.(*handle)
}

func TestOneDirectoryIsLoadedOnce(t *testing.T) {
	ctx := context.Background()
	dir := embedtest.TinyCLIP(t)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	one, two := mustLoad(t, dir, Options{}), mustLoad(t, link, Options{Name: "mine"})
	assert.Same(t, one.shared, two.shared)
	assert.Equal(t, "tiny-clip", one.Info().Name)
	assert.Equal(t, "mine", two.Info().Name)
	assert.Equal(t, 1, models.count())

	more := mustLoad(t, dir, Options{Threads: one.shared.identity.threads + 2})
	assert.NotSame(t, one.shared, more.shared, "another number of threads needs other sessions")
	assert.Equal(t, lanesOf(one.shared.identity.threads+2), cap(more.shared.model.lanes))
	require.NoError(t, more.Close())

	require.NoError(t, one.Close())
	require.NoError(t, one.Close(), "closing twice is not an error")
	_, err := one.Texts(ctx, []string{"a"})
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	_, err = one.Images(ctx, nil, 0)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
	assert.Equal(t, 64, one.Info().Dimension)
	assert.Equal(t, 224, one.Preprocessing().Width)

	out, err := two.Texts(ctx, []string{"a"})
	require.NoError(t, err)
	assert.Len(t, out[0].Vector, 64)
	require.NoError(t, two.Close())
	assert.Zero(t, models.count())
}

func TestADirectoryThatChangedIsAnotherModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, os.CopyFS(dir, os.DirFS(embedtest.TinyCLIP(t))))
	one := mustLoad(t, dir, Options{})
	defer one.Close()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "preprocessor_config.json"), []byte(`{"size": 230, "crop_size": 224}`), 0o644))
	two := mustLoad(t, dir, Options{})
	defer two.Close()
	assert.NotEqual(t, one.Info().Fingerprint, two.Info().Fingerprint)
	assert.Equal(t, 224, one.Preprocessing().Size)
	assert.Equal(t, 230, two.Preprocessing().Size)
}

// A call that is under way when its model is closed still finishes.
func TestCloseDuringACall(t *testing.T) {
	h := mustLoad(t, embedtest.TinyCLIP(t), Options{})
	m, release, err := h.use()
	require.NoError(t, err)
	require.NoError(t, h.Close())
	assert.Equal(t, 1, models.count())
	_, err = m.texts(context.Background(), []string{"a"})
	assert.NoError(t, err)
	release()
	assert.Zero(t, models.count())
}

func TestConcurrentUse(t *testing.T) {
	ctx := context.Background()
	dir := embedtest.TinyCLIP(t)
	texts := []string{"a", "a red circle", "a blue square", "a red circle in a black frame"}
	model := mustLoad(t, dir, Options{})
	want, err := model.Texts(ctx, texts)
	require.NoError(t, err)
	size := model.Preprocessing().TensorLen()
	tensor := make([]float32, 3*size)
	for i := range tensor {
		tensor[i] = float32(i%251)/125 - 1
	}
	wantImages, err := model.Images(ctx, tensor, 3)
	require.NoError(t, err)

	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			mine, err := Load(ctx, dir, Options{})
			if !assert.NoError(t, err) {
				return
			}
			defer mine.Close()
			for range 3 {
				texts, err := mine.Texts(ctx, texts)
				if assert.NoError(t, err) {
					assertSame(t, want, texts)
				}
				at := worker % 3
				images, err := mine.Images(ctx, tensor[at*size:(at+1)*size], 1)
				if assert.NoError(t, err) {
					assert.InDeltaSlice(t, wantImages[at], images[0], 1e-5)
				}
			}
		})
	}
	group.Wait()
	require.NoError(t, model.Close())
	assert.Zero(t, models.count())
	assert.Zero(t, liveValues.Load())
}

func assertSame(t testing.TB, want, got []embed.Text) {
	t.Helper()
	for i := range want {
		assert.InDeltaSlice(t, want[i].Vector, got[i].Vector, 1e-5)
	}
}
