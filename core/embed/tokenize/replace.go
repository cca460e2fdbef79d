package tokenize

import (
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// readReplace reads a Replace of a text, of white space, of runs of spaces, or of any of some ASCII characters.
func readReplace(members *object) (normalizer, error) {
	var pattern struct{ Regex, String *string }
	var content string
	if err := members.takeAll(map[string]any{"pattern": &pattern, "content": &content}); err != nil {
		return nil, err
	}
	path := members.path + ".pattern"
	switch {
	case pattern.String != nil && pattern.Regex == nil:
		if *pattern.String == "" {
			return nil, errs.New(errs.InvalidInput, "a Replace of the empty text").At(path)
		}
		return strings.NewReplacer(*pattern.String, content).Replace, nil
	case pattern.Regex == nil || pattern.String != nil:
		return nil, errs.New(errs.InvalidInput, "a pattern is either a String or a Regex").At(path)
	case *pattern.Regex == `\s+`:
		return func(text string) string { return replaceSpaces(text, content) }, nil
	case *pattern.Regex == ` {2,}`:
		return func(text string) string { return replaceDoubleSpaces(text, content) }, nil
	}
	set, ok := readASCIISet(*pattern.Regex)
	if !ok {
		return nil, errs.New(errs.Unsupported, `a Replace of the Regex %.80q; \s+, " {2,}" and sets of ASCII characters are supported`, *pattern.Regex).At(path)
	}
	return func(text string) string { return replaceSet(text, set, content) }, nil
}

// replaceDoubleSpaces puts content in the place of every run of at least two spaces.
func replaceDoubleSpaces(text, content string) string {
	if !strings.Contains(text, "  ") {
		return text
	}
	var replaced strings.Builder
	for {
		from := strings.Index(text, "  ")
		if from < 0 {
			return replaced.String() + text
		}
		replaced.WriteString(text[:from])
		replaced.WriteString(content)
		text = strings.TrimLeft(text[from:], " ")
	}
}

// readASCIISet reads a Regex such as [!"#\-\]]: characters and ranges of them, those that mean something escaped.
func readASCIISet(regex string) (set [utf8.RuneSelf]bool, ok bool) {
	inner, ok := strings.CutPrefix(regex, "[")
	if ok {
		inner, ok = strings.CutSuffix(inner, "]")
	}
	if !ok || inner == "" || inner[0] == '^' || strings.Contains(inner, "&&") {
		return set, false
	}
	var members []byte // with 0 for a dash that makes a range
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		switch {
		case c >= utf8.RuneSelf || c == 0 || c == '[' || c == ']':
			return set, false
		case c == '-' && i > 0 && i < len(inner)-1:
			c = 0
		case c == '\\':
			if i++; i == len(inner) || !isBERTPunctuation(rune(inner[i])) || inner[i] >= utf8.RuneSelf {
				return set, false // \s, \w and so on; a closing bracket that is none
			}
			c = inner[i]
		}
		members = append(members, c)
	}
	for i := 0; i < len(members); i++ {
		if members[i] == 0 {
			if i == 0 || i+1 == len(members) || members[i-1] == 0 || members[i+1] < members[i-1] || i >= 2 && members[i-2] == 0 {
				return set, false
			}
			for c := members[i-1]; c < members[i+1]; c++ {
				set[c] = true
			}
			continue
		}
		set[members[i]] = true
	}
	return set, true
}

func replaceSet(text string, set [utf8.RuneSelf]bool, content string) string {
	in := func(r rune) bool { return r < utf8.RuneSelf && set[r] }
	if strings.IndexFunc(text, in) < 0 {
		return text
	}
	var replaced strings.Builder
	replaced.Grow(len(text))
	for _, r := range text {
		if in(r) {
			replaced.WriteString(content)
		} else {
			replaced.WriteRune(r)
		}
	}
	return replaced.String()
}

func readStrip(members *object) (normalizer, error) {
	left, right := true, true
	if err := members.takeAll(map[string]any{"strip_left": &left, "strip_right": &right}); err != nil {
		return nil, err
	}
	return func(text string) string {
		if left {
			text = strings.TrimLeftFunc(text, isSpace)
		}
		if right {
			text = strings.TrimRightFunc(text, isSpace)
		}
		return text
	}, nil
}

func readPrepend(members *object) (normalizer, error) {
	var prefix string
	if err := members.takeAll(map[string]any{"prepend": &prefix}); err != nil {
		return nil, err
	}
	return func(text string) string {
		if text == "" {
			return text
		}
		return prefix + text
	}, nil
}
