package tokenize

import (
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// characterPair is SentencePiece's byte-pair model: characters are merged. One that has no piece of its own is spelled in
// bytes, as for Gemma and SigLIP 2, or is unknown, as for NLLB.
type characterPair struct {
	characters map[rune]int32
	bytes      *[256]int32 // nil without byte fallback
	unknown    int32       // without byte fallback
	fuses      bool        // unknown characters side by side are one unknown
	mergeTable
	whole map[string]int32 // pieces that a word may be as it is; nil unless the file ignores merges for these
}

// readCharacterPair reads the rest of a byte-pair model.
func readCharacterPair(model *object) (*characterPair, map[string]int32, error) {
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
	var ignoreMerges, fuseUnknown, byteFallback bool
	var unknown string
	if err := model.takeAll(map[string]any{
		"dropout": &dropout, "continuing_subword_prefix": &prefix, "end_of_word_suffix": &suffix,
		"ignore_merges": &ignoreMerges, "unk_token": &unknown, "fuse_unk": &fuseUnknown, "byte_fallback": &byteFallback,
	}); err != nil {
		return nil, nil, err
	}
	switch {
	case dropout != 0:
		return nil, nil, errs.New(errs.Unsupported, "dropout, which makes ids random").At(model.path + ".dropout")
	case prefix != "" || suffix != "":
		return nil, nil, errs.New(errs.Unsupported, "a prefix or suffix of words for a byte-pair model of characters").At(model.path)
	}
	pairs := &characterPair{characters: map[rune]int32{}, fuses: fuseUnknown}
	for text, id := range vocabulary {
		if runes := []rune(text); len(runes) == 1 {
			pairs.characters[runes[0]] = id
		}
	}
	var failure *errs.Error
	if byteFallback { // every byte has a piece, so that nothing is unknown
		if pairs.bytes, failure = bytePieces(vocabulary); failure != nil {
			return nil, nil, failure.At(model.path + ".vocab")
		}
	} else {
		var ok bool
		if pairs.unknown, ok = vocabulary[unknown]; !ok {
			return nil, nil, errs.New(errs.Unsupported, "unk_token %.60q is not in the vocabulary, and there is no byte_fallback", unknown).At(model.path)
		}
	}
	if pairs.mergeTable, failure = rankMerges(merges, vocabulary); failure != nil {
		return nil, nil, failure.At(model.path + ".merges")
	}
	if ignoreMerges {
		pairs.whole = vocabulary
	}
	return pairs, vocabulary, nil
}

func (c *characterPair) appendWord(ids []int32, word string) []int32 {
	if id, ok := c.whole[word]; ok {
		return append(ids, id)
	}
	var space [64]symbol
	symbols := space[:0]
	afterUnknown := false
	for at, r := range word {
		id, known := c.characters[r]
		switch {
		case known:
			symbols = appendSymbol(symbols, id)
		case c.bytes != nil:
			for i := at; i < at+utf8.RuneLen(r); i++ {
				symbols = appendSymbol(symbols, c.bytes[word[i]])
			}
		case !afterUnknown || !c.fuses:
			symbols = appendSymbol(symbols, c.unknown)
		}
		afterUnknown = !known
	}
	return c.merge(ids, symbols)
}
