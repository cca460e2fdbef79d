package main

// #include "abi.h"
import "C"

import (
	"encoding/json"
	"math"
	"unsafe"

	"github.com/innerspace/innerspace/capi/internal/arrowstream"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/tabular"
)

//export goEnginePut
func goEnginePut(
	h C.innerspace_handle, options *C.char, size C.size_t, rows *C.struct_ArrowArrayStream, taskHandle C.innerspace_handle,
	out *C.innerspace_buffer, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		c.deferred(func() { arrowstream.Release(unsafe.Pointer(rows)) })
		if err := needPointer("report", out); err != nil {
			return err
		}
		text, err := readText("options", options, size, maxOptions)
		if err != nil {
			return err
		}
		parsed, err := readPutOptions(text)
		if err != nil {
			return err
		}
		e, err := c.openEngine(uint64(h))
		if err != nil {
			return err
		}
		t, err := c.task(uint64(taskHandle))
		if err != nil {
			return err
		}
		schema, err := e.Schema(parsed.Schema)
		if err != nil {
			return err
		}
		reader, err := c.openStream(rows)
		if err != nil {
			return err
		}
		batches := tabular.NewBatches(reader, schema)
		defer batches.Release()
		report, err := e.Put(t.ctx, batches, parsed, t.report)
		if err != nil {
			if report != nil {
				c.detail, _ = json.Marshal(report) // the error says more than why its report could not be written
			}
			return err
		}
		return fillJSON(out, report)
	})
}

// openStream reads the schema of a stream of the caller's. The reader ends with the call.
func (c *call) openStream(stream *C.struct_ArrowArrayStream) (*arrowstream.Reader, error) {
	reader, err := arrowstream.NewReader(unsafe.Pointer(stream))
	if err != nil {
		return nil, err
	}
	c.deferred(reader.Release)
	return reader, nil
}

func readPutOptions(text []byte) (options engine.PutOptions, err error) {
	parsed, err := document.Parse(text, maxOptions)
	if err != nil {
		return options, err
	}
	object := parsed.Root().Object("schema", "on_error", "partial", "rejects", "per_batch", "total_rows")
	options.Schema = object.Need("schema").Text()
	if node, ok := object.Get("on_error"); ok {
		options.OnError = engine.OnError(node.Text())
	}
	if node, ok := object.Get("partial"); ok {
		options.Partial = engine.Partial(node.Text())
	}
	if node, ok := object.Get("per_batch"); ok {
		options.PerBatch = node.Bool()
	}
	if node, ok := object.Get("total_rows"); ok {
		options.TotalRows = int(node.Integer(0, math.MaxInt))
	}
	if node, ok := object.Get("rejects"); ok {
		for _, reject := range node.List(maxOptions) {
			options.Rejects = append(options.Rejects, readReject(reject))
		}
	}
	return options, parsed.Err()
}

func readReject(node document.Node) engine.RowError {
	object := node.Object("row", "id", "field", "status", "reason")
	reject := engine.RowError{
		Row:   int(object.Need("row").Integer(0, math.MaxInt)),
		Field: object.Need("field").Text(), Reason: object.Need("reason").Text(), Status: errs.InvalidInput,
	}
	if id, ok := object.Get("id"); ok {
		reject.ID = id.Text()
	}
	if status, ok := object.Get("status"); ok {
		last := len(errs.Statuses()) - 1
		reject.Status = errs.Status(status.Integer(1, int64(last)))
	}
	return reject
}
