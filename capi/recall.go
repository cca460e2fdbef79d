package main

// #include "abi.h"
import "C"

import (
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
)

//export goEngineRecall
func goEngineRecall(
	h C.innerspace_handle, request *C.char, size C.size_t, taskHandle C.innerspace_handle, out *C.innerspace_buffer,
	failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("report", out); err != nil {
			return err
		}
		text, err := readText("request", request, size, maxRequest)
		if err != nil {
			return err
		}
		wanted, err := readRecall(text)
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
		report, err := e.Recall(t.ctx, wanted)
		if err != nil {
			return err
		}
		return fillJSON(out, report)
	})
}

func readRecall(text []byte) (request engine.RecallRequest, err error) {
	parsed, err := document.Parse(text, maxRequest)
	if err != nil {
		return request, err
	}
	const most = 1 << 30 // the engine has closer caps
	object := parsed.Root().Object("schema", "index", "queries", "limit")
	request.Schema, request.Index = object.Need("schema").Text(), object.Need("index").Text()
	if queries, ok := object.Get("queries"); ok {
		request.Queries = int(queries.Integer(1, most))
	}
	if limit, ok := object.Get("limit"); ok {
		request.Limit = int(limit.Integer(1, most))
	}
	return request, parsed.Err()
}
