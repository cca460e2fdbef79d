package tokenize

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// unigram is SentencePiece's unigram model: of all ways to cut a word into pieces, the one with the highest sum of scores.
type unigram struct {
	pieces  []piece // sorted by text
	first   [257]int32
	ids     map[string]int32
	unknown int32
	// penalty is the score of a character that no piece covers.
	penalty float64
	bytes   *[256]int32 // ids of the pieces that stand for single bytes; nil without byte fallback
}

type piece struct {
	text  string
	id    int32
	score float64
}

// unknownPenalty is how much worse than the worst piece an unknown character is.
const unknownPenalty = 10

func readUnigram(model *object) (*unigram, map[string]int32, error) {
	var unknown *int64
	var raw json.RawMessage
	var byteFallback bool
	if err := model.takeAll(map[string]any{"unk_id": &unknown, "vocab": &raw, "byte_fallback": &byteFallback}); err != nil {
		return nil, nil, err
	}
	u := &unigram{penalty: math.Inf(1)}
	if err := u.readPieces(raw, model.path+".vocab"); err != nil {
		return nil, nil, err
	}
	if unknown == nil || *unknown < 0 || *unknown >= int64(len(u.pieces)) {
		return nil, nil, errs.New(errs.Unsupported, "a unigram model whose unk_id is not the id of a piece").At(model.path + ".unk_id")
	}
	u.unknown = int32(*unknown)
	u.penalty -= unknownPenalty
	if byteFallback {
		bytes, err := bytePieces(u.ids)
		if err != nil {
			return nil, nil, err.At(model.path + ".vocab")
		}
		u.bytes = bytes
	}
	slices.SortFunc(u.pieces, func(a, b piece) int { return strings.Compare(a.text, b.text) })
	for value := range u.first {
		u.first[value] = int32(sort.Search(len(u.pieces), func(i int) bool { return int(u.pieces[i].text[0]) >= value }))
	}
	return u, u.ids, nil
}

// readPieces reads the list of pieces, [text, score] each; its order gives the ids.
func (u *unigram) readPieces(raw json.RawMessage, path string) error {
	scanner := jsonScanner{data: raw}
	if !scanner.open('[') || !scanner.more() {
		return errs.New(errs.InvalidInput, "a unigram model without a list of pieces").At(path)
	}
	u.ids = make(map[string]int32, min(len(raw)/24, maxVocabulary))
	for scanner.more() {
		id := len(u.pieces)
		text, score, ok := readPiece(scanner.value())
		switch {
		case !ok:
			return errs.New(errs.InvalidInput, "not a piece, which is a text and a score").At(path + "[" + strconv.Itoa(id) + "]")
		case id == maxVocabulary:
			return errs.New(errs.InvalidInput, "a vocabulary of more than %d pieces", maxVocabulary).At(path)
		}
		if _, twice := u.ids[text]; twice {
			return errs.New(errs.Unsupported, "piece %.60q is listed twice", text).At(path)
		}
		u.ids[text] = int32(id)
		u.pieces = append(u.pieces, piece{text, int32(id), score})
		u.penalty = min(u.penalty, score)
	}
	return nil
}

func readPiece(raw json.RawMessage) (text string, score float64, ok bool) {
	scanner := jsonScanner{data: raw}
	if !scanner.open('[') || !scanner.more() {
		return "", 0, false
	}
	quoted := scanner.value()
	if quoted[0] != '"' || len(quoted) == 2 || !scanner.more() {
		return "", 0, false
	}
	score, err := strconv.ParseFloat(string(scanner.value()), 64)
	return unquote(quoted), score, err == nil && !scanner.more()
}

// bytePieces finds the pieces <0x00> to <0xFF>. One of ASCII may be missing where the character has a piece, as Gemma's tab: no
// other character has that byte.
func bytePieces(ids map[string]int32) (*[256]int32, *errs.Error) {
	found := &[256]int32{}
	for value := range found {
		name := byteName(byte(value))
		id, ok := ids[name]
		if !ok && value < utf8.RuneSelf {
			id, ok = ids[string(rune(value))]
		}
		if !ok {
			return nil, errs.New(errs.Unsupported, "byte_fallback without the piece %s", name)
		}
		found[value] = id
	}
	return found, nil
}

func byteName(value byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{'<', '0', 'x', digits[value>>4], digits[value&15], '>'})
}

// bestEnd is the best way to cut the text up to some place.
type bestEnd struct {
	score float64
	start int32 // of the last piece
	known bool  // there is a way
	id    int32
}

func (u *unigram) appendWord(ids []int32, word string) []int32 {
	var space [64]bestEnd
	ends := space[:]
	if len(word) >= len(space) {
		ends = make([]bestEnd, len(word)+1)
	}
	ends = ends[:len(word)+1]
	for at := 0; at < len(word); {
		here := ends[at].score
		_, size := utf8.DecodeRuneInString(word[at:])
		single := false
		u.prefixes(word[at:], func(found *piece) {
			length := len(found.text)
			single = single || length == size
			ends[at+length].offer(here+found.score, at, found.id)
		})
		if !single {
			ends[at+size].offer(here+u.penalty, at, u.unknown)
		}
		at += size
	}
	return u.collect(ids, word, ends)
}

// offer takes a way that is better than what is known; of equals the first stays.
func (b *bestEnd) offer(score float64, start int, id int32) {
	if !b.known || score > b.score {
		*b = bestEnd{score, int32(start), true, id}
	}
}

// prefixes finds the pieces that text starts with, shortest first.
func (u *unigram) prefixes(text string, visit func(*piece)) {
	low, high := int(u.first[text[0]]), int(u.first[int(text[0])+1])
	for length := 1; low < high; length++ {
		// The pieces from low to high share the first length bytes of text; the one that is no longer comes first.
		if found := &u.pieces[low]; len(found.text) == length {
			visit(found)
			low++
		}
		if length == len(text) {
			return
		}
		next := text[length]
		span := u.pieces[low:high]
		from := sort.Search(len(span), func(i int) bool { return span[i].text[length] >= next })
		to := from + sort.Search(len(span)-from, func(i int) bool { return span[from+i].text[length] > next })
		low, high = low+from, low+to
	}
}

// collect walks the best way back from the end. Unknown characters side by side are one unknown.
func (u *unigram) collect(ids []int32, word string, ends []bestEnd) []int32 {
	from := len(ids)
	for end := len(word); end > 0; {
		last := ends[end]
		start := int(last.start)
		for last.id == u.unknown && start > 0 && ends[start].id == u.unknown {
			start = int(ends[start].start)
		}
		if last.id == u.unknown {
			ids = u.appendUnknown(ids, word[start:end])
		} else {
			ids = append(ids, last.id)
		}
		end = start
	}
	slices.Reverse(ids[from:])
	return ids
}

// appendUnknown appends in reverse what stands for characters without a piece of their own.
func (u *unigram) appendUnknown(ids []int32, text string) []int32 {
	if id, ok := u.ids[text]; ok {
		return append(ids, id)
	}
	if u.bytes == nil {
		return append(ids, u.unknown)
	}
	for i := len(text) - 1; i >= 0; i-- {
		ids = append(ids, u.bytes[text[i]])
	}
	return ids
}
