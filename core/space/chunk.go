package space

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
)

// chunking cuts a text into overlapping pieces of whole sentences or words. Lengths are in characters (code points).
//
// A piece longer than size has its white space collapsed and is split by the first separator that yields more than one
// piece: first those that are dropped, then those that are kept, then the space; what comes out is split further the same
// way. A kept separator and a blank follow each piece but the last. Then pieces are joined while they fit in size; a
// chunk begins with as many of the last pieces of the one before as fit in overlap and leave room for the next piece.
// A word longer than size is a chunk of its own, where the reference fails.
type chunking struct {
	size, overlap int
	dropped, kept []string
}

// Caps on chunking.
const (
	maxChunkSize     = 1 << 20
	maxSeparators    = 64
	maxChunksPerText = 1 << 16
)

func readChunking(node document.Node) *chunking {
	object := node.Object("size", "overlap", "separators_dropped", "separators_kept")
	c := &chunking{size: 250, overlap: 20, dropped: []string{"\n"}, kept: []string{".", "!", "?"}}
	if size, ok := object.Get("size"); ok && !size.IsNull() {
		c.size = int(size.Integer(1, maxChunkSize))
	}
	if overlap, ok := object.Get("overlap"); ok && !overlap.IsNull() {
		c.overlap = int(overlap.Integer(0, maxChunkSize))
	}
	for key, into := range map[string]*[]string{"separators_dropped": &c.dropped, "separators_kept": &c.kept} {
		list, ok := object.Get(key)
		if !ok || list.IsNull() {
			continue
		}
		*into = nil
		for _, item := range list.List(maxSeparators) {
			if item.Text() == "" {
				item.Fail("a separator must not be empty")
			}
			*into = append(*into, item.Text())
		}
	}
	return c
}

func (c *chunking) identity() string {
	return fmt.Sprintf("%d %d %q %q", c.size, c.overlap, c.dropped, c.kept)
}

// piece is a part of a text and its length.
type piece struct {
	text   string
	length int
}

func newPiece(text string) piece { return piece{text, utf8.RuneCountInString(text)} }

// chunks cuts a text; none for one that is blank.
func (c *chunking) chunks(text string) ([]string, error) {
	var chunks []string
	emit := func(pieces []piece) error {
		var joined strings.Builder
		for _, p := range pieces {
			joined.WriteString(p.text)
		}
		if chunk := collapse(joined.String()); chunk != "" {
			chunks = append(chunks, chunk)
		}
		if len(chunks) > maxChunksPerText {
			return errs.New(errs.LimitExceeded, "the text gives more than %d chunks; make them larger or overlap less", maxChunksPerText)
		}
		return nil
	}
	var current []piece
	length := 0
	for _, next := range c.split(newPiece(text), nil) {
		if len(current) > 0 && length+next.length > c.size {
			if err := emit(current); err != nil {
				return nil, err
			}
			for len(current) > 0 && (length > c.overlap || length+next.length > c.size) {
				length -= current[0].length
				current = current[1:]
			}
		}
		current, length = append(current, next), length+next.length
	}
	if err := emit(current); err != nil {
		return nil, err
	}
	return chunks, nil
}

// split appends the pieces of a piece to into.
func (c *chunking) split(p piece, into []piece) []piece {
	if p.length <= c.size {
		return append(into, p)
	}
	parts := c.parts(collapse(p.text))
	if parts == nil {
		return append(into, p)
	}
	for _, part := range parts {
		into = c.split(newPiece(part), into)
	}
	return into
}

// parts splits a text by the first separator that yields more than one part; nil where none does.
func (c *chunking) parts(text string) []string {
	for _, separator := range c.dropped {
		if parts := separate(text, separator, ""); parts != nil {
			return parts
		}
	}
	for _, separator := range c.kept {
		if parts := separate(text, separator, separator+" "); parts != nil {
			return parts
		}
	}
	return separate(text, " ", "  ")
}

// separate splits by a separator, leaves blank parts out and adds an ending to all parts but the last of the text;
// nil where there are fewer than two.
func separate(text, separator, ending string) []string {
	all := strings.Split(text, separator)
	var parts []string
	for i, part := range all {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if i < len(all)-1 {
			part += ending
		}
		parts = append(parts, part)
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}

// collapse makes every run of white space one blank and takes it off the ends.
func collapse(text string) string {
	return strings.Join(strings.FieldsFunc(text, unicode.IsSpace), " ")
}
