package filter

/*
#cgo CFLAGS: -O3 -std=c11
#cgo noescape innerspace_numbers_between
#cgo nocallback innerspace_numbers_between
#cgo noescape innerspace_numbers_one_of
#cgo nocallback innerspace_numbers_one_of
#include "numbers.h"
*/
import "C"

import (
	"math/bits"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/vector"
)

// path is a set of instructions that comparisons are written for. All of them find the same.
type path C.uint

var pathNames = map[path]string{C.NUMBERS_PORTABLE: "portable", C.NUMBERS_AVX2: "AVX2", C.NUMBERS_AVX512: "AVX-512"}

func (p path) String() string { return pathNames[p] }

// paths are those of this processor, the best last.
func paths() (list []path) {
	for has := C.innerspace_numbers_paths(); has != 0; has &= has - 1 {
		list = append(list, path(bits.TrailingZeros32(uint32(has))))
	}
	return list
}

// chosen is the path of all filters.
var chosen = func() path { list := paths(); return list[len(list)-1] }()

// operands are what the comparisons of a span of a column read and write.
type operands struct {
	values        *C.int64_t
	present, need *C.uint64_t
	into          *C.uint64_t
	words         C.size_t
}

// operandsOf cuts all slices to the span, so that one that is too short is a panic here and not a read past its end in C. There are none
// where the column ends before the span.
func operandsOf(c *column.Column, need, into vector.Bitmap, in span) (o operands, any bool) {
	to := min(in.to, len(c.Present()))
	if in.from >= to {
		return operands{}, false
	}
	values, present := c.Numbers()[64*in.from:64*to], c.Present()[in.from:to]
	need, into = need[in.from:to], into[in.from:to]
	return operands{
		(*C.int64_t)(&values[0]), (*C.uint64_t)(&present[0]), (*C.uint64_t)(&need[0]), (*C.uint64_t)(&into[0]), C.size_t(to - in.from),
	}, true
}

func (p path) between(o operands, low int64, width uint64) {
	C.innerspace_numbers_between(C.uint(p), o.values, o.present, o.need, o.into, o.words, C.int64_t(low), C.uint64_t(width))
}

func oneOfTable(o operands, low int64, table []uint8) {
	C.innerspace_numbers_one_of(o.values, o.present, o.need, o.into, o.words, C.int64_t(low), C.uint64_t(len(table)-1), (*C.uint8_t)(&table[0]))
}
