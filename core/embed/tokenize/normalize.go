package tokenize

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// readNormalizer reads none, one, or a Sequence of normalizers.
func readNormalizer(raw json.RawMessage, path string) (normalizer, error) {
	if isNull(raw) {
		return func(text string) string { return text }, nil
	}
	list, sequence, err := readSequence(raw, path, "normalizers")
	if err != nil {
		return nil, err
	}
	if !sequence {
		return readNormalizerStep(raw, path)
	}
	steps := make([]normalizer, len(list))
	for i, raw := range list {
		if steps[i], err = readNormalizerStep(raw, fmt.Sprintf("%s.normalizers[%d]", path, i)); err != nil {
			return nil, err
		}
	}
	return func(text string) string {
		for _, step := range steps {
			text = step(text)
		}
		return text
	}, nil
}

func readNormalizerStep(raw json.RawMessage, path string) (normalizer, error) {
	members, err := readObject(raw, path)
	if err != nil {
		return nil, err
	}
	var kind string
	if _, err := members.take("type", &kind); err != nil {
		return nil, err
	}
	switch kind {
	case "NFC":
		return nfc, members.refuseRest()
	case "NFD":
		return nfd, members.refuseRest()
	case "Lowercase":
		return lowercase, members.refuseRest()
	case "Replace":
		return readReplace(members)
	case "Strip":
		return readStrip(members)
	case "Prepend":
		return readPrepend(members)
	case "Precompiled":
		return readPrecompiled(members)
	case "BertNormalizer":
		return readBertNormalizer(members)
	}
	return nil, errs.New(errs.Unsupported, "normalizer %.60q; NFC, NFD, Lowercase, Replace, Strip, Prepend, Precompiled, BertNormalizer and one Sequence of them are supported", kind).At(path)
}

// replaceSpaces puts content in the place of every run of white space.
func replaceSpaces(text, content string) string {
	if content == " " && !hasSpaceToReplace(text) {
		return text
	}
	var replaced strings.Builder
	replaced.Grow(len(text))
	inRun := false
	for _, r := range text {
		if !isSpace(r) {
			replaced.WriteRune(r)
		} else if !inRun {
			replaced.WriteString(content)
		}
		inRun = isSpace(r)
	}
	return replaced.String()
}

// hasSpaceToReplace tells whether text has white space other than single spaces.
func hasSpaceToReplace(text string) bool {
	previous := ' '
	for i, r := range text {
		if isSpace(r) && (r != ' ' || previous == ' ' && i > 0) {
			return true
		}
		previous = r
	}
	return false
}

// lowerRange maps the code points low, low+stride, … high to themselves plus delta.
type lowerRange struct{ low, high, stride, delta rune }

// lowercase maps code point by code point, as tokenizers does: no final sigma.
func lowercase(text string) string {
	if !strings.ContainsRune(text, 'İ') {
		return strings.Map(lowerRune, text)
	}
	parts := strings.Split(text, "İ")
	for i, part := range parts {
		parts[i] = strings.Map(lowerRune, part)
	}
	return strings.Join(parts, "i\u0307")
}

func lowerRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	low, high := 0, len(lowerRanges)
	for low < high {
		middle := (low + high) / 2
		candidate := &lowerRanges[middle]
		switch {
		case r < candidate.low:
			high = middle
		case r > candidate.high:
			low = middle + 1
		case (r-candidate.low)%candidate.stride == 0:
			return r + candidate.delta
		default:
			return r
		}
	}
	return r
}

func isIn(table *unicode.RangeTable, r rune) bool { return unicode.Is(table, r) }

func isNull(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
