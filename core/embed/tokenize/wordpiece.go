package tokenize

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// maxWordLength bounds max_input_chars_per_word, as a word costs its length
// squared; files say 100.
const maxWordLength = 1000

// wordPiece cuts a word into the longest pieces of its vocabulary, from the left.
type wordPiece struct {
	first, rest               map[string]int32 // pieces that begin a word, and pieces that go on (without their prefix)
	longestFirst, longestRest int              // in bytes
	unknown                   int32
	maxCharacters             int
}

func readWordPiece(model *object) (*wordPiece, map[string]int32, error) {
	vocabulary, err := readVocabulary(model)
	if err != nil {
		return nil, nil, err
	}
	var unknown, prefix *string
	var maxCharacters *int
	if err := model.takeAll(map[string]any{
		"unk_token": &unknown, "continuing_subword_prefix": &prefix, "max_input_chars_per_word": &maxCharacters,
	}); err != nil {
		return nil, nil, err
	}
	switch {
	case unknown == nil || prefix == nil || maxCharacters == nil:
		return nil, nil, errs.New(errs.InvalidInput, "WordPiece needs unk_token, continuing_subword_prefix and max_input_chars_per_word").At(model.path)
	case *prefix == "":
		return nil, nil, errs.New(errs.Unsupported, "WordPiece without a continuing_subword_prefix").At(model.path)
	case *maxCharacters < 0 || *maxCharacters > maxWordLength:
		return nil, nil, errs.New(errs.Unsupported, "max_input_chars_per_word %d; 0 to %d are supported", *maxCharacters, maxWordLength).At(model.path)
	}
	id, ok := vocabulary[*unknown]
	if !ok {
		return nil, nil, errs.New(errs.InvalidInput, "unk_token %.60q is not in the vocabulary", *unknown).At(model.path)
	}
	pieces := &wordPiece{
		first: vocabulary, rest: make(map[string]int32, len(vocabulary)/4), unknown: id, maxCharacters: *maxCharacters,
	}
	for text, id := range vocabulary {
		pieces.longestFirst = max(pieces.longestFirst, len(text))
		if rest, ok := strings.CutPrefix(text, *prefix); ok {
			pieces.rest[rest] = id
			pieces.longestRest = max(pieces.longestRest, len(rest))
		}
	}
	return pieces, vocabulary, nil
}

func (w *wordPiece) appendWord(ids []int32, word string) []int32 {
	if len(word) > w.maxCharacters && utf8.RuneCountInString(word) > w.maxCharacters {
		return append(ids, w.unknown)
	}
	known := len(ids)
	table, longest := w.first, w.longestFirst
	for start := 0; start < len(word); table, longest = w.rest, w.longestRest {
		// Pieces are valid UTF-8, so one that would end inside a character is not in the table.
		stop := min(len(word), start+longest)
		id, ok := table[word[start:stop]]
		for ; !ok && stop > start+1; id, ok = table[word[start:stop]] {
			stop--
		}
		if !ok {
			return append(ids[:known], w.unknown)
		}
		ids = append(ids, id)
		start = stop
	}
	return ids
}

// readBERTSplit reads BertPreTokenizer.
func readBERTSplit(raw json.RawMessage, path string) (splitter, error) {
	var kind string
	if !isNull(raw) {
		members, err := readObject(raw, path)
		if err != nil {
			return nil, err
		}
		if err := members.takeAll(map[string]any{"type": &kind}); err != nil {
			return nil, err
		}
	}
	if kind != "BertPreTokenizer" {
		return nil, errs.New(errs.Unsupported, "pre-tokenizer %.60q for a WordPiece model; BertPreTokenizer is supported", kind).At(path)
	}
	return splitBERT, nil
}
