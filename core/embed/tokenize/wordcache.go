package tokenize

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
)

const (
	cachedWords     = 1 << 14 // a power of two
	cachedWordBytes = 48      // longer words are rarely seen twice
)

// wordCache remembers the ids of words. It is a fixed table in which a word has
// one place and the latest wins: bounded memory, no locks, and no way for odd
// texts to fill it for good.
type wordCache struct {
	seed  maphash.Seed
	table []atomic.Pointer[cachedWord]
}

type cachedWord struct {
	word string
	ids  []int32
}

func newWordCache() *wordCache {
	return &wordCache{seed: maphash.MakeSeed(), table: make([]atomic.Pointer[cachedWord], cachedWords)}
}

func (c *wordCache) place(word string) *atomic.Pointer[cachedWord] {
	return &c.table[maphash.String(c.seed, word)&(cachedWords-1)]
}

// get returns ids that must not be written to.
func (c *wordCache) get(word string) ([]int32, bool) {
	if len(word) > cachedWordBytes {
		return nil, false
	}
	entry := c.place(word).Load()
	if entry == nil || entry.word != word {
		return nil, false
	}
	return entry.ids, true
}

func (c *wordCache) put(word string, ids []int32) {
	if len(word) <= cachedWordBytes {
		c.place(word).Store(&cachedWord{word: strings.Clone(word), ids: slices.Clone(ids)})
	}
}
