package onnx

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
)

func loadShared(t testing.TB, dir string) *model {
	t.Helper()
	loaded, err := Load(context.Background(), dir, Options{Library: embedtest.Library(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, loaded.Close()) })
	return loaded.(*handle).shared.model
}

// One run that takes seconds is stopped in its middle: not before it starts, not when it is done.
func TestCancelStopsARunThatIsUnderWay(t *testing.T) {
	m := loadShared(t, embedtest.EmbeddedModel(t))
	long := m.tokenizer.Encode(strings.Repeat("red ", 200))
	require.Len(t, long.IDs, 128)
	batch := make([]tokenize.Encoding, 16)
	for i := range batch {
		batch[i] = long
	}
	start := time.Now()
	_, _, err := m.runTexts(context.Background(), batch, alone)
	require.NoError(t, err)
	whole := time.Since(start)

	ctx, cancel := context.WithCancel(context.Background())
	var cancelled time.Time
	time.AfterFunc(whole/10, func() { cancelled = time.Now(); cancel() })
	start = time.Now()
	_, _, err = m.runTexts(ctx, batch, alone)
	took := time.Since(start)
	require.Equal(t, errs.Cancelled, errs.StatusOf(err), "%v", err)
	t.Logf("the whole run takes %v; cancelled, it returned %v after the cancel", whole, time.Since(cancelled))
	assert.Less(t, took, whole/2)
	assert.Zero(t, liveValues.Load())

	_, _, err = m.runTexts(context.Background(), batch[:1], alone) // the session is as good as before
	assert.NoError(t, err)
}

func TestCancelStopsABulkCall(t *testing.T) {
	m := loadShared(t, embedtest.EmbeddedModel(t))
	texts := make([]string, 20000)
	for i := range texts {
		texts[i] = "a red circle in a black frame"
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), 100*time.Millisecond, context.Canceled)
	defer cancel()
	_, err := m.texts(ctx, texts) // would take half a minute
	assert.Equal(t, errs.Timeout, errs.StatusOf(err), "%v", err)
	assert.Zero(t, liveValues.Load())

	_, err = m.images(ctx, make([]float32, 4*m.preprocessing.TensorLen()), 4)
	assert.Equal(t, errs.Timeout, errs.StatusOf(err), "%v", err)
}
