package tokenize

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fuzzSeeds = []string{
	"", "a photo of a cat", "dog's <|endoftext|>!!'s", "[MASK] [SEP]", "İSTANBUL ΣΟΣ", "e\u0301\u0302\u0316", "\u1100\u1161\u11a8",
	"中文 한국어", "a\x00b\xff", "👨\u200d👩\u200d👧", "\u2028\u00a0\x85",
}

func FuzzCLIP(f *testing.F)      { fuzzEncode(f, clipFile, 49408, 49406, 49407) }
func FuzzWordPiece(f *testing.F) { fuzzEncode(f, bertFile, 30522, 101, 102) }

// fuzzEncode checks what holds for every text: ids in range between markers, a
// length under the cap, the same again with a cold cache, truncation that only
// cuts, and independence of texts that white space and a marker set apart.
func fuzzEncode(f *testing.F, path string, vocabulary, first, last int64) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	whole, short := loadFile(f, path, 1<<30), loadFile(f, path, 8)
	cold := *whole
	f.Fuzz(func(t *testing.T, text string) {
		encoding := whole.Encode(text)
		require.Len(t, encoding.IDs, encoding.Tokens)
		require.False(t, encoding.Truncated)
		require.Equal(t, first, encoding.IDs[0])
		require.Equal(t, last, encoding.IDs[len(encoding.IDs)-1])
		for _, id := range encoding.IDs {
			require.True(t, 0 <= id && id < vocabulary, id)
		}
		cold.cache = newWordCache()
		require.Equal(t, encoding, cold.Encode(text))

		cut := short.Encode(text)
		require.Equal(t, encoding.Tokens, cut.Tokens)
		require.Equal(t, encoding.Tokens > 8, cut.Truncated)
		kept := min(encoding.Tokens, 8) - 1
		require.Equal(t, append(slices.Clone(encoding.IDs[:kept]), last), cut.IDs)

		appended := whole.Encode(text + " cat")
		require.Equal(t, encoding.IDs[:encoding.Tokens-1], appended.IDs[:encoding.Tokens-1], "a word more changes nothing before it")
	})
}

func FuzzCanonicalForms(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		composed, decomposed := nfc(text), nfd(text)
		assert.Equal(t, composed, nfc(composed))
		assert.Equal(t, decomposed, nfd(decomposed))
		assert.Equal(t, composed, nfc(decomposed))
		assert.Equal(t, decomposed, nfd(composed))
	})
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(smallBERT), 77)
	f.Add(smallCLIP(f), 8)
	f.Add([]byte(smallUnigram), 9)
	f.Add([]byte(smallCharacterPair(f)), 9)
	f.Add([]byte(`{"version": "1.0", "model": {"type": "BPE", "vocab": {}, "merges": []}}`), 2)
	f.Fuzz(func(t *testing.T, file []byte, maxTokens int) {
		tokenizer, err := Load(file, maxTokens)
		if err != nil {
			require.Nil(t, tokenizer)
			require.Contains(t, []errs.Status{errs.InvalidInput, errs.Unsupported, errs.LimitExceeded}, errs.StatusOf(err))
			return
		}
		for _, text := range fuzzSeeds {
			encoding := tokenizer.Encode(text)
			require.LessOrEqual(t, len(encoding.IDs), maxTokens)
			require.GreaterOrEqual(t, encoding.Tokens, len(encoding.IDs))
		}
	})
}
