package tokenize

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// charsMap is SentencePiece's compiled normalisation: a trie of texts, and what each becomes.
type charsMap struct {
	trie []uint32 // a double array, as Darts-clone writes it
	to   string   // the replacements, each ended by a zero byte
}

// longestGrapheme is up to how many bytes a cluster of characters is looked up as a whole, and not character by character.
const longestGrapheme = 5

func readPrecompiled(members *object) (normalizer, error) {
	var encoded string
	if err := members.takeAll(map[string]any{"precompiled_charsmap": &encoded}); err != nil {
		return nil, err
	}
	path := members.path + ".precompiled_charsmap"
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "not base64: %v", err).At(path)
	}
	if len(data) < 4 {
		return nil, errs.New(errs.InvalidInput, "%d bytes, too few for a character map", len(data)).At(path)
	}
	size, rest := binary.LittleEndian.Uint32(data), data[4:]
	if size%4 != 0 || uint64(size) > uint64(len(rest)) || size == 0 {
		return nil, errs.New(errs.InvalidInput, "a character map of %d bytes with a trie of %d", len(data), size).At(path)
	}
	m := &charsMap{trie: make([]uint32, size/4), to: string(rest[size:])}
	for i := range m.trie {
		m.trie[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	if !utf8.ValidString(m.to) {
		return nil, errs.New(errs.InvalidInput, "replacements that are not UTF-8").At(path)
	}
	for _, sign := range []string{"\u00a9", "\u00ae"} {
		// With a joiner behind it such a sign may be part of a longer cluster, which the table of graphemes does not say.
		if _, mapped := m.find(sign); mapped {
			return nil, errs.New(errs.Unsupported, "a character map that changes %s", sign).At(path)
		}
	}
	return m.normalize, nil
}

// find returns what text becomes. As in tokenizers it is the shortest beginning of text that decides, and all of text goes.
func (m *charsMap) find(text string) (string, bool) {
	node := offsetOf(m.trie[0])
	for i := range len(text) {
		if text[i] == 0 {
			return "", false
		}
		if node ^= uint32(text[i]); node >= uint32(len(m.trie)) {
			return "", false
		}
		unit := m.trie[node]
		if unit&(1<<31|0xff) != uint32(text[i]) {
			return "", false
		}
		if node ^= offsetOf(unit); node >= uint32(len(m.trie)) {
			return "", false
		}
		if unit>>8&1 == 1 {
			at := m.trie[node] & (1<<31 - 1)
			if at >= uint32(len(m.to)) || !utf8.RuneStart(m.to[at]) {
				return "", false
			}
			replacement, _, _ := strings.Cut(m.to[at:], "\x00")
			return replacement, true
		}
	}
	return "", false
}

func offsetOf(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

func (m *charsMap) normalize(text string) string {
	if isASCII(text) && !m.changesASCII(text) {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for text != "" {
		cluster := text[:graphemeLength(text)]
		text = text[len(cluster):]
		if len(cluster) <= longestGrapheme {
			if replacement, ok := m.find(cluster); ok {
				out.WriteString(replacement)
				continue
			}
		}
		for i, r := range cluster {
			character := cluster[i : i+utf8.RuneLen(r)]
			if replacement, ok := m.find(character); ok {
				out.WriteString(replacement)
			} else {
				out.WriteString(character)
			}
		}
	}
	return out.String()
}

func (m *charsMap) changesASCII(text string) bool {
	for i := range len(text) {
		if _, changed := m.find(text[i : i+1]); changed {
			return true
		}
	}
	return false
}

// graphemeLength is the length in bytes of the first grapheme cluster of a text that is not empty. Clusters longer than
// longestGrapheme may be cut where that makes no difference: Hangul, flags, emoji with joiners, Indic conjuncts.
func graphemeLength(text string) int {
	first, length := utf8.DecodeRuneInString(text)
	if first == '\r' && strings.HasPrefix(text[length:], "\n") {
		return 2
	}
	if isIn(graphemeControls, first) {
		return length
	}
	prepends := isIn(graphemePrepends, first)
	for length < len(text) {
		r, size := utf8.DecodeRuneInString(text[length:])
		switch {
		case r >= 0x300 && isIn(graphemeExtends, r):
			prepends = false
		case prepends && !isIn(graphemeControls, r):
			prepends = isIn(graphemePrepends, r)
		default:
			return length
		}
		length += size
	}
	return length
}
