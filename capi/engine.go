package main

// #include "abi.h"
import "C"

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/innerspace/innerspace/capi/internal/handle"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

var handles handle.Registry

// openOptions change what every engine is made of; empty but in builds for tests.
var openOptions []engine.Option

// engineObject is what stands behind an engine's handle.
type engineObject struct {
	*engine.Engine
	failed atomic.Pointer[string] // what a panic in it said

	mu      sync.Mutex
	queries map[*queryObject]struct{}
}

// fail marks the engine as not to be used again; only the first reason is kept.
func (e *engineObject) fail(reason string) { e.failed.CompareAndSwap(nil, &reason) }

func (e *engineObject) usable() error {
	if reason := e.failed.Load(); reason != nil {
		return errs.New(errs.InvalidState, "the engine takes no more calls since it made a mistake (%s); close it and open it again", *reason)
	}
	return nil
}

// Close closes the engine. Its queries stay handles, but hold it no longer.
func (e *engineObject) Close() error {
	e.mu.Lock()
	for q := range e.queries {
		q.prepared.Store(nil)
	}
	e.queries = nil
	e.mu.Unlock()
	return e.Engine.Close()
}

// openEngine returns the engine of a handle, which stays open until the call ends.
func (c *call) openEngine(h uint64) (*engineObject, error) {
	e, release, err := handle.Acquire[*engineObject](&handles, handle.Engine, h)
	if err != nil {
		return nil, err
	}
	c.deferred(release)
	if err := e.usable(); err != nil {
		return nil, err
	}
	c.engine = e
	return e, nil
}

//export goEngineOpen
func goEngineOpen(definition *C.char, size C.size_t, out *C.innerspace_handle, failure *C.innerspace_error) C.innerspace_status {
	return goEngineOpenWithTask(definition, size, 0, out, failure)
}

//export goEngineOpenWithTask
func goEngineOpenWithTask(
	definition *C.char, size C.size_t, taskHandle C.innerspace_handle, out *C.innerspace_handle, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("engine", out); err != nil {
			return err
		}
		text, err := readText("definition", definition, size, maxDefinition)
		if err != nil {
			return err
		}
		t, err := c.task(uint64(taskHandle))
		if err != nil {
			return err
		}
		opened, err := engine.Open(t.ctx, text, append(slices.Clone(openOptions), engine.WithProgress(t.report))...)
		if err != nil {
			return err
		}
		e := &engineObject{Engine: opened, queries: map[*queryObject]struct{}{}}
		*out = C.innerspace_handle(handles.Add(handle.Engine, e))
		return nil
	})
}

//export goEngineDelete
func goEngineDelete(
	h C.innerspace_handle, request *C.char, size C.size_t, out *C.innerspace_buffer, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("report", out); err != nil {
			return err
		}
		text, err := readText("request", request, size, maxRequest)
		if err != nil {
			return err
		}
		schema, ids, err := readDelete(text)
		if err != nil {
			return err
		}
		e, err := c.openEngine(uint64(h))
		if err != nil {
			return err
		}
		deleted, missing, err := e.Delete(context.Background(), schema, ids)
		if err != nil {
			return err
		}
		if missing == nil {
			missing = []string{}
		}
		return fillJSON(out, map[string]any{"deleted": deleted, "missing": missing})
	})
}

func readDelete(text []byte) (schema string, ids []string, err error) {
	parsed, err := document.Parse(text, maxRequest)
	if err != nil {
		return "", nil, err
	}
	object := parsed.Root().Object("schema", "ids")
	schema = object.Need("schema").Text()
	for _, id := range object.Need("ids").List(maxRequest) {
		ids = append(ids, id.Text())
	}
	return schema, ids, parsed.Err()
}

//export goEngineDescribe
func goEngineDescribe(h C.innerspace_handle, out *C.innerspace_buffer, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("description", out); err != nil {
			return err
		}
		e, err := c.openEngine(uint64(h))
		if err != nil {
			return err
		}
		return fillJSON(out, e.Describe())
	})
}

func fillJSON(out *C.innerspace_buffer, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "the answer cannot be written as JSON: %v", err)
	}
	fillBuffer(out, text)
	return nil
}
