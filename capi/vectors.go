package main

// #include "abi.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/innerspace/innerspace/capi/internal/arrowstream"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/tabular"
)

//export goEngineVectors
func goEngineVectors(
	h C.innerspace_handle, request *C.char, size C.size_t, out *C.struct_ArrowArrayStream, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("result", out); err != nil {
			return err
		}
		text, err := readText("request", request, size, maxRequest)
		if err != nil {
			return err
		}
		wanted, err := readVectors(text)
		if err != nil {
			return err
		}
		e, err := c.openEngine(uint64(h))
		if err != nil {
			return err
		}
		vectors, err := e.Vectors(context.Background(), wanted)
		if err != nil {
			return err
		}
		reader, err := tabular.NewVectors(vectors, &allocator)
		if err != nil {
			return err
		}
		arrowstream.Export(reader, unsafe.Pointer(out))
		return nil
	})
}

func readVectors(text []byte) (request engine.VectorsRequest, err error) {
	parsed, err := document.Parse(text, maxRequest)
	if err != nil {
		return request, err
	}
	object := parsed.Root().Object("schema", "index", "ids", "include_chunks")
	request.Schema, request.Index = object.Need("schema").Text(), object.Need("index").Text()
	if ids, ok := object.Get("ids"); ok && !ids.IsNull() {
		request.IDs = []string{}
		for _, id := range ids.List(maxRequest) {
			request.IDs = append(request.IDs, id.Text())
		}
	}
	if chunks, ok := object.Get("include_chunks"); ok {
		request.Chunks = chunks.Bool()
	}
	return request, parsed.Err()
}
