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

// Codes are vectors as bytes: a quarter of their size, and with each the bound of what the bytes leave out. The upper halves of the bytes lie
// apart from the lower ones, since they alone tell for most rows that these are not among the best: a scan reads little more than an eighth
// of what the vectors take. The rows that may be among the best are scored by their vectors, so that the answer is that of scoring all. The zero Codes are none.
//
// # Layout
//
// An entry of a vector has a code c, from -127 to 127; its byte is c+128 = 16h+l. Entries go by blocks of 64, of which the last is filled up to 32 or 64
// with the code 0. A half of a block is its first or its second 16 or 32 entries. At dimension d there are b = ⌈d/64⌉ blocks and p = 16·⌈d/32⌉
// bytes for the h of a row, and as many for the l: a byte for an entry of the first half of a block, in its lower four bits, and for that of the second half.
//
// Uppers has 4b+p bytes for each row:
//
//	2 for each block  the step a: the upper 16 bits of a float32, little-endian
//	1 for each block  the residual σ of the upper halves
//	1 for each block  the length n
//	p                 the h
//
// Lowers has b+p bytes for each row:
//
//	1 for each block  the residual ρ
//	p                 the l
//
// Both have room for a multiple of 64 rows. All bytes of rows that were never written are 0, which is fine for rows that no search
// wants. The bytes have no pointers and need no alignment (64 is best): they can be written to a file and used mapped. They are the same
// on every machine, and depend on a row's vector alone. FormatOfCodes grows when any of this changes.
//
// # Bound
//
// Of a row v, a block's step is at least |v_i|/127 (rounded up to 8 significant bits, and at least 2⁻¹²⁰), its codes are c_i = round(v_i/a), and the middle of the
// codes that have its h is m_i = 16·(h_i − 7.5), so that c_i = m_i + l_i − 8. With them
//
//	‖v − a·c‖ ≤ a·ρ/60,   ‖v − a·m‖ ≤ a·σ/3.5,   a·‖c‖ ≤ a·4·n,   a·‖m‖ ≤ a·(4·n + 64)      (ρ ≤ 4·60, σ ≤ 68·3.5, n ≤ 127·8/4: bytes hold them)
//
// all computed in float64 and rounded up. A query q is coded alike, q = t·p + δ, with whole p_i. For each block
//
//	q·v = (t·p + δ)·a·m + q·(v − a·m),   so   |q·v − t·a·(p·m)| ≤ ‖δ‖·a·‖m‖ + ‖q‖·‖v − a·m‖ ≤ a·(‖δ‖·(4n + 64) + ‖q‖·σ/3.5)
//
// by Cauchy and Schwarz, where p·h is an exact integer sum. That is the bound that rows must pass first. The others get p·(l−8) added to it, which makes it
// t·a·(p·c), and then by the same argument |q·v − t·a·(p·c)| ≤ a·(‖δ‖·4n + ‖q‖·ρ/60). Per block, because then a block that the query does not weigh (q = 0 there) adds
// nothing to the bound, however large the rows are in it.
//
// What is compared is not q·v but Dot(q, v), and in float32: a sum of products with k roundings on the way of each is off by at most γ·Σ|q_i·v_i|,
// γ = k·2⁻²⁴/(1−k·2⁻²⁴), and Σ|q_i·v_i| ≤ Σ_blocks ‖q‖·a·(4n + ρ/60). The same holds for the few roundings of the bound's own arithmetic, of which the sums that it adds up are
// at most ‖t·p‖·a·(4n + 64) and ‖t·p‖·a·64. To that end what makes up for the 7.5 and the 8 is added to the whole numbers, to those of each lane apart: they would be off by much more
// if lanes canceled out in float32. Where that is not whole it is rounded up. All this goes into the factors of n, σ and ρ and what is added to them, which are made in
// float64 and rounded up with twice the roundings counted; what may underflow
// into one absolute term, 2⁻¹²⁶ a block: a product t·a that is denormal is off by 2⁻¹⁵⁰, and is multiplied with less than 2¹⁸. That nothing overflows is seen to
// beforehand: with ‖q‖, ‖v‖ and their product up to 10³⁰ no sum comes near the end of float32. Longest is the ‖v‖ of this test, for all rows at once; a search that does
// not pass it scores all vectors.
type Codes struct {
	Uppers, Lowers []byte  // empty: no codes
	Longest        float32 // no row written is longer; +Inf: one is too long to be bounded
}

// FormatOfCodes is the version of the layout of Codes, to be kept with stored ones. Others must be made anew.
const FormatOfCodes = 2

// CodesPay says whether vectors of a dimension are worth coding: short ones are read as fast themselves.
func CodesPay(dimension int) bool { return dimension >= 32 && dimension <= 1<<20 }

// CodesSize is how many bytes the codes of some rows have, a multiple of 64 of them or filled up to one.
func CodesSize(rows, dimension int) (uppers, lowers int) {
	rows = (rows + C.CODES_ROWS - 1) / C.CODES_ROWS * C.CODES_ROWS
	layout := C.codes_layout_of(C.size_t(dimension))
	return rows * int(layout.upper), rows * int(layout.lower)
}

// Empty says whether there are no codes.
func (c Codes) Empty() bool { return len(c.Uppers) == 0 }

// part returns the codes of some rows, from a multiple of 64 on.
func (c Codes) part(first, rows, dimension int) Codes {
	upper, lower := CodesSize(first, dimension)
	endOfUppers, endOfLowers := CodesSize(first+rows, dimension)
	return Codes{c.Uppers[upper:endOfUppers], c.Lowers[lower:endOfLowers], c.Longest}
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

// Set writes the codes of vectors that lie one after the other, as the rows from first on, in place of what was there; Uppers and Lowers grow as needed.
// Longest never shrinks: where all rows are replaced, begin with new Codes.
func (c *Codes) Set(first int, vectors []float32, dimension int) error {
	if dimension <= 0 || first < 0 || len(vectors)%dimension != 0 {
		return errs.New(errs.Internal, "%d values are no vectors of dimension %d for the codes from row %d on", len(vectors), dimension, first)
	}
	rows := len(vectors) / dimension
	if rows == 0 {
		return nil
	}
	uppers, lowers := CodesSize(first+rows, dimension)
	if uppers > len(c.Uppers) {
		c.Uppers = append(c.Uppers, make([]byte, uppers-len(c.Uppers))...)
	}
	if lowers > len(c.Lowers) {
		c.Lowers = append(c.Lowers, make([]byte, lowers-len(c.Lowers))...)
	}
	longest := C.innerspace_codes_write((*C.float)(unsafe.Pointer(&vectors[0])), C.size_t(rows), C.size_t(dimension),
		(*C.uint8_t)(unsafe.Pointer(&c.Uppers[0])), (*C.uint8_t)(unsafe.Pointer(&c.Lowers[0])), C.size_t(first))
	c.Longest = max(c.Longest, float32(longest))
	return nil
}

// bound says whether no sum of the products of a query of the given length with a row of these codes can overflow.
func (c Codes) bound(length float64) bool {
	const most = 1e30
	longest := float64(c.Longest)
	return length <= most && longest <= most && length*math.Max(longest, 1) <= most
}
