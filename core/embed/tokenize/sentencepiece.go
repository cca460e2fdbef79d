package tokenize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// readSentencePieceSplit reads the pre-tokenizers that stand before SentencePiece's models: none, Metaspace,
// WhitespaceSplit and then Metaspace, or a Split at single spaces.
func readSentencePieceSplit(raw json.RawMessage, path string) (splitter, error) {
	if isNull(raw) {
		return func(text string, word func(string)) {
			if text != "" {
				word(text)
			}
		}, nil
	}
	list, sequence, err := readSequence(raw, path, "pretokenizers")
	if err != nil {
		return nil, err
	}
	if !sequence {
		return readSentencePieceStep(raw, path)
	}
	steps := make([]splitter, len(list))
	for i, raw := range list {
		if steps[i], err = readSentencePieceStep(raw, fmt.Sprintf("%s.pretokenizers[%d]", path, i)); err != nil {
			return nil, err
		}
	}
	switch len(steps) {
	case 1:
		return steps[0], nil
	case 2:
		return func(text string, word func(string)) {
			steps[0](text, func(part string) { steps[1](part, word) })
		}, nil
	}
	return nil, errs.New(errs.Unsupported, "%d pre-tokenizers; WhitespaceSplit and Metaspace are supported", len(list)).At(path)
}

func readSentencePieceStep(raw json.RawMessage, path string) (splitter, error) {
	members, err := readObject(raw, path)
	if err != nil {
		return nil, err
	}
	var kind string
	if _, err := members.take("type", &kind); err != nil {
		return nil, err
	}
	switch kind {
	case "Metaspace":
		return readMetaspace(members)
	case "WhitespaceSplit":
		return splitAtSpaces, members.refuseRest()
	case "Split":
		return readSplitAfterSpace(members)
	}
	return nil, errs.New(errs.Unsupported, "pre-tokenizer %.60q for a SentencePiece model; Metaspace, WhitespaceSplit and a Split at spaces are supported", kind).At(path)
}

// namesMetaspace tells a byte-pair model of characters from one of bytes, which no Metaspace stands before.
func namesMetaspace(raw json.RawMessage) bool { return bytes.Contains(raw, []byte(`"Metaspace"`)) }

// splitAtSpaces is WhitespaceSplit: white space separates words and is dropped.
func splitAtSpaces(text string, word func(string)) {
	for _, part := range strings.FieldsFunc(text, isSpace) {
		word(part)
	}
}

// readMetaspace reads what puts "▁" in the place of spaces and before a text, and splits before each.
func readMetaspace(members *object) (splitter, error) {
	replacement, scheme := "▁", "always"
	var prefixSpace *bool // of files from before prepend_scheme
	var oldReplacement json.RawMessage
	split := true
	if err := members.takeAll(map[string]any{
		"replacement": &replacement, "prepend_scheme": &scheme, "add_prefix_space": &prefixSpace, "split": &split, "str_rep": &oldReplacement,
	}); err != nil {
		return nil, err
	}
	if prefixSpace != nil && !*prefixSpace {
		if scheme == "first" {
			return nil, errs.New(errs.InvalidInput, `add_prefix_space is false and prepend_scheme "first"`).At(members.path)
		}
		scheme = "never"
	}
	if len([]rune(replacement)) != 1 {
		return nil, errs.New(errs.InvalidInput, "replacement %.20q is not one character", replacement).At(members.path + ".replacement")
	}
	if scheme != "always" && scheme != "never" {
		return nil, errs.New(errs.Unsupported, `prepend_scheme %.20q; "always" and "never" are supported`, scheme).At(members.path + ".prepend_scheme")
	}
	return func(text string, word func(string)) {
		if text == "" {
			return
		}
		text = strings.ReplaceAll(text, " ", replacement)
		if scheme == "always" && !strings.HasPrefix(text, replacement) {
			text = replacement + text
		}
		for split {
			next := strings.Index(text[1:], replacement)
			if next < 0 {
				break
			}
			word(text[:next+1])
			text = text[next+1:]
		}
		word(text)
	}, nil
}

// readSplitAfterSpace reads Gemma's Split, which cuts after each space.
func readSplitAfterSpace(members *object) (splitter, error) {
	var pattern struct{ String, Regex *string }
	var behavior string
	var invert bool
	if err := members.takeAll(map[string]any{"pattern": &pattern, "behavior": &behavior, "invert": &invert}); err != nil {
		return nil, err
	}
	if pattern.Regex != nil || pattern.String == nil || *pattern.String != " " || behavior != "MergedWithPrevious" || invert {
		return nil, errs.New(errs.Unsupported, `a Split of another kind than at the String " " with MergedWithPrevious`).At(members.path)
	}
	return func(text string, word func(string)) {
		for _, part := range strings.SplitAfter(text, " ") {
			if part != "" {
				word(part)
			}
		}
	}, nil
}
