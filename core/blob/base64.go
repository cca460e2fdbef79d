package blob

import (
	"encoding/base64"

	"github.com/innerspace/innerspace/core/errs"
)

// base64Shape is what one pass over a text finds, before anything is allocated.
type base64Shape struct {
	digits  int64 // characters that carry 6 bits
	padding int
	plain   bool // standard alphabet and no white space: can be decoded as it stands
}

// decodeBase64 decodes the standard or the URL-safe alphabet, with or without padding, with line breaks and indentation.
// It is LimitExceeded where more than limit bytes would come of it and InvalidInput where the text isn't base64; the
// messages can follow "no base64:".
func decodeBase64(text []byte, limit int64) ([]byte, error) {
	shape, err := scanBase64(text)
	if err != nil {
		return nil, err
	}
	size := shape.digits * 6 / 8
	if size > limit {
		return nil, errs.New(errs.LimitExceeded,
			"the base64 text stands for %d bytes, more than the %d that max_blob_bytes allows", size, limit)
	}
	digits := text
	if shape.plain {
		digits = text[:shape.digits]
	} else {
		digits = standardDigits(text, shape.digits)
	}
	decoded := make([]byte, size)
	if _, err := base64.RawStdEncoding.Decode(decoded, digits); err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "%v", err)
	}
	return decoded, nil
}

func scanBase64(text []byte) (base64Shape, error) {
	shape := base64Shape{plain: true}
	standard, urlSafe := false, false
	for i, c := range text {
		switch {
		case c == '\t' || c == '\r' || c == '\n' || c == ' ' && indents(text, i):
			shape.plain = false
			continue
		case c == '=':
			if shape.padding++; shape.padding > 2 {
				return shape, errs.New(errs.InvalidInput, "more than two = at its end")
			}
			continue
		case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
		case c == '+' || c == '/':
			standard = true
		case c == '-' || c == '_':
			urlSafe, shape.plain = true, false
		default:
			return shape, errs.New(errs.InvalidInput, "the byte %q at position %d is no base64 digit", []byte{c}, i)
		}
		if shape.padding > 0 {
			return shape, errs.New(errs.InvalidInput, "text follows the = at position %d", i-1)
		}
		shape.digits++
	}
	switch {
	case shape.digits == 0:
		return shape, errs.New(errs.InvalidInput, "it has no base64 digits")
	case standard && urlSafe:
		return shape, errs.New(errs.InvalidInput, "it mixes the standard and the URL-safe alphabet")
	case shape.digits%4 == 1 || shape.padding > 0 && (shape.digits+int64(shape.padding))%4 != 0:
		return shape, errs.New(errs.InvalidInput, "%d base64 digits and %d = are no whole number of bytes", shape.digits, shape.padding)
	}
	return shape, nil
}

// indents says whether the space at position i stands before a line's digits. Elsewhere a space means prose.
func indents(text []byte, i int) bool {
	return i > 0 && (text[i-1] == ' ' || text[i-1] == '\n' || text[i-1] == '\t')
}

func standardDigits(text []byte, count int64) []byte {
	digits := make([]byte, 0, count)
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n', '=':
		case '-':
			digits = append(digits, '+')
		case '_':
			digits = append(digits, '/')
		default:
			digits = append(digits, c)
		}
	}
	return digits
}
