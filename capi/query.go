package main

// #include "abi.h"
import "C"

import (
	"sync/atomic"
	"unsafe"

	"github.com/innerspace/innerspace/capi/internal/arrowstream"
	"github.com/innerspace/innerspace/capi/internal/handle"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/tabular"
)

// allocator has the memory of all results.
var allocator arrowstream.Allocator

// queryObject is what stands behind a prepared query's handle.
type queryObject struct {
	engine       *engineObject
	engineHandle uint64
	prepared     atomic.Pointer[engine.Prepared] // nil once the engine is closed
}

// Close lets go of the engine.
func (q *queryObject) Close() error {
	q.prepared.Store(nil)
	q.engine.mu.Lock()
	delete(q.engine.queries, q)
	q.engine.mu.Unlock()
	return nil
}

// openQuery returns the query of a handle, and keeps it and its engine open until the call ends.
func (c *call) openQuery(h uint64) (*engine.Prepared, error) {
	q, release, err := handle.Acquire[*queryObject](&handles, handle.Query, h)
	if err != nil {
		return nil, err
	}
	c.deferred(release)
	_, err = c.openEngine(q.engineHandle)
	prepared := q.prepared.Load()
	if prepared == nil {
		return nil, errs.New(errs.InvalidState, "the engine of this query is closed; prepare the query on an open one")
	}
	return prepared, err
}

//export goQueryPrepare
func goQueryPrepare(
	h C.innerspace_handle, query *C.char, size C.size_t, out *C.innerspace_handle, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("query", out); err != nil {
			return err
		}
		text, err := readText("query", query, size, maxQuery)
		if err != nil {
			return err
		}
		e, err := c.openEngine(uint64(h))
		if err != nil {
			return err
		}
		prepared, err := e.Prepare(text)
		if err != nil {
			return err
		}
		q := &queryObject{engine: e, engineHandle: uint64(h)}
		q.prepared.Store(prepared)
		e.mu.Lock()
		e.queries[q] = struct{}{}
		e.mu.Unlock()
		*out = C.innerspace_handle(handles.Add(handle.Query, q))
		return nil
	})
}

//export goQueryRun
func goQueryRun(
	h C.innerspace_handle, params *C.char, size C.size_t, inputs *C.struct_ArrowArrayStream, taskHandle C.innerspace_handle,
	out *C.struct_ArrowArrayStream, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		c.deferred(func() { arrowstream.Release(unsafe.Pointer(inputs)) })
		if err := needPointer("result", out); err != nil {
			return err
		}
		text, err := readText("params", params, size, maxParams)
		if err != nil {
			return err
		}
		scalars, err := readParams(text)
		if err != nil {
			return err
		}
		prepared, err := c.openQuery(uint64(h))
		if err != nil {
			return err
		}
		t, err := c.task(uint64(taskHandle))
		if err != nil {
			return err
		}
		values := engine.Params{Scalars: scalars}
		if inputs != nil {
			reader, err := c.openStream(inputs)
			if err != nil {
				return err
			}
			if values.Images, err = tabular.ReadImages(reader); err != nil {
				return err
			}
		}
		result, err := prepared.Run(t.ctx, values)
		if err != nil {
			return err
		}
		reader, err := tabular.NewResult(result, &allocator)
		if err != nil {
			return err
		}
		arrowstream.Export(reader, unsafe.Pointer(out))
		return nil
	})
}

// readParams reads a JSON object of scalars; no text at all is no params.
func readParams(text []byte) (map[string]any, error) {
	if len(text) == 0 {
		return nil, nil
	}
	parsed, err := document.Parse(text, maxParams)
	if err != nil {
		return nil, err
	}
	params, ok := parsed.Root().Value().(map[string]any)
	if !ok {
		return nil, errs.New(errs.InvalidInput, "the params must be a JSON object").At("$")
	}
	return params, nil
}
