package main

// #include "abi.h"
import "C"

import (
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

// Caps on what is copied in, in bytes. Rows and images do not come this way but as Arrow streams.
const (
	maxDefinition = 16 << 20
	maxQuery      = 16 << 20
	maxParams     = 64 << 20 // an image may be given as base64 text
	maxOptions    = 64 << 20 // holds the rejects of a put
	maxRequest    = 64 << 20 // holds the ids of a delete
	maxPicture    = 1 << 30
)

// readText copies a JSON document of the caller's.
func readText(what string, data *C.char, size C.size_t, limit int) ([]byte, error) {
	text, err := readBytes(what, data, size, limit)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, errs.New(errs.InvalidInput, "the %s is not valid UTF-8", what)
	}
	return text, nil
}

// readBytes copies bytes of the caller's.
func readBytes(what string, data *C.char, size C.size_t, limit int) ([]byte, error) {
	switch {
	case size > math.MaxInt64:
		return nil, errs.New(errs.InvalidInput, "the size of the %s is %d, which no memory holds (a negative number?)", what, uint64(size))
	case size > C.size_t(limit):
		return nil, errs.New(errs.LimitExceeded, "the %s has %d bytes; at most %d are read", what, uint64(size), limit)
	case size > 0 && data == nil:
		return nil, errs.New(errs.InvalidInput, "the %s is a null pointer with size %d", what, uint64(size))
	}
	return C.GoBytes(unsafe.Pointer(data), C.int(size)), nil
}

// needPointer refuses a null out-parameter.
func needPointer[T any](what string, out *T) error {
	if out == nil {
		return errs.New(errs.InvalidInput, "the pointer for the %s is null", what)
	}
	return nil
}
