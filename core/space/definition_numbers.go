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

// checkEntry refuses a number that cannot be an entry of a vector.
func checkEntry(node document.Node, x float64) {
	if math.Abs(x) > math.MaxFloat32 {
		node.Fail("the number %g is out of the range of float32", x)
	}
}
