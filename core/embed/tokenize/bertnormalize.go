package tokenize

import (
	"strings"
	"unicode/utf8"
)

func readBertNormalizer(members *object) (normalizer, error) {
	cleanText, ideographs, lower := true, true, true
	var stripAccents *bool
	if err := members.takeAll(map[string]any{
		"clean_text": &cleanText, "handle_chinese_chars": &ideographs, "strip_accents": &stripAccents, "lowercase": &lower,
	}); err != nil {
		return nil, err
	}
	strip := lower // what tokenizers does where strip_accents is null
	if stripAccents != nil {
		strip = *stripAccents
	}
	return func(text string) string {
		if cleanText {
			text = strings.Map(cleanRune, text)
		}
		if ascii := isASCII(text); !ascii {
			if ideographs {
				text = spaceIdeographs(text)
			}
			if strip {
				text = strings.Map(dropMark, nfd(text))
			}
		}
		if lower {
			text = lowercase(text)
		}
		return text
	}, nil
}

func cleanRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf && r >= ' ' && r != 0x7F:
		return r
	case isIn(bertRemoved, r):
		return -1
	case isSpace(r):
		return ' '
	}
	return r
}

func dropMark(r rune) rune {
	if r >= utf8.RuneSelf && isIn(bertMarks, r) {
		return -1
	}
	return r
}

// spaceIdeographs puts a space on both sides of every CJK ideograph.
func spaceIdeographs(text string) string {
	if !strings.ContainsFunc(text, isIdeograph) {
		return text
	}
	var spaced strings.Builder
	spaced.Grow(2 * len(text))
	for _, r := range text {
		if isIdeograph(r) {
			spaced.WriteByte(' ')
			spaced.WriteRune(r)
			spaced.WriteByte(' ')
		} else {
			spaced.WriteRune(r)
		}
	}
	return spaced.String()
}

func isIdeograph(r rune) bool { return r >= 0x3400 && isIn(bertIdeographs, r) }

// isBERTPunctuation is every ASCII character that is neither letter, digit nor
// control, and Unicode's punctuation.
func isBERTPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return isIn(bertPunctuation, r)
}

// splitBERT is BertPreTokenizer: white space separates words and is dropped,
// punctuation stands alone.
func splitBERT(text string, word func(string)) {
	start := 0
	for i, r := range text {
		space := isSpace(r)
		if !space && !isBERTPunctuation(r) {
			continue
		}
		if start < i {
			word(text[start:i])
		}
		start = i
		if length := utf8.RuneLen(r); space {
			start += length
		} else {
			start += length
			word(text[i:start])
		}
	}
	if start < len(text) {
		word(text[start:])
	}
}
