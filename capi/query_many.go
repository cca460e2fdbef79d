package main

// #include "abi.h"
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/capi/internal/arrowstream"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/tabular"
)

//export goQueryRunMany
func goQueryRunMany(
	h C.innerspace_handle, params *C.char, size C.size_t, inputs *C.struct_ArrowArrayStream, taskHandle C.innerspace_handle,
	out **C.struct_ArrowArrayStream, runs C.size_t, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		c.deferred(func() { arrowstream.Release(unsafe.Pointer(inputs)) })
		places, err := readPlaces(out, runs)
		if err != nil {
			return err
		}
		text, err := readText("params", params, size, maxParams)
		if err != nil {
			return err
		}
		values, err := readParamsOfRuns(text, len(places))
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
		if inputs != nil {
			reader, err := c.openStream(inputs)
			if err != nil {
				return err
			}
			images, err := tabular.ReadImagesOfRuns(reader, len(values))
			if err != nil {
				return err
			}
			for i := range values {
				values[i].Images = images[i]
			}
		}
		results, err := prepared.RunMany(t.ctx, values)
		if err != nil {
			return err
		}
		return exportAll(results, places)
	})
}

// readPlaces copies the caller's pointers to where the results go.
func readPlaces(out **C.struct_ArrowArrayStream, runs C.size_t) ([]*C.struct_ArrowArrayStream, error) {
	if runs > engine.MaxRuns {
		return nil, errs.New(errs.LimitExceeded, "a query runs at most %d times in one call, got %d; split the params", engine.MaxRuns, uint64(runs))
	}
	if runs == 0 {
		return nil, nil
	}
	if err := needPointer("results", out); err != nil {
		return nil, err
	}
	places := append([]*C.struct_ArrowArrayStream(nil), unsafe.Slice(out, int(runs))...)
	for i, place := range places {
		if err := needPointer(fmt.Sprintf("result %d", i), place); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// readParamsOfRuns reads a JSON array of as many objects of scalars as there are runs.
func readParamsOfRuns(text []byte, runs int) ([]engine.Params, error) {
	parsed, err := document.Parse(text, maxParams)
	if err != nil {
		return nil, err
	}
	list, ok := parsed.Root().Value().([]any)
	if !ok {
		return nil, errs.New(errs.InvalidInput, "the params must be a JSON array of objects").At("$")
	}
	if len(list) != runs {
		return nil, errs.New(errs.InvalidInput, "there are params of %d runs and places for %d results; give as many of both", len(list), runs).At("$")
	}
	params := make([]engine.Params, len(list))
	for i, item := range list {
		scalars, ok := item.(map[string]any)
		if !ok {
			return nil, errs.New(errs.InvalidInput, "the params of a run must be a JSON object").At(fmt.Sprintf("params[%d]", i))
		}
		params[i].Scalars = scalars
	}
	return params, nil
}

// exportAll gives all results out, or none.
func exportAll(results []*engine.Result, places []*C.struct_ArrowArrayStream) error {
	readers := make([]array.RecordReader, 0, len(results))
	for _, result := range results {
		reader, err := tabular.NewResult(result, &allocator)
		if err != nil {
			for _, made := range readers {
				made.Release()
			}
			return err
		}
		readers = append(readers, reader)
	}
	for i, reader := range readers {
		arrowstream.Export(reader, unsafe.Pointer(places[i]))
	}
	return nil
}
