package column

import "math"

// Ordered turns a number, which must not be NaN, into an integer of the same order, so that one loop compares both kinds. 0 and
// -0 are the same.
func Ordered(x float64) int64 {
	// As integers, the bits of positive numbers have their order, and those of negative ones the opposite one.
	word := int64(math.Float64bits(x + 0)) // -0 + 0 is 0
	return word ^ (word >> 63 & math.MaxInt64)
}

// Float is the number that Ordered turned into an integer.
func Float(ordered int64) float64 {
	return math.Float64frombits(uint64(ordered ^ (ordered >> 63 & math.MaxInt64)))
}
