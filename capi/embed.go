package main

// #include "abi.h"
import "C"

import (
	"unsafe"

	"github.com/innerspace/innerspace/capi/internal/arrowstream"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/tabular"
)

//export goEngineEmbed
func goEngineEmbed(
	h C.innerspace_handle, request *C.char, size C.size_t, inputs *C.struct_ArrowArrayStream, taskHandle C.innerspace_handle,
	out *C.struct_ArrowArrayStream, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(c *call) error {
		c.deferred(func() { arrowstream.Release(unsafe.Pointer(inputs)) })
		if err := needPointer("result", out); err != nil {
			return err
		}
		text, err := readText("request", request, size, maxRequest)
		if err != nil {
			return err
		}
		space, err := readEmbed(text)
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
		reader, err := c.openStream(inputs)
		if err != nil {
			return err
		}
		input, err := tabular.ReadEmbedInput(t.ctx, reader)
		if err != nil {
			return err
		}
		embedded, err := e.Embed(t.ctx, space, engine.EmbedInput{Texts: input.Texts, Images: input.Images}, t.report)
		if err != nil {
			return err
		}
		outcomes, err := input.Outcomes(embedded)
		if err != nil {
			return err
		}
		result, err := tabular.NewOutcomes(outcomes, &allocator)
		if err != nil {
			return err
		}
		arrowstream.Export(result, unsafe.Pointer(out))
		return nil
	})
}

func readEmbed(text []byte) (space string, err error) {
	parsed, err := document.Parse(text, maxRequest)
	if err != nil {
		return "", err
	}
	space = parsed.Root().Object("space").Need("space").Text()
	return space, parsed.Err()
}
