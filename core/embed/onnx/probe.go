package onnx

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The head of OrtApiBase, which is fixed for all of ONNX Runtime 1.x.
typedef struct {
	const void *(*get_api)(uint32_t version);
	const char *(*get_version_string)(void);
} api_base;

static const char *version_of(void *get_api_base) {
	const api_base *base = ((const api_base *(*)(void))get_api_base)();
	return base ? base->get_version_string() : NULL;
}
*/
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

// libraryVersion opens a library and asks it which ONNX Runtime it is. The binding
// could not say: it fails without the version on an old library, and ONNX
// Runtime prints to stderr then. A library that answers stays open.
func libraryVersion(path string) (string, error) {
	// dlerror belongs to the thread of the failed call.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	file := C.CString(path)
	defer C.free(unsafe.Pointer(file))
	handle := C.dlopen(file, C.RTLD_LAZY|C.RTLD_LOCAL)
	if handle == nil {
		return "", errs.New(errs.InvalidInput, "%s is not a library that this machine can load: %s", path, C.GoString(C.dlerror()))
	}
	name := C.CString("OrtGetApiBase")
	defer C.free(unsafe.Pointer(name))
	symbol := C.dlsym(handle, name)
	if symbol == nil {
		C.dlclose(handle)
		return "", errs.New(errs.InvalidInput, "%s is a library, but not ONNX Runtime: it has no OrtGetApiBase", path)
	}
	version := C.version_of(symbol)
	if version == nil {
		C.dlclose(handle)
		return "", errs.New(errs.InvalidInput, "%s is ONNX Runtime, but does not say which version", path)
	}
	return C.GoString(version), nil
}
