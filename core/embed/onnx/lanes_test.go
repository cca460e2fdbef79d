package onnx

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

func TestLanesBoundWhatRunsAtATime(t *testing.T) {
	l := newLanes(3)
	var running, most, sum atomic.Int64
	work := func(_ context.Context, i int) error {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(time.Millisecond)
		sum.Add(int64(i))
		running.Add(-1)
		return nil
	}
	done := make(chan error)
	for range 4 { // four callers share the lanes
		go func() { done <- l.forEach(context.Background(), 25, work) }()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
	assert.EqualValues(t, 4*300, sum.Load())
	assert.LessOrEqual(t, most.Load(), int64(3))
}

func TestLanesStopAtTheFirstError(t *testing.T) {
	l := newLanes(2)
	broken := errors.New("broken")
	var calls atomic.Int64
	err := l.forEach(context.Background(), 1000, func(ctx context.Context, i int) error {
		calls.Add(1)
		if i == 3 {
			return broken
		}
		return ctx.Err()
	})
	assert.ErrorIs(t, err, broken)
	assert.Less(t, calls.Load(), int64(1000))
	assert.Empty(t, l)
}

func TestLanesEndWithTheirContext(t *testing.T) {
	l := newLanes(1)
	l <- struct{}{} // somebody else's run
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	for _, n := range []int{1, 5} {
		err := l.forEach(ctx, n, func(context.Context, int) error { t.Error("ran"); return nil })
		assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
	}
}

func TestAPanicOnALaneIsAnError(t *testing.T) {
	for _, n := range []int{1, 5} {
		err := newLanes(2).forEach(context.Background(), n, func(context.Context, int) error { panic("oh") })
		assert.Equal(t, errs.Internal, errs.StatusOf(err))
		assert.ErrorContains(t, err, "oh")
	}
}
