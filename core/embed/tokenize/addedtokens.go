package tokenize

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// addedToken is a text that is one token wherever it stands.
type addedToken struct {
	id             int32
	content        string
	lstrip, rstrip bool // it swallows the white space before or after it
}

// addedTokens is the added vocabulary on top of the model's.
type addedTokens struct {
	raw, normalized *tokenTrie
	vocabulary      map[string]int32
	extra           map[string]int32 // contents that the model's vocabulary lacks
	ids             map[int64]bool
	highest         int32 // id of an added token
}

func (a *addedTokens) has(id int64) bool { return a.ids[id] }

// size is one more than the highest id.
func (a *addedTokens) size() int {
	size := int64(0)
	for id := range a.ids {
		size = max(size, id+1)
	}
	return int(size)
}

func (a *addedTokens) id(content string) (int64, bool) {
	id, ok := a.vocabulary[content]
	if !ok {
		id, ok = a.extra[content]
	}
	return int64(id), ok
}

func readAddedTokens(list []json.RawMessage, vocabulary map[string]int32, normalize normalizer) (*addedTokens, error) {
	added := &addedTokens{
		raw: newTokenTrie(), normalized: newTokenTrie(), vocabulary: vocabulary,
		extra: map[string]int32{}, ids: make(map[int64]bool, len(vocabulary)+len(list)),
	}
	for _, id := range vocabulary {
		added.ids[int64(id)] = true
	}
	if len(list) > maxVocabulary {
		return nil, errs.New(errs.InvalidInput, "%d added tokens; at most %d are read", len(list), maxVocabulary).At("$.added_tokens")
	}
	seen := make(map[string]bool, len(list))
	var plain []func()
	for i, raw := range list {
		path := fmt.Sprintf("$.added_tokens[%d]", i)
		token, flags, err := readAddedToken(raw, path)
		if err != nil {
			return nil, err
		}
		if seen[token.content] {
			return nil, errs.New(errs.Unsupported, "added token %.60q is listed twice", token.content).At(path)
		}
		seen[token.content] = true
		if err := added.number(token, flags.id); err != nil {
			return nil, err.At(path)
		}
		trie, text := added.raw, token.content
		if flags.normalized {
			trie, text = added.normalized, normalize(token.content)
		}
		if text == "" {
			return nil, errs.New(errs.Unsupported, "added token %.60q is empty once normalised", token.content).At(path)
		}
		// Where two contents normalise to one text, tokenizers takes the first special one, else the first.
		if flags.special {
			trie.add(text, token)
		} else {
			plain = append(plain, func() { trie.add(text, token) })
		}
	}
	for _, add := range plain {
		add()
	}
	return added, nil
}

type addedTokenFlags struct {
	id                  int64
	special, normalized bool
}

func readAddedToken(raw json.RawMessage, path string) (*addedToken, addedTokenFlags, error) {
	token, flags := &addedToken{}, addedTokenFlags{id: -1}
	members, err := readObject(raw, path)
	if err != nil {
		return nil, flags, err
	}
	singleWord := false
	if err := members.takeAll(map[string]any{
		"id": &flags.id, "content": &token.content, "single_word": &singleWord, "lstrip": &token.lstrip,
		"rstrip": &token.rstrip, "normalized": &flags.normalized, "special": &flags.special,
	}); err != nil {
		return nil, flags, err
	}
	switch {
	case token.content == "":
		return nil, flags, errs.New(errs.InvalidInput, "an added token without content").At(path)
	case singleWord:
		return nil, flags, errs.New(errs.Unsupported, "added token %.60q has single_word set", token.content).At(path)
	}
	return token, flags, nil
}

// number gives the token its id as tokenizers would: the model's own where it
// knows the content, else the next one. The id in the file only confirms it.
func (a *addedTokens) number(token *addedToken, declared int64) *errs.Error {
	id, known := a.vocabulary[token.content]
	if !known {
		id = max(int32(len(a.vocabulary)), a.highest+1)
		if a.ids[int64(id)] {
			return errs.New(errs.Unsupported, "added token %.60q would get id %d, which another token has", token.content, id)
		}
		a.extra[token.content] = id
		a.ids[int64(id)] = true
	}
	if int64(id) != declared {
		return errs.New(errs.Unsupported, "added token %.60q has id %d here and %d by the vocabulary", token.content, declared, id)
	}
	token.id, a.highest = id, max(a.highest, id)
	return nil
}

// tokenTrie finds added tokens in a text, leftmost and longest first.
type tokenTrie struct {
	root   trieNode
	starts [256]bool
	empty  bool
}

type trieNode struct {
	next  map[byte]*trieNode
	token *addedToken
}

func newTokenTrie() *tokenTrie { return &tokenTrie{empty: true} }

func (t *tokenTrie) add(text string, token *addedToken) {
	t.starts[text[0]], t.empty = true, false
	node := &t.root
	for i := range len(text) {
		if node.next == nil {
			node.next = map[byte]*trieNode{}
		}
		child := node.next[text[i]]
		if child == nil {
			child = &trieNode{}
			node.next[text[i]] = child
		}
		node = child
	}
	if node.token == nil {
		node.token = token
	}
}

// match returns the longest token that text begins with, and its length.
func (t *tokenTrie) match(text string) (*addedToken, int) {
	var found *addedToken
	length := 0
	for node, i := &t.root, 0; i < len(text); {
		if node = node.next[text[i]]; node == nil {
			break
		}
		i++
		if node.token != nil {
			found, length = node.token, i
		}
	}
	return found, length
}

// split gives the added tokens in text to token and what lies between them to rest.
func (t *tokenTrie) split(text string, token func(int32), rest func(string)) {
	if t.empty {
		rest(text)
		return
	}
	done := 0 // what lies before was given out
	for at := 0; at < len(text); {
		if !t.starts[text[at]] {
			at++
			continue
		}
		found, length := t.match(text[at:])
		if found == nil {
			at++
			continue
		}
		start, stop := at, at+length
		at = stop
		if found.lstrip {
			start = max(len(strings.TrimRightFunc(text[:start], isSpace)), done)
		}
		if found.rstrip {
			stop = len(text) - len(strings.TrimLeftFunc(text[stop:], isSpace))
		}
		if done < start {
			rest(text[done:start])
		}
		token(found.id)
		done = stop
	}
	if done < len(text) {
		rest(text[done:])
	}
}

func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return isIn(spaces, r)
}
