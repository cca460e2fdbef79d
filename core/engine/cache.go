package engine

import (
	"sync"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/imaging"
)

// shared is the content cache of the process: engines with the same model, one after the other or side by
// side, embed the same content once. It is as large as the largest that an engine asked for.
var shared struct {
	mu    sync.Mutex
	cache *embed.Cache
}

// sharedCache returns the cache of the process, grown to the given size; nil for a size of 0.
func sharedCache(bytes int64) *embed.Cache {
	if bytes <= 0 {
		return nil
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.cache == nil {
		shared.cache = embed.NewCache(bytes)
	}
	shared.cache.Grow(bytes)
	return shared.cache
}

func (e *Engine) newEmbedder(model embed.Model) *embed.Embedder {
	return embed.NewEmbedder(model, embed.Options{
		Policy: e.options.Pixels, Limits: imaging.Limits{MaxPixels: e.options.MaxPixels}, Cache: e.cache, Workers: e.workers(),
	})
}

// CacheDescription has the counters of the content cache, which all engines of the process share.
type CacheDescription struct {
	Enabled bool  `json:"enabled"` // for this engine; then the counters follow
	Hits    int64 `json:"hits"`
	Misses  int64 `json:"misses"`
	Entries int64 `json:"entries"`
	Bytes   int64 `json:"bytes"`
}

func describeCache(cache *embed.Cache) CacheDescription {
	stats := cache.Stats()
	return CacheDescription{
		Enabled: cache != nil, Hits: stats.Hits, Misses: stats.Misses, Entries: stats.Entries, Bytes: stats.Bytes,
	}
}
