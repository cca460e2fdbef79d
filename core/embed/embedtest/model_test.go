package embedtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// plain is a 16x16 tensor of one colour.
func plain(r, g, b float32) []float32 {
	tensor := make([]float32, 3*16*16)
	for i := range 256 {
		tensor[i], tensor[256+i], tensor[512+i] = r, g, b
	}
	return tensor
}

func TestTextsAreDeterministicAndCounted(t *testing.T) {
	model := embedtest.New(8, embedtest.WithMaxTokens(4))
	out, err := model.Texts(context.Background(), []string{"red circle", "one two three", "one two"})
	require.NoError(t, err)
	assert.Equal(t, embedtest.TextVector("red circle", 8), out[0].Vector)
	assert.InDelta(t, 1, dot(out[0].Vector, out[0].Vector), 1e-6)
	assert.Less(t, dot(out[0].Vector, out[2].Vector), 0.999)
	assert.False(t, out[0].Truncated)
	assert.Equal(t, 5, out[1].Tokens)
	assert.True(t, out[1].Truncated)
	assert.Equal(t, out[2].Vector, out[1].Vector)
	assert.Equal(t, 1, model.TextCalls())
	assert.Equal(t, 3, model.TextItems())
}

func TestPicturesThatLookAlikeLieTogether(t *testing.T) {
	model := embedtest.New(16)
	tensor := append(append(plain(1, -1, -1), plain(0.9, -1, -1)...), plain(-1, -1, 1)...)
	out, err := model.Images(context.Background(), tensor, 3)
	require.NoError(t, err)
	assert.Greater(t, dot(out[0], out[1]), 0.99)
	assert.Less(t, dot(out[0], out[2]), 0.9)
	assert.Equal(t, 1, model.ImageCalls())
	assert.Equal(t, 3, model.ImageItems())

	_, err = model.Images(context.Background(), tensor, 2)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
}

func TestFailuresDelaysAndClose(t *testing.T) {
	ctx := context.Background()
	model := embedtest.New(4)
	broken := errors.New("broken")
	model.FailTexts(broken)
	_, err := model.Texts(ctx, []string{"a"})
	require.ErrorIs(t, err, broken)
	_, err = model.Images(ctx, plain(0, 0, 0), 1)
	require.NoError(t, err)
	model.FailTexts(nil)
	model.FailImages(broken)
	_, err = model.Images(ctx, plain(0, 0, 0), 1)
	require.ErrorIs(t, err, broken)

	model.Spoil(func(v []float32) []float32 { return v[:1] })
	out, err := model.Texts(ctx, []string{"a"})
	require.NoError(t, err)
	assert.Len(t, out[0].Vector, 1)

	model.SetDelay(time.Hour)
	ctx, cancel := context.WithCancel(ctx)
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = model.Texts(ctx, []string{"a"})
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))

	require.NoError(t, model.Close())
	assert.True(t, model.Closed())
	_, err = model.Texts(context.Background(), []string{"a"})
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
}
