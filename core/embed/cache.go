package embed

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// Cache keeps vectors by the content they were made from, the least recently used
// going first. One cache may serve every Embedder of a process: the key holds
// the model's fingerprint. It is safe for concurrent use, and a nil Cache is one that is off.
type Cache struct {
	maxBytes atomic.Int64

	mu      sync.Mutex
	entries map[key]*list.Element
	recent  list.List // of *cacheEntry, most recently used in front
	stats   CacheStats
}

// CacheStats says what a cache did and holds.
type CacheStats struct {
	Hits, Misses int64 // look-ups; a content that stands several times in one call counts once
	Entries      int64
	Bytes        int64 // of the vectors and what it takes to keep them
}

// embedding is what the cache keeps of an Outcome.
type embedding struct {
	vector    []float32
	tokens    int
	truncated bool
}

type cacheEntry struct {
	key       key
	embedding embedding
	bytes     int64
}

// entryOverhead is about what an entry takes besides its vector: key twice, list element, map slot.
const entryOverhead = 256

// NewCache makes a cache of at most maxBytes; 0 or less makes one that keeps nothing.
func NewCache(maxBytes int64) *Cache {
	c := &Cache{entries: map[key]*list.Element{}}
	c.maxBytes.Store(maxBytes)
	return c
}

// Grow raises the bound to maxBytes; it never lowers it.
func (c *Cache) Grow(maxBytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if maxBytes > c.maxBytes.Load() {
		c.maxBytes.Store(maxBytes)
	}
}

// Stats returns the counters as they are now.
func (c *Cache) Stats() CacheStats {
	if c == nil {
		return CacheStats{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

func (c *Cache) off() bool { return c == nil || c.maxBytes.Load() <= 0 }

// get returns a copy: what is in the cache is never reachable from outside.
func (c *Cache) get(k key) (embedding, bool) {
	if c.off() {
		return embedding{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	element, found := c.entries[k]
	if !found {
		c.stats.Misses++
		return embedding{}, false
	}
	c.stats.Hits++
	c.recent.MoveToFront(element)
	return element.Value.(*cacheEntry).embedding.clone(), true
}

// put keeps a copy. What is larger than the whole cache is not kept.
func (c *Cache) put(k key, e embedding) {
	bytes := int64(4*len(e.vector)) + entryOverhead
	if c.off() || bytes > c.maxBytes.Load() {
		return
	}
	entry := &cacheEntry{key: k, embedding: e.clone(), bytes: bytes}
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, found := c.entries[k]; found { // two calls embedded the same content at once
		c.remove(element)
	}
	for c.stats.Bytes+bytes > c.maxBytes.Load() {
		c.remove(c.recent.Back())
	}
	c.entries[k] = c.recent.PushFront(entry)
	c.stats.Entries++
	c.stats.Bytes += bytes
}

func (c *Cache) remove(element *list.Element) {
	entry := c.recent.Remove(element).(*cacheEntry)
	delete(c.entries, entry.key)
	c.stats.Entries--
	c.stats.Bytes -= entry.bytes
}

func (e embedding) clone() embedding {
	e.vector = append([]float32(nil), e.vector...)
	return e
}
