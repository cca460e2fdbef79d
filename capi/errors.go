package main

// #include "abi.h"
import "C"

import (
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// fillError fills the caller's error, where there is one. The strings are the caller's to free.
func fillError(out *C.innerspace_error, e *errs.Error, detail []byte) {
	if out == nil {
		return
	}
	out.status = C.innerspace_status(e.Status)
	fillBuffer(&out.message, []byte(strings.ToValidUTF8(e.Message, "\uFFFD")))
	fillBuffer(&out.path, []byte(strings.ToValidUTF8(e.Path, "\uFFFD")))
	fillBuffer(&out.detail, detail)
}

// fillBuffer copies data to memory that innerspace_buffer_free frees.
func fillBuffer(out *C.innerspace_buffer, data []byte) {
	out.data, out.size = nil, 0
	if len(data) > 0 {
		out.data, out.size = (*C.char)(C.CBytes(data)), C.size_t(len(data))
	}
}
