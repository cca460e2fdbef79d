package tokenize

import (
	"encoding/json"

	"github.com/innerspace/innerspace/core/errs"
)

// characterPair is SentencePiece's byte-pair model, as Gemma and SigLIP 2 have it: characters are merged, and one that
// has no piece of its own is spelled in bytes.
type characterPair struct {
	characters map[rune]int32
	bytes      *[256]int32
	mergeTable
	whole map[string]int32 // pieces that a word may be as it is; nil unless the file ignores merges for these
}

// readCharacterPair reads the rest of a model with byte_fallback.
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
	var ignoreMerges bool
	// Every byte has a piece, so that nothing is unknown and these never matter.
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
	case prefix != "" || suffix != "":
		return nil, nil, errs.New(errs.Unsupported, "a prefix or suffix of words together with byte_fallback").At(model.path)
	}
	pairs := &characterPair{characters: map[rune]int32{}}
	for text, id := range vocabulary {
		if runes := []rune(text); len(runes) == 1 {
			pairs.characters[runes[0]] = id
		}
	}
	var failure *errs.Error
	if pairs.bytes, failure = bytePieces(vocabulary); failure != nil {
		return nil, nil, failure.At(model.path + ".vocab")
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
	for at, r := range word {
		if id, ok := c.characters[r]; ok {
			symbols = appendSymbol(symbols, id)
			continue
		}
		for i := at; i < at+len(string(r)); i++ {
			symbols = appendSymbol(symbols, c.bytes[word[i]])
		}
	}
	return c.merge(ids, symbols)
}
