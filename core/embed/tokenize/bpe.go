package tokenize

import (
	"encoding/json"

	"github.com/innerspace/innerspace/core/errs"
)

// bytePair is a byte-level byte-pair encoder with an end-of-word suffix.
type bytePair struct {
	inside, last [256]int32 // the id of each byte, inside a word and as its last
	mergeTable
}

// mergeTable is what pairs of neighbours become.
type mergeTable map[[2]int32]merge

// merge is what a pair of neighbours becomes; a lower rank goes first.
type merge struct{ rank, id int32 }

func readBPE(model *object) (*bytePair, map[string]int32, error) {
	vocabulary, err := readVocabulary(model)
	if err != nil {
		return nil, nil, err
	}
	merges, err := readMerges(model)
	if err != nil {
		return nil, nil, err
	}
	var prefix, suffix string
	var dropout float64
	var ignoreMerges bool
	// Every byte has an id, so that nothing is unknown and these three never matter.
	var unknown, fuseUnknown, byteFallback json.RawMessage
	if err := model.takeAll(map[string]any{
		"dropout": &dropout, "continuing_subword_prefix": &prefix, "end_of_word_suffix": &suffix,
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
	}
	pairs := &bytePair{}
	if err := pairs.readBytes(vocabulary, suffix); err != nil {
		return nil, nil, err.At(model.path + ".vocab")
	}
	var failure *errs.Error
	if pairs.mergeTable, failure = rankMerges(merges, vocabulary); failure != nil {
		return nil, nil, failure.At(model.path + ".merges")
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

func rankMerges(merges [][2]string, vocabulary map[string]int32) (mergeTable, *errs.Error) {
	table := make(mergeTable, len(merges))
	for rank, pair := range merges {
		ids := [3]int32{}
		for i, text := range []string{pair[0], pair[1], pair[0] + pair[1]} {
			id, ok := vocabulary[text]
			if !ok {
				return nil, errs.New(errs.InvalidInput, "%.60q of merge %d is not in the vocabulary", text, rank)
			}
			ids[i] = id
		}
		table[[2]int32{ids[0], ids[1]}] = merge{rank: int32(rank), id: ids[2]}
	}
	return table, nil
}
