package tokenize

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTokenizerDescribesItself(t *testing.T) {
	clip, bert := loadFile(t, clipFile, 77), loadFile(t, bertFile, 128)
	assert.Equal(t, FamilyCLIP, clip.Family())
	assert.Equal(t, 77, clip.MaxTokens())
	assert.Equal(t, int64(49407), clip.PadID(), "the end marker, as in the repository's special_tokens_map.json")
	assert.Equal(t, FamilyBERT, bert.Family())
	assert.Equal(t, 128, bert.MaxTokens())
	assert.Equal(t, int64(0), bert.PadID())
}

func TestTruncationKeepsMarkersAndCountsAll(t *testing.T) {
	file := readRepositoryFile(t, bertFile)
	text := "the cat sat on the mat" // six words, one token each
	for _, test := range []struct {
		maxTokens int
		truncated bool
	}{{2, true}, {3, true}, {7, true}, {8, false}, {9, false}} {
		tokenizer, err := Load(file, test.maxTokens)
		require.NoError(t, err)
		encoding := tokenizer.Encode(text)
		assert.Equal(t, test.truncated, encoding.Truncated)
		assert.Equal(t, 8, encoding.Tokens)
		require.Len(t, encoding.IDs, min(8, test.maxTokens))
		assert.Equal(t, int64(101), encoding.IDs[0])
		assert.Equal(t, int64(102), encoding.IDs[len(encoding.IDs)-1])
	}
}

func TestInvalidUTF8ReadsAsReplacementCharacter(t *testing.T) {
	for _, path := range []string{clipFile, bertFile} {
		tokenizer := loadFile(t, path, 77)
		for _, text := range []string{"a\xffb", "a\xff\xfeb", "a\xc3b", "a\xed\xa0\x80b"} {
			assert.Equalf(t, tokenizer.Encode("a\uFFFDb"), tokenizer.Encode(text), "%q", text)
		}
	}
}

func TestEncodeIsSafeForConcurrentUse(t *testing.T) {
	for _, path := range []string{clipFile, bertFile} {
		shared := loadFile(t, path, 77)
		fresh, err := Load(readRepositoryFile(t, path), 77)
		require.NoError(t, err)
		var running sync.WaitGroup
		for worker := range 8 {
			running.Go(func() {
				for i := range 300 {
					text := fmt.Sprintf("worker photo%d İ e\u0301 한 %d", i%50, (i+worker)%97)
					assert.Equal(t, shared.Encode(text), fresh.Encode(text))
				}
			})
		}
		running.Wait()
	}
}

func TestCallersOwnTheirIDs(t *testing.T) {
	tokenizer := loadFile(t, clipFile, 77)
	first := tokenizer.Encode("a photo")
	want := tokenizer.Encode("a photo")
	for i := range first.IDs {
		first.IDs[i] = -1
	}
	assert.Equal(t, want, tokenizer.Encode("a photo"))
}

func TestCacheKeepsNoLongWordsAndIsBounded(t *testing.T) {
	cache := newWordCache()
	cache.put(strings.Repeat("a", cachedWordBytes+1), []int32{1})
	_, ok := cache.get(strings.Repeat("a", cachedWordBytes+1))
	assert.False(t, ok)
	for i := range 3 * cachedWords {
		cache.put(fmt.Sprint("word", i), []int32{int32(i)})
	}
	assert.Len(t, cache.table, cachedWords)
	kept := 0
	for i := range 3 * cachedWords {
		if ids, ok := cache.get(fmt.Sprint("word", i)); ok {
			kept++
			require.Equal(t, []int32{int32(i)}, ids)
		}
	}
	assert.Positive(t, kept)
	assert.LessOrEqual(t, kept, cachedWords)
}

// A heap that went wrong, or a scan in its place, takes minutes for these.
func TestLongWordsTakeLinearithmicTime(t *testing.T) {
	clip, bert := loadFile(t, clipFile, 77), loadFile(t, bertFile, 77)
	assert.Equal(t, 3, bert.Encode(strings.Repeat("x", 1<<18)).Tokens)
	assert.Greater(t, clip.Encode(strings.Repeat("ab", 1<<17)).Tokens, 1000)
	assert.Greater(t, clip.Encode("a"+strings.Repeat("\u0301\u0316", 1<<15)).Tokens, 1000)
	assert.Equal(t, bert.Encode("a"), bert.Encode("a"+strings.Repeat("\u0301\u0316", 1<<15)))
}

func TestCanonicalFormsDifferFromTextNormWhereTokenizersDo(t *testing.T) {
	marks := strings.Repeat("\u0301", 100)
	assert.Equal(t, "á"+marks[2:], nfc("a"+marks), "no U+034F after 30 marks")
	assert.Equal(t, "\U00011935\U00011930", nfc("\U00011935\U00011930"), "U+11938 is newer than tokenizers' tables")
	assert.Equal(t, "\U00011938", nfd("\U00011938"))
	assert.Equal(t, "\u1e9b\u0323", nfc("\u1e9b\u0323"))
	assert.Equal(t, "각", nfc("\u1100\u1161\u11a8"))
	assert.Equal(t, "\u0929", nfc("\u0928\u093c"))
	assert.Equal(t, "\u0915\u093c", nfc("\u0958"), "a composition exclusion")
	assert.Len(t, canonical().composition, 940)
}
