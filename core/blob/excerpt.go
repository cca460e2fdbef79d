package blob

import (
	"net/url"
	"regexp"
	"strconv"
	"unicode/utf8"
)

const (
	// maxExcerpt is how much of a user's text a message may show, in characters after escaping.
	maxExcerpt = 80
	// excerptTail is how much of that is kept for the end, where a path has its name.
	excerptTail = 28
)

// userInfo is what looks like name:password@ outside a URL that could be parsed.
var userInfo = regexp.MustCompile(`[^\s/@:]*:[^\s/@]*@`)

// excerpt is text made fit for a message: at most 80 characters, control characters and invalid UTF-8 escaped.
func excerpt(text string) string {
	// Escaping never makes text shorter, so a few bytes of both ends are enough.
	const enough = maxExcerpt * utf8.UTFMax
	shortened := false
	if len(text) > 2*enough {
		text, shortened = text[:enough]+text[len(text)-enough:], true
	}
	quoted := strconv.Quote(userInfo.ReplaceAllString(text, "…@"))
	escaped := []rune(quoted[1 : len(quoted)-1])
	if len(escaped) <= maxExcerpt && !shortened {
		return string(escaped)
	}
	if len(escaped) <= maxExcerpt {
		return string(escaped[:len(escaped)/2]) + "…" + string(escaped[len(escaped)/2:])
	}
	head := maxExcerpt - excerptTail - 1
	return string(escaped[:head]) + "…" + string(escaped[len(escaped)-excerptTail:])
}

// publicURL is a URL as a message may show it: without user, password, query and fragment, any of which may be a secret.
func publicURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	text := excerpt(shown.String())
	if u.RawQuery != "" {
		text += "?…"
	}
	return text
}
