package tokenize

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// bytePair is a byte-level byte-pair encoder with an end-of-word suffix.
type bytePair struct {
	inside, last [256]int32 // the id of each byte, inside a word and as its last
	merges       map[[2]int32]merge
}

// merge is what a pair of neighbours becomes; a lower rank goes first.
type merge struct{ rank, id int32 }

func readBPE(model *object) (*bytePair, map[string]int32, error) {
	vocabulary, err := readVocabulary(model)
	if err != nil {
		return nil, nil, err
	}
	var merges []json.RawMessage
	var prefix, suffix string
	var dropout float64
	var ignoreMerges bool
	// Every byte has an id, so that nothing is unknown and these three never matter.
	var unknown, fuseUnknown, byteFallback json.RawMessage
	if err := model.takeAll(map[string]any{
		"merges": &merges, "dropout": &dropout, "continuing_subword_prefix": &prefix, "end_of_word_suffix": &suffix,
		"ignore_merges": &ignoreMerges, "unk_token": &unknown, "fuse_unk": &fuseUnknown, "byte_fallback": &byteFallback,
	}); err != nil {
		return nil, nil, err
	}
	switch {
	case dropout != 0:
		return nil, nil, errs.New(errs.Unsupported, "dropout, which makes ids random").At(model.path + ".dropout")
	case prefix != "":
		return nil, nil, errs.New(errs.Unsupported, "continuing_subword_prefix %.60q for a byte-pair model", prefix).At(model.path)
	case ignoreMerges:
		return nil, nil, errs.New(errs.Unsupported, "ignore_merges").At(model.path)
	case len(merges) > maxVocabulary:
		return nil, nil, errs.New(errs.InvalidInput, "%d merges; at most %d are read", len(merges), maxVocabulary).At(model.path + ".merges")
	}
	pairs := &bytePair{}
	if err := pairs.readBytes(vocabulary, suffix); err != nil {
		return nil, nil, err.At(model.path + ".vocab")
	}
	if err := pairs.readMerges(merges, vocabulary, model.path+".merges"); err != nil {
		return nil, nil, err
	}
	return pairs, vocabulary, nil
}

func (b *bytePair) readBytes(vocabulary map[string]int32, suffix string) *errs.Error {
	for value, letter := range byteAlphabet() {
		for _, symbol := range []struct {
			text string
			ids  *[256]int32
		}{{string(letter), &b.inside}, {string(letter) + suffix, &b.last}} {
			id, ok := vocabulary[symbol.text]
			if !ok {
				return errs.New(errs.Unsupported, "the vocabulary lacks %q, the symbol of byte %#02x; it is not byte-level", symbol.text, value)
			}
			symbol.ids[value] = id
		}
	}
	return nil
}

// byteAlphabet is GPT-2's: the printable bytes of Latin-1 stand for themselves, the others for U+0100 and up.
func byteAlphabet() [256]rune {
	var alphabet [256]rune
	next := rune(0x100)
	for value := range alphabet {
		r := rune(value)
		if '!' <= r && r <= '~' || '¡' <= r && r <= '¬' || '®' <= r {
			alphabet[value] = r
		} else {
			alphabet[value] = next
			next++
		}
	}
	return alphabet
}

// readMerges reads both forms that files have, "a b" and ["a", "b"].
func (b *bytePair) readMerges(list []json.RawMessage, vocabulary map[string]int32, path string) error {
	b.merges = make(map[[2]int32]merge, len(list))
	rank := int32(0)
	for i, raw := range list {
		left, right, err := readMerge(raw)
		if err != nil {
			return err.At(fmt.Sprintf("%s[%d]", path, i))
		}
		if left == versionLine {
			continue
		}
		ids := [3]int32{}
		for j, text := range []string{left, right, left + right} {
			id, ok := vocabulary[text]
			if !ok {
				return errs.New(errs.InvalidInput, "%.60q of a merge is not in the vocabulary", text).At(fmt.Sprintf("%s[%d]", path, i))
			}
			ids[j] = id
		}
		b.merges[[2]int32{ids[0], ids[1]}] = merge{rank: rank, id: ids[2]}
		rank++
	}
	return nil
}

// versionLine begins a line of merges that is a comment.
const versionLine = "#version"

func readMerge(raw json.RawMessage) (left, right string, failed *errs.Error) {
	var parts []string
	if len(raw) > 0 && raw[0] == '"' {
		var line string
		if err := json.Unmarshal(raw, &line); err != nil {
			return "", "", errs.Wrap(err, errs.InvalidInput, "not a merge: %v", err)
		}
		if strings.HasPrefix(line, versionLine) {
			return versionLine, "", nil
		}
		parts = strings.Split(line, " ")
	} else if err := json.Unmarshal(raw, &parts); err != nil {
		return "", "", errs.Wrap(err, errs.InvalidInput, "not a merge: %v", err)
	}
	if len(parts) != 2 || parts[0] == "" || parts[1] == "" {
		return "", "", errs.New(errs.InvalidInput, "a merge of %d texts; it has two", len(parts))
	}
	return parts[0], parts[1], nil
}
