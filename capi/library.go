package main

// #include "abi.h"
import "C"

import (
	"github.com/innerspace/innerspace/core"
	"github.com/innerspace/innerspace/core/imaging"
)

// version lives as long as the process, as the header promises.
var version = C.CString(core.Version)

//export goVersion
func goVersion() *C.char { return version }

//export goClose
func goClose(h C.innerspace_handle, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(*call) error { return handles.Close(uint64(h)) })
}

//export goMemoryInUse
func goMemoryInUse(bytes, count *C.int64_t, failure *C.innerspace_error) C.innerspace_status {
	return guard(failure, func(*call) error {
		if err := needPointer("bytes", bytes); err != nil {
			return err
		}
		if err := needPointer("handles", count); err != nil {
			return err
		}
		*bytes, *count = C.int64_t(allocator.InUse()), C.int64_t(handles.Len())
		return nil
	})
}

//export goImageThumbnail
func goImageThumbnail(
	data *C.char, size C.size_t, maxSide C.int32_t, out *C.innerspace_buffer, failure *C.innerspace_error,
) C.innerspace_status {
	return guard(failure, func(*call) error {
		if err := needPointer("thumbnail", out); err != nil {
			return err
		}
		picture, err := readBytes("picture", data, size, maxPicture)
		if err != nil {
			return err
		}
		thumbnail, err := imaging.Thumbnail(picture, int(maxSide), imaging.Limits{})
		if err != nil {
			return err
		}
		fillBuffer(out, thumbnail)
		return nil
	})
}
