package main

// #include "abi.h"
import "C"

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

//export goStoreMaintain
func goStoreMaintain(
	request *C.char, size C.size_t, taskHandle C.innerspace_handle, out *C.innerspace_buffer, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("report", out); err != nil {
			return err
		}
		text, err := readText("request", request, size, maxOptions)
		if err != nil {
			return err
		}
		path, maintain, err := readMaintenance(text)
		if err != nil {
			return err
		}
		t, err := c.task(uint64(taskHandle))
		if err != nil {
			return err
		}
		report, err := maintain(t.ctx, path)
		if err != nil {
			return err
		}
		return fillJSON(out, report)
	})
}

type maintenance func(ctx context.Context, path string) (any, error)

// actions are what can be done to a store.
var actions = map[string]maintenance{
	"info":    func(_ context.Context, path string) (any, error) { return engine.InspectStore(path) },
	"verify":  func(ctx context.Context, path string) (any, error) { return engine.VerifyStore(ctx, path) },
	"repair":  func(ctx context.Context, path string) (any, error) { return engine.RepairStore(ctx, path) },
	"compact": func(ctx context.Context, path string) (any, error) { return engine.CompactStore(ctx, path) },
}

func readMaintenance(text []byte) (path string, maintain maintenance, err error) {
	parsed, err := document.Parse(text, maxOptions)
	if err != nil {
		return "", nil, err
	}
	object := parsed.Root().Object("path", "action")
	path = object.Need("path").Text()
	action := object.Need("action")
	maintain, ok := actions[action.Text()]
	if !ok {
		action.FailWith(errs.New(errs.InvalidInput, "unknown action %q; known are %s", action.Text(), strings.Join(slices.Sorted(maps.Keys(actions)), ", ")))
	}
	return path, maintain, parsed.Err()
}

//export goEngineCompact
func goEngineCompact(h, taskHandle C.innerspace_handle, out *C.innerspace_buffer, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(c *call) error {
		if err := needPointer("report", out); err != nil {
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
		report, err := e.Compact(t.ctx)
		if err != nil {
			return err
		}
		return fillJSON(out, report)
	})
}
