package handle

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

type object struct {
	closed atomic.Int32
	users  atomic.Int32
	err    error
}

func (o *object) Close() error {
	if o.users.Load() != 0 {
		return errors.New("closed in use")
	}
	o.closed.Add(1)
	return o.err
}

func acquire(r *Registry, kind Kind, h uint64) error {
	_, release, err := Acquire[*object](r, kind, h)
	if err == nil {
		release()
	}
	return err
}

func TestAHandleIsGoodUntilItIsClosed(t *testing.T) {
	r, o := new(Registry), new(object)
	h := r.Add(Engine, o)
	assert.NotZero(t, h)
	assert.Equal(t, 1, r.Len())
	got, release, err := Acquire[*object](r, Engine, h)
	require.NoError(t, err)
	assert.Same(t, o, got)
	release()
	require.NoError(t, r.Close(h))
	assert.EqualValues(t, 1, o.closed.Load())
	assert.Zero(t, r.Len())
	assert.ErrorContains(t, acquire(r, Engine, h), "the engine is closed")
	assert.ErrorContains(t, r.Close(h), "the engine is closed")
	assert.EqualValues(t, 1, o.closed.Load())
}

func TestHandlesThatAreRefused(t *testing.T) {
	r := new(Registry)
	query := r.Add(Query, new(object))
	for name, test := range map[string]struct {
		handle  uint64
		message string
	}{
		"zero":             {0, "0 is not a handle"},
		"a small number":   {1, "not a handle that this library gave out"},
		"another kind":     {query, "another kind: query, where engine is needed"},
		"one to come":      {query + 1, "not a handle that this library gave out"},
		"unknown kind":     {0xff<<kindShift | 1, "not a handle that this library gave out"},
		"kind without one": {uint64(Engine) << kindShift, "not a handle that this library gave out"},
		"all ones":         {1<<64 - 1, "not a handle that this library gave out"},
	} {
		t.Run(name, func(t *testing.T) {
			err := acquire(r, Engine, test.handle)
			require.Error(t, err)
			assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
			assert.ErrorContains(t, err, test.message)
			if test.handle != query {
				assert.Equal(t, errs.InvalidState, errs.StatusOf(r.Close(test.handle)))
			}
		})
	}
	require.NoError(t, acquire(r, Query, query))
}

func TestHandlesAreNeverUsedAgain(t *testing.T) {
	r, seen := new(Registry), map[uint64]bool{}
	for range 1000 {
		h := r.Add(Task, new(object))
		require.False(t, seen[h])
		seen[h] = true
		require.NoError(t, r.Close(h))
	}
}

func TestCloseWaitsForCallsAndRefusesNewOnes(t *testing.T) {
	r, o := new(Registry), new(object)
	h := r.Add(Engine, o)
	_, first, err := Acquire[*object](r, Engine, h)
	require.NoError(t, err)
	_, second, err := Acquire[*object](r, Engine, h)
	require.NoError(t, err)
	done := make(chan error)
	go func() { done <- r.Close(h) }()
	require.Eventually(t, func() bool { return acquire(r, Engine, h) != nil }, time.Second, time.Millisecond)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(r.Close(h)), "a second close does not wait")
	first()
	select {
	case <-done:
		t.Fatal("closed while a call is in flight")
	case <-time.After(20 * time.Millisecond):
	}
	second()
	require.NoError(t, <-done)
	assert.EqualValues(t, 1, o.closed.Load())
}

func TestCloseReturnsTheObjectsError(t *testing.T) {
	r := new(Registry)
	assert.ErrorContains(t, r.Close(r.Add(Engine, &object{err: errors.New("boom")})), "boom")
	assert.Zero(t, r.Len())
}

func TestManyThreads(t *testing.T) {
	r, o := new(Registry), new(object)
	h := r.Add(Engine, o)
	var wait sync.WaitGroup
	var closes atomic.Int32
	for i := range 16 {
		wait.Go(func() {
			for range 200 {
				if _, release, err := Acquire[*object](r, Engine, h); err == nil {
					o.users.Add(1)
					assert.Zero(t, o.closed.Load())
					o.users.Add(-1)
					release()
				}
			}
			if i%4 == 0 && r.Close(h) == nil {
				closes.Add(1)
			}
		})
	}
	wait.Wait()
	assert.EqualValues(t, 1, closes.Load())
	assert.EqualValues(t, 1, o.closed.Load())
}
