package vector

/*
#cgo CFLAGS: -O3 -std=c11
#cgo LDFLAGS: -lm
#include "codes.h"
*/
import "C"

import (
	"math"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

// Codes are vectors as bytes: a quarter of their size, and with each the bound of what the bytes leave out.
// A scan of the codes tells which rows may be among the best; those alone are then scored by their
// vectors, so that the answer is that of scoring all. The zero Codes are none.
//
// # Layout
//
// 16 rows lie together as a group (the last one is filled up), groups one after the other. A group has a part for each
// block of 64 entries of the vectors:
//
//	bytes  0-31  the step a of each of the 16 rows: the upper 16 bits of a float32, little-endian
//	bytes 32-47  the residual ρ of each row
//	bytes 48-63  the length n of each row
//	then, for each 4 entries of the block, 16 rows x 4 entries: the code c of an entry as the byte c+128
//
// The last block may have fewer entries; they are filled up to a multiple of 4 with the code 0. So a group has
// 64·⌈d/64⌉ + 16·4·⌈d/4⌉ bytes at dimension d. All bytes of rows that were never written are 0, which is fine for rows that no search
// wants. The bytes have no pointers and need no alignment (64 is best): they can be written to a file and used mapped. They are the same
// on every machine, and depend on a row's vector alone. FormatOfCodes grows when any of this changes.
//
// # Bound
//
// Of a row v, a block's step is at least |v_i|/127 (rounded up to 8 significant bits, and at least 2⁻¹²⁰), its codes are c_i = round(v_i/a), and
//
//	‖v − a·c‖ ≤ a·ρ/60,   a·‖c‖ ≤ a·4·n      (ρ ≤ 4·60, n ≤ 127·8/4: bytes hold both)
//
// both computed in float64 and rounded up. A query q is coded alike, q = t·p + δ, with whole p_i. For each block
//
//	q·v = (t·p + δ)·a·c + q·(v − a·c),   so   |q·v − t·a·(p·c)| ≤ ‖δ‖·a·‖c‖ + ‖q‖·‖v − a·c‖ ≤ a·(‖δ‖·4n + ‖q‖·ρ/60)
//
// by Cauchy and Schwarz, where p·c is an exact integer sum. Per block, because then a block that the query does not weigh (q = 0 there) adds nothing to
// the bound, however large the rows are in it. What is compared is not q·v but Dot(q, v), and in float32: a sum of products with m roundings on the
// way of each is off by at most γ·Σ|q_i·v_i|, γ = m·2⁻²⁴/(1−m·2⁻²⁴), and Σ|q_i·v_i| ≤ Σ_blocks ‖q‖·a·(4n + ρ/60). The same holds for the few roundings of the
// bound's own arithmetic. All this goes into the factors of n and ρ, which are made in float64 and rounded up with twice the roundings counted; what may underflow
// into one absolute term, 2⁻¹²⁶ a block. That nothing overflows is seen to beforehand: with ‖q‖, ‖v‖ and their
// product up to 10³⁰ no sum comes near the end of float32. Longest is the ‖v‖ of this test, for all rows at once; a search that does not pass it scores all vectors.
type Codes struct {
	Bytes   []byte  // empty: no codes
	Longest float32 // no row written is longer; +Inf: one is too long to be bounded
}

// FormatOfCodes is the version of the layout of Codes, to be kept with stored ones. Others must be made anew.
const FormatOfCodes = 1

// CodesPay says whether vectors of a dimension are worth coding: short ones are read as fast themselves.
func CodesPay(dimension int) bool { return dimension >= 32 && dimension <= 1<<20 }

// CodesSize is how many bytes the codes of some rows have: whole groups.
func CodesSize(rows, dimension int) int {
	return (rows + C.CODES_GROUP - 1) / C.CODES_GROUP * int(C.codes_group_bytes(C.size_t(dimension)))
}

// Encode returns the codes of vectors that lie one after the other.
func Encode(vectors []float32, dimension int) (Codes, error) {
	codes := Codes{}
	rows := 0
	if dimension > 0 {
		rows = len(vectors) / dimension
	}
	err := codes.Set(0, vectors[:rows*dimension], dimension)
	return codes, err
}

// Set writes the codes of vectors that lie one after the other, as the rows from first on, in place of what was there; Bytes grows as needed.
// Longest never shrinks: where all rows are replaced, begin with new Codes.
func (c *Codes) Set(first int, vectors []float32, dimension int) error {
	if dimension <= 0 || first < 0 || len(vectors)%dimension != 0 {
		return errs.New(errs.Internal, "%d values are no vectors of dimension %d for the codes from row %d on", len(vectors), dimension, first)
	}
	rows := len(vectors) / dimension
	if rows == 0 {
		return nil
	}
	if size := CodesSize(first+rows, dimension); size > len(c.Bytes) {
		c.Bytes = append(c.Bytes, make([]byte, size-len(c.Bytes))...)
	}
	longest := C.innerspace_codes_write((*C.float)(unsafe.Pointer(&vectors[0])), C.size_t(rows), C.size_t(dimension),
		(*C.uint8_t)(unsafe.Pointer(&c.Bytes[0])), C.size_t(first))
	c.Longest = max(c.Longest, float32(longest))
	return nil
}

// bound says whether no sum of the products of a query of the given length with a row of these codes can overflow.
func (c Codes) bound(length float64) bool {
	const most = 1e30
	longest := float64(c.Longest)
	return length <= most && longest <= most && length*math.Max(longest, 1) <= most
}
