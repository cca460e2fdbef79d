// Package streamtest gives tests Arrow C structs in C memory, which test files cannot make
// themselves (they cannot use cgo), and a producer that fails.
package streamtest

/*
#include <stdlib.h>
#include <string.h>
#include "../arrow_c_abi.h"

struct failure {
  int code;
  char* message;
};

static int failing_get_schema(struct ArrowArrayStream* stream, struct ArrowSchema* out) {
  return ((struct failure*)stream->private_data)->code;
}
static int failing_get_next(struct ArrowArrayStream* stream, struct ArrowArray* out) {
  return ((struct failure*)stream->private_data)->code;
}
static const char* failing_get_last_error(struct ArrowArrayStream* stream) {
  return ((struct failure*)stream->private_data)->message;
}
static void failing_release(struct ArrowArrayStream* stream) {
  struct failure* failure = stream->private_data;
  free(failure->message);
  free(failure);
  // Does not mark the stream released, as some producers do not.
}

static void make_failing(struct ArrowArrayStream* stream, int code, const char* message) {
  struct failure* failure = malloc(sizeof *failure);
  failure->code = code;
  failure->message = message ? strdup(message) : NULL;
  stream->get_schema = failing_get_schema;
  stream->get_next = failing_get_next;
  stream->get_last_error = failing_get_last_error;
  stream->release = failing_release;
  stream->private_data = failure;
}
*/
import "C"

import (
	"syscall"
	"unsafe"
)

// NewSchema, NewArray and NewStream return zeroed structs; free them with Free.
func NewSchema() unsafe.Pointer { return C.calloc(1, C.sizeof_struct_ArrowSchema) }

// NewArray returns a zeroed ArrowArray.
func NewArray() unsafe.Pointer { return C.calloc(1, C.sizeof_struct_ArrowArray) }

// NewStream returns a zeroed ArrowArrayStream.
func NewStream() unsafe.Pointer { return C.calloc(1, C.sizeof_struct_ArrowArrayStream) }

// NewFailingStream returns a stream whose every call fails with code and message ("" is a null message).
func NewFailingStream(code syscall.Errno, message string) unsafe.Pointer {
	stream := NewStream()
	var text *C.char
	if message != "" {
		text = C.CString(message)
		defer C.free(unsafe.Pointer(text))
	}
	C.make_failing((*C.struct_ArrowArrayStream)(stream), C.int(code), text)
	return stream
}

// NewString returns a zero-terminated copy of s; free it with Free.
func NewString(s string) unsafe.Pointer { return unsafe.Pointer(C.CString(s)) }

// NewPointers returns an array of pointers; free it with Free.
func NewPointers(pointers ...uintptr) unsafe.Pointer {
	p := C.calloc(C.size_t(len(pointers)+1), C.size_t(unsafe.Sizeof(uintptr(0))))
	copy(unsafe.Slice((*uintptr)(p), len(pointers)), pointers)
	return p
}

// Free frees what the functions of this package return, not what the structs hold.
func Free(p unsafe.Pointer) { C.free(p) }
