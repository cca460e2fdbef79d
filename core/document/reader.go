package document

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/innerspace/innerspace/core/errs"
)

// reader reads JSON text, of which it is known that it is UTF-8. The parameters of a query are read at each run, and encoding/json, which goes
// over every byte several times, takes two to three times as long.
type reader struct {
	data []byte
	at   int // position of the next byte
}

// place is where a value stands; its path is written only where a mistake is.
type place struct {
	above *place // nil: the document itself
	key   string
	item  int // in place of key where not negative
}

func (p *place) String() string {
	switch {
	case p == nil:
		return "$"
	case p.item >= 0:
		return fmt.Sprintf("%s[%d]", p.above, p.item)
	}
	return join(p.above.String(), p.key)
}

// value reads one value and the space before it.
func (r *reader) value(at *place, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, errs.New(errs.LimitExceeded, "values nest deeper than %d levels", MaxDepth).At(at.String())
	}
	switch c := r.next(); {
	case c == '{':
		return r.object(at, depth)
	case c == '[':
		return r.list(at, depth)
	case c == '"':
		return r.text(at)
	case c == '-' || c >= '0' && c <= '9':
		return r.number(at)
	case r.word("true"):
		return true, nil
	case r.word("false"):
		return false, nil
	case r.word("null"):
		return nil, nil
	}
	return nil, r.mistake(at, "a value is expected")
}

// next skips space and returns the byte after it without reading it; 0 is the end.
func (r *reader) next() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (r *reader) word(word string) bool {
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		return false
	}
	r.at += len(word)
	return true
}

// more says whether another item follows in a list or object that ends with a byte, and reads what stands before it.
func (r *reader) more(first bool, end byte, at *place) (bool, error) {
	c := r.next()
	if c == end {
		r.at++
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, r.mistake(at, "a comma or %q is expected", string(end))
	}
	r.at++
	return true, nil
}

func (r *reader) list(at *place, depth int) (any, error) {
	r.at++
	for list := []any{}; ; {
		more, err := r.more(len(list) == 0, ']', at)
		if err != nil || !more {
			return list, err
		}
		item, err := r.value(&place{above: at, item: len(list)}, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
}

func (r *reader) object(at *place, depth int) (any, error) {
	r.at++
	for members := (&object{members: map[string]any{}}); ; {
		more, err := r.more(len(members.keys) == 0, '}', at)
		if err != nil || !more {
			return members, err
		}
		if r.next() != '"' {
			return nil, r.mistake(at, "a key in quotes is expected")
		}
		key, err := r.text(at)
		if err != nil {
			return nil, err
		}
		below := &place{above: at, key: key, item: -1}
		if _, twice := members.members[key]; twice {
			return nil, errs.New(errs.InvalidInput, "the key is given twice").At(below.String())
		}
		if r.next() != ':' {
			return nil, r.mistake(below, "a colon is expected")
		}
		r.at++
		value, err := r.value(below, depth+1)
		if err != nil {
			return nil, err
		}
		members.keys = append(members.keys, key)
		members.members[key] = value
	}
}

// text reads a string. One with escapes is left to encoding/json.
func (r *reader) text(at *place) (string, error) {
	from, plain := r.at, true
	for r.at++; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			if plain {
				return string(r.data[from+1 : r.at-1]), nil
			}
			var text string
			if err := json.Unmarshal(r.data[from:r.at], &text); err != nil {
				return "", r.mistake(at, "%v", err)
			}
			return text, nil
		case c == '\\':
			plain = false
			r.at++
		case c < ' ':
			return "", r.mistake(at, "a string may not hold the byte %#02x as it is", c)
		}
	}
	return "", r.mistake(at, "")
}

// number reads a number as it is written.
func (r *reader) number(at *place) (any, error) {
	from := r.at
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			continue
		}
		break
	}
	text := r.data[from:r.at]
	if !json.Valid(text) {
		r.at = from
		return nil, r.mistake(at, "%q is no number", abbreviate(string(text)))
	}
	return json.Number(text), nil
}

// mistake says what is wrong where the reader is.
func (r *reader) mistake(at *place, format string, args ...any) error {
	if r.at >= len(r.data) {
		return errs.New(errs.InvalidInput, "the JSON ends in the middle").At(at.String())
	}
	return errs.New(errs.InvalidInput, "not valid JSON near byte %d: %s", r.at, fmt.Sprintf(format, args...)).At(at.String())
}
