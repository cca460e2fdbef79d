package tabular

import (
	"math"
	"strconv"
	"strings"
)

// floatText is Python's str(float): the shortest digits that give the number back, with ".0" where there would be no
// point, and an exponent below 1e-4 and from 1e16 on. bits is 32 or 64; the shortest digits of a float32 are shorter,
// as numpy prints them. ok is false for what is no number.
func floatText(x float64, bits int) (text string, ok bool) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "", false
	}
	if x != 0 {
		scientific := strconv.FormatFloat(x, 'e', -1, bits)
		exponent, _ := strconv.Atoi(scientific[strings.IndexByte(scientific, 'e')+1:])
		if exponent < -4 || exponent >= 16 {
			return scientific, true
		}
	}
	text = strconv.FormatFloat(x, 'f', -1, bits)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text, true
}

// boolText is Python's str(bool).
func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
