package main

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/capi/internal/handle"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// anEngine is an engine without a model.
func anEngine(t *testing.T) uint64 {
	t.Helper()
	opened, err := engine.Open(context.Background(), []byte(
		`{"version": 1, "schemas": [{"type": "schema", "name": "S", "fields": [{"name": "id", "type": "id"}]}]}`))
	require.NoError(t, err)
	return handles.Add(handle.Engine, &engineObject{Engine: opened, queries: map[*queryObject]struct{}{}})
}

func status(body func(*call) error) errs.Status { return errs.Status(guard(nil, body)) }

func TestGuardReturnsTheStatus(t *testing.T) {
	assert.Equal(t, errs.OK, status(func(*call) error { return nil }))
	assert.Equal(t, errs.NotFound, status(func(*call) error { return errs.New(errs.NotFound, "gone") }))
	assert.Equal(t, errs.Cancelled, status(func(*call) error { return context.Canceled }))
	assert.Equal(t, errs.Internal, status(func(*call) error { return io.ErrUnexpectedEOF }))
}

func TestAPanicSpoilsItsEngineAndNoOther(t *testing.T) {
	broken, whole := anEngine(t), anEngine(t)
	use := func(h uint64) error {
		return new(call).contain(func(c *call) error { _, err := c.openEngine(h); return err })
	}
	var zero *int
	for name, fault := range map[string]func(){
		"a value":                func() { panic("the first reason") },
		"an error":               func() { panic(errors.New("the first reason")) },
		"a nil pointer":          func() { *zero = 1 },
		"a value without a text": func() { panic(biting{}) },
	} {
		t.Run(name, func(t *testing.T) {
			h := anEngine(t)
			released := false
			err := new(call).contain(func(c *call) error {
				c.deferred(func() { released = true })
				_, err := c.openEngine(h)
				require.NoError(t, err)
				c.detail = []byte("half a report")
				fault()
				return nil
			})
			assert.Equal(t, errs.Internal, errs.StatusOf(err))
			assert.True(t, released, "what the call held is released")
			assert.Equal(t, errs.InvalidState, errs.StatusOf(use(h)))
			assert.NoError(t, handles.Close(h), "a failed engine can be closed")
		})
	}
	for _, reason := range []string{"the first reason", "the second"} {
		err := new(call).contain(func(c *call) error {
			e, _, err := handle.Acquire[*engineObject](&handles, handle.Engine, broken)
			require.NoError(t, err)
			c.engine = e
			panic(reason)
		})
		assert.ErrorContains(t, err, reason)
	}
	assert.ErrorContains(t, use(broken), "the first reason")
	assert.NoError(t, use(whole))
	assert.Equal(t, errs.Internal, status(func(*call) error { panic("no engine at all") }))
	require.NoError(t, handles.Close(whole))
}

// biting is a value that cannot even be printed.
type biting struct{}

func (biting) Error() string { panic("again") }

func TestQueriesEndWithTheirEngine(t *testing.T) {
	h := anEngine(t)
	q := &queryObject{engineHandle: h}
	require.NoError(t, new(call).contain(func(c *call) error {
		e, err := c.openEngine(h)
		q.engine = e
		q.prepared.Store(new(engine.Prepared))
		e.queries[q] = struct{}{}
		return err
	}))
	query := handles.Add(handle.Query, q)
	open := func() error {
		return new(call).contain(func(c *call) error { _, err := c.openQuery(query); return err })
	}
	require.NoError(t, open())
	require.NoError(t, handles.Close(h))
	assert.Nil(t, q.prepared.Load(), "the query lets go of the engine's memory")
	assert.Equal(t, errs.InvalidState, errs.StatusOf(open()))
	assert.ErrorContains(t, open(), "the engine of this query is closed")
	require.NoError(t, handles.Close(query))
	assert.ErrorContains(t, open(), "the query is closed")
}

func TestACallWithoutATaskIsCancelledWhenItEnds(t *testing.T) {
	var ctx context.Context
	require.NoError(t, new(call).contain(func(c *call) error {
		task, err := c.task(0)
		ctx = task.ctx
		assert.NoError(t, ctx.Err())
		return err
	}))
	assert.ErrorIs(t, ctx.Err(), context.Canceled)
}
