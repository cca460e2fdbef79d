package tokenize

import (
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// tokenizers' canonical forms know the characters of Unicode 9 and nothing newer,
// and x/text's norm cuts runs of more than 30 combining marks with U+034F. So
// decomposition and composition are done here, on x/text's data (which Unicode's
// stability policy freezes) for the characters that tokenizers knows.
type canonicalData struct {
	decomposition map[rune][]rune
	composition   map[[2]rune]rune
	class         map[rune]uint8
}

var canonical = sync.OnceValue(func() *canonicalData {
	data := &canonicalData{
		decomposition: make(map[rune][]rune, 2200),
		composition:   make(map[[2]rune]rune, 1000),
		class:         make(map[rune]uint8, 900),
	}
	forEach(nonstarters, func(r rune) {
		data.class[r] = norm.NFC.PropertiesString(string(r)).CCC()
	})
	forEach(decomposable, func(r rune) {
		parts := []rune(string(norm.NFD.PropertiesString(string(r)).Decomposition()))
		data.decomposition[r] = parts
		// A composite is its longest composable beginning and one more character; those that NFC takes apart don't count.
		if last := len(parts) - 1; last > 0 && norm.NFC.String(string(r)) == string(r) {
			first, size := utf8.DecodeRuneInString(norm.NFC.String(string(parts[:last])))
			if size == len(norm.NFC.String(string(parts[:last]))) {
				data.composition[[2]rune{first, parts[last]}] = r
			}
		}
	})
	return data
})

// belowCombining is the first code point that NFC may change or compose.
const belowCombining = 0x300

func nfc(text string) string {
	highest := rune(0)
	for _, r := range text {
		highest = max(highest, r)
	}
	// What is normal for a newer Unicode is normal for an older one.
	if highest < belowCombining || norm.NFC.IsNormalString(text) {
		return text
	}
	return string(compose(decompose(text)))
}

func nfd(text string) string {
	if isASCII(text) {
		return text
	}
	return string(decompose(text))
}

// decompose returns text's canonical decomposition in canonical order.
func decompose(text string) []rune {
	data := canonical()
	out := make([]rune, 0, len(text))
	for _, r := range text {
		switch {
		case r < 0xC0:
			out = append(out, r)
		case hangulFirst <= r && r < hangulFirst+hangulCount:
			out = appendHangul(out, r)
		default:
			if parts, ok := data.decomposition[r]; ok {
				out = append(out, parts...)
			} else {
				out = append(out, r)
			}
		}
	}
	for start := 0; start < len(out); start++ {
		if data.classOf(out[start]) == 0 {
			continue
		}
		stop := start + 1
		for stop < len(out) && data.classOf(out[stop]) != 0 {
			stop++
		}
		slices.SortStableFunc(out[start:stop], func(a, b rune) int { return int(data.class[a]) - int(data.class[b]) })
		start = stop
	}
	return out
}

func (d *canonicalData) classOf(r rune) uint8 {
	if r < belowCombining {
		return 0
	}
	return d.class[r]
}

// compose composes a canonical decomposition in place.
func compose(text []rune) []rune {
	data := canonical()
	out := text[:0]
	starter := -1         // index in out of the character that marks compose with
	lastClass := uint8(0) // class of what follows the starter, 0 for nothing
	for _, r := range text {
		class := data.classOf(r)
		if starter >= 0 && (lastClass == 0 || lastClass < class) {
			if composite, ok := data.pair(out[starter], r); ok {
				out[starter] = composite
				continue
			}
		}
		if lastClass = class; class == 0 {
			starter = len(out)
		}
		out = append(out, r)
	}
	return out
}

func (d *canonicalData) pair(first, second rune) (rune, bool) {
	if composite, ok := composeHangul(first, second); ok {
		return composite, true
	}
	composite, ok := d.composition[[2]rune{first, second}]
	return composite, ok
}

// Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
const (
	hangulFirst                        = 0xAC00
	leadFirst, vowelFirst, trailBefore = 0x1100, 0x1161, 0x11A7
	leadCount, vowelCount, trailCount  = 19, 21, 28
	hangulCount                        = leadCount * vowelCount * trailCount
)

func appendHangul(out []rune, syllable rune) []rune {
	index := syllable - hangulFirst
	out = append(out, leadFirst+index/(vowelCount*trailCount), vowelFirst+index%(vowelCount*trailCount)/trailCount)
	if trail := index % trailCount; trail != 0 {
		out = append(out, trailBefore+trail)
	}
	return out
}

func composeHangul(first, second rune) (rune, bool) {
	lead, vowel := first-leadFirst, second-vowelFirst
	if 0 <= lead && lead < leadCount && 0 <= vowel && vowel < vowelCount {
		return hangulFirst + (lead*vowelCount+vowel)*trailCount, true
	}
	syllable, trail := first-hangulFirst, second-trailBefore
	if 0 <= syllable && syllable < hangulCount && syllable%trailCount == 0 && 0 < trail && trail < trailCount {
		return first + trail, true
	}
	return 0, false
}

func forEach(table *unicode.RangeTable, do func(rune)) {
	for _, span := range table.R16 {
		for r := rune(span.Lo); r <= rune(span.Hi); r++ {
			do(r)
		}
	}
	for _, span := range table.R32 {
		for r := rune(span.Lo); r <= rune(span.Hi); r++ {
			do(r)
		}
	}
}
