package tokenize

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// The Split patterns that CLIP repositories ship. The second one, of older
// files, also matches the markers spelled out.
const (
	clipPattern        = `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`
	clipMarkersPattern = `<\|startoftext\|>|<\|endoftext\|>|` + clipPattern
)

var clipMarkers = []string{"<|startoftext|>", "<|endoftext|>"}

// clipSplit is CLIP's pre-tokenizer: a Split into words, then ByteLevel, which
// splits once more by GPT-2's pattern unless use_regex is false. On what the
// Split leaves, that only takes spelled-out markers apart.
type clipSplit struct {
	markers     []string
	keepSpaces  bool // Isolated instead of Removed: white space is a word too
	wholeMarker bool
}

func readCLIPSplit(raw json.RawMessage, path string) (splitter, error) {
	if isNull(raw) {
		return nil, errs.New(errs.Unsupported, "a byte-pair model without a pre-tokenizer; CLIP's Split and ByteLevel are supported").At(path)
	}
	steps, sequence, err := readSequence(raw, path, "pretokenizers")
	if err != nil {
		return nil, err
	}
	if !sequence {
		return nil, errs.New(errs.Unsupported, "a byte-pair model whose pre-tokenizer is no Sequence; one of CLIP's Split and ByteLevel is supported").At(path)
	}
	if len(steps) != 2 {
		return nil, errs.New(errs.Unsupported, "%d pre-tokenizers; for a byte-pair model CLIP's Split and ByteLevel are supported", len(steps)).At(path)
	}
	split := &clipSplit{}
	if err := split.readSplit(steps[0], path+".pretokenizers[0]"); err != nil {
		return nil, err
	}
	if err := split.readByteLevel(steps[1], path+".pretokenizers[1]"); err != nil {
		return nil, err
	}
	return split.split, nil
}

func (s *clipSplit) readSplit(raw json.RawMessage, path string) error {
	members, err := readObject(raw, path)
	if err != nil {
		return err
	}
	var kind, behavior string
	var pattern struct{ Regex string }
	var invert bool
	if err := members.takeAll(map[string]any{"type": &kind, "pattern": &pattern, "behavior": &behavior, "invert": &invert}); err != nil {
		return err
	}
	switch {
	case kind != "Split":
		return errs.New(errs.Unsupported, "pre-tokenizer %.60q; a Split by CLIP's pattern is supported here", kind).At(path)
	case pattern.Regex == clipPattern:
	case pattern.Regex == clipMarkersPattern:
		s.markers = clipMarkers
	default:
		return errs.New(errs.Unsupported, "a Split by another pattern than CLIP's").At(path + ".pattern")
	}
	switch {
	case behavior == "Isolated":
		s.keepSpaces = true
	case behavior == "Removed" && invert:
	default:
		return errs.New(errs.Unsupported, "Split behavior %.60q with invert %t; Removed with invert true and Isolated are supported", behavior, invert).At(path)
	}
	return nil
}

func (s *clipSplit) readByteLevel(raw json.RawMessage, path string) error {
	members, err := readObject(raw, path)
	if err != nil {
		return err
	}
	var kind string
	var trimOffsets json.RawMessage
	prefixSpace, useRegex := false, true
	if err := members.takeAll(map[string]any{
		"type": &kind, "add_prefix_space": &prefixSpace, "trim_offsets": &trimOffsets, "use_regex": &useRegex,
	}); err != nil {
		return err
	}
	switch {
	case kind != "ByteLevel":
		return errs.New(errs.Unsupported, "pre-tokenizer %.60q; ByteLevel is supported here", kind).At(path)
	case prefixSpace:
		return errs.New(errs.Unsupported, "ByteLevel with add_prefix_space").At(path)
	}
	s.wholeMarker = !useRegex
	return nil
}

func (s *clipSplit) split(text string, word func(string)) {
	for at := 0; at < len(text); {
		stop, kind := at, spaceRun
		if marker := s.markerAt(text[at:]); marker != "" {
			stop, kind = at+len(marker), markerWord
		} else if n := contraction(text[at:]); n > 0 {
			stop, kind = at+n, plainWord
		} else {
			stop, kind = nextRun(text, at)
		}
		switch {
		case kind == markerWord && !s.wholeMarker:
			(&clipSplit{}).split(text[at:stop], word)
		case kind != spaceRun || s.keepSpaces:
			word(text[at:stop])
		}
		at = stop
	}
}

func (s *clipSplit) markerAt(text string) string {
	for _, marker := range s.markers {
		if strings.HasPrefix(text, marker) {
			return marker
		}
	}
	return ""
}

// contraction returns the length of an English clitic that text begins with, 0 for none.
func contraction(text string) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	switch text[1] {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(text) >= 3 {
		switch text[1:3] {
		case "re", "ve", "ll":
			return 3
		}
	}
	return 0
}

type runKind int

const (
	spaceRun runKind = iota
	plainWord
	markerWord
)

// nextRun returns the end of the run that begins at at: white space, letters, one number, or other characters.
func nextRun(text string, at int) (int, runKind) {
	first, size := utf8.DecodeRuneInString(text[at:])
	class := classOf(first)
	stop := at + size
	if class != classNumber {
		for stop < len(text) {
			r, size := utf8.DecodeRuneInString(text[stop:])
			if classOf(r) != class {
				break
			}
			stop += size
		}
	}
	if class == classSpace {
		return stop, spaceRun
	}
	return stop, plainWord
}

type runeClass uint8

const (
	classOther runeClass = iota
	classSpace
	classLetter
	classNumber
)

func classOf(r rune) runeClass {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			return classLetter
		case '0' <= r && r <= '9':
			return classNumber
		case isSpace(r):
			return classSpace
		}
		return classOther
	}
	switch {
	case isIn(letters, r):
		return classLetter
	case isIn(numbers, r):
		return classNumber
	case isSpace(r):
		return classSpace
	}
	return classOther
}
