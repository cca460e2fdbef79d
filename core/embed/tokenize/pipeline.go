package tokenize

import (
	"strings"
	"unicode/utf8"
)

// pipeline is a tokenizer as tokenizers runs it: added tokens are cut out, the
// rest is normalised, split into words, and each word is turned into ids.
type pipeline struct {
	family         string
	maxTokens      int
	padID          int64
	vocabularySize int
	cleaning       Cleaning
	before, after  []int64    // the markers around every text
	raw            *tokenTrie // added tokens looked for in the text as it is
	normalized     *tokenTrie // added tokens looked for in the normalised text
	normalize      normalizer
	split          splitter
	model          wordModel
	cache          *wordCache
}

// A normalizer rewrites valid UTF-8 and returns valid UTF-8.
type normalizer func(text string) string

// A splitter gives the words of a normalised text in order.
type splitter func(text string, word func(string))

// A wordModel appends the ids of one non-empty word.
type wordModel interface {
	appendWord(ids []int32, word string) []int32
}

func (p *pipeline) MaxTokens() int      { return p.maxTokens }
func (p *pipeline) PadID() int64        { return p.padID }
func (p *pipeline) Family() string      { return p.family }
func (p *pipeline) VocabularySize() int { return p.vocabularySize }

func (p *pipeline) Encode(text string) Encoding {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	text = p.cleaning.clean(text)
	run := encoder{pipeline: p, room: p.maxTokens - len(p.after)}
	run.ids = make([]int64, 0, min(p.maxTokens, len(p.before)+len(text)/3+len(p.after)+1))
	run.ids = append(run.ids, p.before...)
	run.total = len(p.before)
	run.text(text)
	run.ids = append(run.ids, p.after...)
	run.total += len(p.after)
	return Encoding{IDs: run.ids, Tokens: run.total, Truncated: run.total > p.maxTokens}
}

// encoder is one Encode: the ids that have room, and the count of all of them.
type encoder struct {
	*pipeline
	ids     []int64
	room    int
	total   int
	scratch [64]int32
}

func (e *encoder) text(text string) {
	e.raw.split(text, e.token, func(between string) {
		e.normalized.split(e.normalize(between), e.token, func(words string) { e.pipeline.split(words, e.word) })
	})
}

func (e *encoder) token(id int32) {
	e.total++
	if len(e.ids) < e.room {
		e.ids = append(e.ids, int64(id))
	}
}

func (e *encoder) word(word string) {
	ids, ok := e.cache.get(word)
	if !ok {
		ids = e.model.appendWord(e.scratch[:0], word)
		e.cache.put(word, ids)
	}
	e.total += len(ids)
	for _, id := range ids[:min(len(ids), e.room-len(e.ids))] {
		e.ids = append(e.ids, int64(id))
	}
}
