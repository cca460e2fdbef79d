package main

// #include "abi.h"
import "C"

import (
	"context"
	"sync/atomic"

	"github.com/innerspace/innerspace/capi/internal/handle"
)

// taskObject watches and stops calls.
type taskObject struct {
	ctx         context.Context
	cancel      context.CancelFunc
	done, total atomic.Int64
}

func newTask() *taskObject {
	t := new(taskObject)
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// report is an engine.Progress.
func (t *taskObject) report(done, total int64) {
	t.total.Store(total)
	t.done.Store(done)
}

// Close ends the task.
func (t *taskObject) Close() error {
	t.cancel()
	return nil
}

// task returns the task of a handle, or for the handle 0 one that nobody watches.
func (c *call) task(h uint64) (*taskObject, error) {
	if h == 0 {
		t := newTask()
		c.deferred(t.cancel)
		return t, nil
	}
	return c.openTask(h)
}

func (c *call) openTask(h uint64) (*taskObject, error) {
	t, release, err := handle.Acquire[*taskObject](&handles, handle.Task, h)
	if err != nil {
		return nil, err
	}
	c.deferred(release)
	return t, nil
}

//export goTaskNew
func goTaskNew(out *C.innerspace_handle, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(*call) error {
		if err := needPointer("task", out); err != nil {
			return err
		}
		*out = C.innerspace_handle(handles.Add(handle.Task, newTask()))
		return nil
	})
}

//export goTaskProgress
func goTaskProgress(h C.innerspace_handle, done, total *C.int64_t, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("progress", done); err != nil {
			return err
		}
		if err := needPointer("total", total); err != nil {
			return err
		}
		t, err := c.openTask(uint64(h))
		if err != nil {
			return err
		}
		*done, *total = C.int64_t(t.done.Load()), C.int64_t(t.total.Load())
		return nil
	})
}

//export goTaskCancel
func goTaskCancel(h C.innerspace_handle, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(c *call) error {
		t, err := c.openTask(uint64(h))
		if err != nil {
			return err
		}
		t.cancel()
		return nil
	})
}
