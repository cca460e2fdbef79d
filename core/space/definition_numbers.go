package space

import (
	"math"
	"strconv"
	"strings"

	"github.com/innerspace/innerspace/core/document"
)

// pythonFloat writes a number as Python does: with a point, or an exponent for very large and small ones.
func pythonFloat(x float64) string {
	if size := math.Abs(x); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(x, 'e', -1, 64)
	}
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// maxEntry keeps the product of two entries, and sums of many such, far from the bounds of float32.
const maxEntry = 1e15

// checkEntry refuses a number that is too large for an entry of a vector.
func checkEntry(node document.Node, x float64) {
	if math.Abs(x) > maxEntry {
		node.Fail("the number %g is too large; it may be from %g to %g", x, -maxEntry, maxEntry)
	}
}
