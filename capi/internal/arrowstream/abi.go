package arrowstream

/*
#include <stdlib.h>
#include <string.h>
#include "arrow_c_abi.h"

static int stream_get_schema(struct ArrowArrayStream* stream, struct ArrowSchema* out) {
  return stream->get_schema(stream, out);
}
static int stream_get_next(struct ArrowArrayStream* stream, struct ArrowArray* out) {
  return stream->get_next(stream, out);
}
static const char* stream_get_last_error(struct ArrowArrayStream* stream) {
  return stream->get_last_error ? stream->get_last_error(stream) : NULL;
}
// A producer that forgets to mark its struct released must not bring the process
// down, as the assertion of the usual helpers would.
static void stream_release(struct ArrowArrayStream* stream) {
  if (stream->release) stream->release(stream);
  stream->release = NULL;
}
static void schema_release(struct ArrowSchema* schema) {
  if (schema->release) schema->release(schema);
  schema->release = NULL;
}
static void array_release(struct ArrowArray* array) {
  if (array->release) array->release(array);
  array->release = NULL;
}
*/
import "C"

import (
	"strings"
	"syscall"
	"unsafe"
)

// cSchema, cArray and cStream mirror the structs of arrow_c_abi.h. Their
// pointers are numbers here: the runtime may stop the process when a value of a pointer type
// holds no address, such as the 0x40 that some producers put for an empty buffer.
type cSchema struct {
	format, name, metadata uintptr
	flags, children        int64
	child                  uintptr
	dictionary             uintptr
	release, private       uintptr
}

type cArray struct {
	length, nulls, offset int64
	buffers, children     int64
	buffer, child         uintptr
	dictionary            uintptr
	release, private      uintptr
}

type cStream struct {
	getSchema, getNext, getLastError uintptr
	release, private                 uintptr
}

// The mirrors have the size of what they mirror, or this does not compile.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(cSchema{})-unsafe.Sizeof(C.struct_ArrowSchema{})]
	_ = [1]struct{}{}[unsafe.Sizeof(cArray{})-unsafe.Sizeof(C.struct_ArrowArray{})]
	_ = [1]struct{}{}[unsafe.Sizeof(cStream{})-unsafe.Sizeof(C.struct_ArrowArrayStream{})]
)

func newSchema() *cSchema { return (*cSchema)(C.calloc(1, C.sizeof_struct_ArrowSchema)) }

// freeSchema releases what a producer wrote into newSchema's struct, and frees it.
func freeSchema(s *cSchema) {
	C.schema_release((*C.struct_ArrowSchema)(unsafe.Pointer(s)))
	C.free(unsafe.Pointer(s))
}

func newArray() *cArray { return (*cArray)(C.calloc(1, C.sizeof_struct_ArrowArray)) }

// freeArray releases what a producer wrote into newArray's struct, and frees it.
func freeArray(a *cArray) {
	C.array_release((*C.struct_ArrowArray)(unsafe.Pointer(a)))
	C.free(unsafe.Pointer(a))
}

func (s *cStream) c() *C.struct_ArrowArrayStream {
	return (*C.struct_ArrowArrayStream)(unsafe.Pointer(s))
}

func (s *cStream) schemaInto(out *cSchema) syscall.Errno {
	return syscall.Errno(C.stream_get_schema(s.c(), (*C.struct_ArrowSchema)(unsafe.Pointer(out))))
}

func (s *cStream) nextInto(out *cArray) syscall.Errno {
	return syscall.Errno(C.stream_get_next(s.c(), (*C.struct_ArrowArray)(unsafe.Pointer(out))))
}

// lastError is the producer's own message, "" where it has none.
func (s *cStream) lastError() string {
	message := C.stream_get_last_error(s.c())
	if message == nil {
		return ""
	}
	n := min(C.strnlen(message, maxMessage), maxMessage)
	return strings.ToValidUTF8(C.GoStringN(message, C.int(n)), "\uFFFD")
}

// Release releases the ArrowArrayStream at stream; null and released ones are left alone.
func Release(stream unsafe.Pointer) {
	if stream != nil {
		C.stream_release((*C.struct_ArrowArrayStream)(stream))
	}
}

// maxMessage is the most that is read of a producer's message, in bytes.
const maxMessage = 64 << 10

// lowestAddress is the end of the page that no process maps: a smaller pointer is no pointer.
const lowestAddress = 4096

func isAddress(p uintptr) bool { return p >= lowestAddress }

// pointer turns a checked number into a pointer to C memory, which the collector neither moves nor frees.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// values views n values of C memory; p is not looked at where n is 0.
func values[T any](p uintptr, n int64) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(pointer(p)), n)
}

// cString copies a zero-terminated string of at most limit bytes; ok is false for a longer one. A null pointer is "".
func cString(p uintptr, limit int) (s string, ok bool) {
	if !isAddress(p) {
		return "", true
	}
	n := C.strnlen((*C.char)(pointer(p)), C.size_t(limit)+1)
	if int(n) > limit {
		return "", false
	}
	return strings.Clone(unsafe.String((*byte)(pointer(p)), int(n))), true
}
