package tokenize

import (
	"encoding/json"
	"strings"
)

// jsonScanner cuts up JSON that json.Valid has accepted. encoding/json reads a
// nested value once more for every level above it and twice for itself, which
// on a vocabulary of megabytes is most of the time that Load takes.
type jsonScanner struct {
	data []byte
	at   int
}

// open steps into an object or array and tells whether data is one.
func (s *jsonScanner) open(bracket byte) bool {
	s.skipSpace()
	if s.at == len(s.data) || s.data[s.at] != bracket {
		return false
	}
	s.at++
	return true
}

// more tells whether the object or array goes on, and steps to its next part.
func (s *jsonScanner) more() bool {
	s.skipSpace()
	if s.data[s.at] == ',' {
		s.at++
		s.skipSpace()
	}
	return s.data[s.at] != '}' && s.data[s.at] != ']'
}

// key reads the name of the next member and steps to its value.
func (s *jsonScanner) key() string {
	name := unquote(s.value())
	s.skipSpace()
	s.at++ // the colon
	s.skipSpace()
	return name
}

// value reads the next value whole.
func (s *jsonScanner) value() json.RawMessage {
	start, depth := s.at, 0
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case '"':
			s.skipString()
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			if depth == 0 {
				return s.data[start:s.at]
			}
			depth--
			s.at++
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return s.data[start:s.at]
			}
			s.at++
			continue
		default: // a character of a number, true, false or null, which ends before one of the above
			s.at++
			continue
		}
		if depth == 0 {
			return s.data[start:s.at]
		}
	}
	return s.data[start:s.at]
}

func (s *jsonScanner) skipString() {
	for s.at++; s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

func (s *jsonScanner) skipSpace() {
	for s.at < len(s.data) && strings.IndexByte(" \t\r\n", s.data[s.at]) >= 0 {
		s.at++
	}
}

// unquote decodes a JSON string.
func unquote(quoted json.RawMessage) string {
	inner := string(quoted[1 : len(quoted)-1])
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return inner // not reached: every valid JSON string decodes
	}
	return text
}
