package main

// #include "abi.h"
import "C"

import (
	"fmt"

	"github.com/innerspace/innerspace/core/errs"
)

// call is one call across the C ABI: what it must let go of, and the engine that a panic in it spoils.
type call struct {
	engine   *engineObject
	detail   []byte // of the error, JSON
	releases []func()
}

// deferred runs f when the call ends, however it ends.
func (c *call) deferred(f func()) { c.releases = append(c.releases, f) }

// guard runs the body of an exported function and turns its outcome into a status. Every export runs under it.
func guard(out *C.innerspace_error, body func(*call) error) C.innerspace_status {
	c := new(call)
	err := c.contain(body)
	if err == nil {
		return C.INNERSPACE_OK
	}
	e := errs.From(err)
	fillError(out, e, c.detail)
	return C.innerspace_status(e.Status)
}

// contain turns a panic into an Internal error and marks the engine that it
// happened in, whose state nobody knows now, as failed. Other engines are not affected.
func (c *call) contain(body func(*call) error) (err error) {
	defer func() {
		for i := len(c.releases) - 1; i >= 0; i-- {
			c.releases[i]()
		}
	}()
	defer func() {
		if value := recover(); value != nil {
			c.detail = nil
			err = c.failure(fmt.Sprint(value))
		}
	}()
	return body(c)
}

func (c *call) failure(value string) error {
	if c.engine == nil {
		return errs.New(errs.Internal, "innerspace made a mistake: %s", value)
	}
	c.engine.fail(value)
	return errs.New(errs.Internal, "innerspace made a mistake: %s; this engine takes no more calls, close it and open it again", value)
}
