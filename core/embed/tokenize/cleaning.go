package tokenize

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Cleaning is what a model's own library does to a text before the tokenizer reads it.
type Cleaning uint8

const (
	// AsIs changes nothing.
	AsIs Cleaning = iota
	// LowerCase is for models that were trained on lower case and whose tokenizer does not see to it.
	LowerCase
	// Canonical is open_clip's "canonicalize", after which SigLIP was trained: underscores are spaces, ASCII punctuation is
	// dropped, letters are lower case and runs of white space are one space.
	// (open_clip also repairs broken encodings and HTML entities first; that is not done.)
	Canonical
)

func (c Cleaning) clean(text string) string {
	if c == AsIs {
		return text
	}
	if c == Canonical {
		text = strings.Map(dropPunctuation, text)
	}
	// Unlike Lowercase in a tokenizer.json this knows the sigma at the end of a word, as Python's str.lower does.
	text = cases.Lower(language.Und).String(text)
	if c == Canonical {
		text = strings.Join(strings.FieldsFunc(text, isPythonSpace), " ")
	}
	return text
}

func dropPunctuation(r rune) rune {
	switch {
	case r == '_':
		return ' '
	case r < 0x80 && isBERTPunctuation(r):
		return -1
	}
	return r
}

// isPythonSpace is what str.split splits at.
func isPythonSpace(r rune) bool { return unicode.IsSpace(r) || 0x1C <= r && r <= 0x1F }
