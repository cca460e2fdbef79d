package embed

import (
	"context"
	"math"
	"runtime"
	"sort"
	"time"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// Options say how an Embedder treats pictures and what it remembers.
type Options struct {
	Policy  imaging.Policy
	Limits  imaging.Limits
	Cache   *Cache // nil: no cache
	Workers int    // goroutines that decode; 0 means one a core
}

// Embedder embeds any number of texts or pictures with one model. It is safe for concurrent use.
type Embedder struct {
	model   Model
	info    Info
	options Options
	timers  timers
}

// Outcome is what became of one text or picture.
type Outcome struct {
	Vector    []float32 // raw model output, the caller's to keep and change; nil where Err is not
	Tokens    int       // texts: tokens of the whole text, markers included
	Truncated bool      // texts: only the beginning was embedded
	Err       error     // an *errs.Error: why this one has no vector; the others are not affected
}

// NewEmbedder makes an Embedder. It does not own the model: closing that stays with the caller.
func NewEmbedder(model Model, options Options) *Embedder {
	if options.Workers <= 0 {
		options.Workers = runtime.GOMAXPROCS(0)
	}
	return &Embedder{model: model, info: model.Info(), options: options}
}

// Model returns the model that was given to NewEmbedder.
func (e *Embedder) Model() Model { return e.model }

// Stats returns the counters of the cache, zeros where there is none.
func (e *Embedder) Stats() CacheStats { return e.options.Cache.Stats() }

// textsPerCall bounds what a cancel loses and how coarse progress is.
const textsPerCall = 128

// Texts embeds texts, one outcome each, in order. The same text is embedded once.
//
// progress, which may be nil, is called from this goroutine with how many more are
// done; on success these add up to len(texts). The error is a cancel or a failure of the
// model; what was embedded before it stays in the cache.
func (e *Embedder) Texts(ctx context.Context, texts []string, progress func(n int)) ([]Outcome, error) {
	keys := make([]key, len(texts))
	for i, text := range texts {
		keys[i] = textKey(e.info.Fingerprint, text)
	}
	call := e.newCall(keys, nil, progress)
	// Texts of like length in one call: the model runs equal lengths together.
	sort.SliceStable(call.misses, func(a, b int) bool {
		return len(texts[call.misses[a].first()]) < len(texts[call.misses[b].first()])
	})
	for first := 0; first < len(call.misses); first += textsPerCall {
		if ctx.Err() != nil {
			return nil, errs.From(ctx.Err())
		}
		items := call.misses[first:min(first+textsPerCall, len(call.misses))]
		batch := make([]string, len(items))
		for i, item := range items {
			batch[i] = texts[item.first()]
		}
		start := time.Now()
		embedded, err := e.model.Texts(ctx, batch)
		measure(&e.timers.texts, start)
		if err == nil && len(embedded) != len(batch) {
			err = errs.New(errs.Internal, "the model %s gave %d vectors for %d texts", e.info.Name, len(embedded), len(batch))
		}
		if err != nil {
			return nil, errs.From(err)
		}
		for i, item := range items {
			t := embedded[i]
			if err := call.finish(item, embedding{t.Vector, t.Tokens, t.Truncated}, "text"); err != nil {
				return nil, err
			}
		}
	}
	return call.outcomes, nil
}

// call is the state of one Texts or Images: which contents are the same, which are still to be made.
type call struct {
	embedder *Embedder
	outcomes []Outcome
	misses   []*item
	progress func(int)
}

// item is one distinct content of a call.
type item struct {
	key     key
	members []int // its places in the call
}

func (i *item) first() int { return i.members[0] }

// newCall groups the places of a call by content and fills in what the cache has. A content that usable, which may
// be nil, says no to is not looked up.
func (e *Embedder) newCall(keys []key, usable func(place int) bool, progress func(int)) *call {
	if progress == nil {
		progress = func(int) {}
	}
	c := &call{embedder: e, outcomes: make([]Outcome, len(keys)), progress: progress}
	distinct := make(map[key]*item, len(keys))
	var items []*item
	for place, k := range keys {
		it := distinct[k]
		if it == nil {
			it = &item{key: k}
			distinct[k] = it
			items = append(items, it)
		}
		it.members = append(it.members, place)
	}
	cached := 0
	for _, it := range items {
		if usable != nil && !usable(it.first()) {
			c.misses = append(c.misses, it)
			continue
		}
		embedded, found := e.options.Cache.get(it.key)
		if !found {
			c.misses = append(c.misses, it)
			continue
		}
		c.fill(it, embedded)
		cached += len(it.members)
	}
	if cached > 0 {
		progress(cached)
	}
	return c
}

// finish checks a vector, keeps it and gives it to every place of its content. A vector of the wrong
// length is the model's failure, a number that is none the content's.
func (c *call) finish(it *item, embedded embedding, modality string) error {
	e := c.embedder
	if len(embedded.vector) != e.info.Dimension {
		return errs.New(errs.Internal, "the model %s gave a vector of %d numbers instead of %d", e.info.Name, len(embedded.vector), e.info.Dimension)
	}
	for at, value := range embedded.vector {
		if math.IsNaN(float64(value)) || math.IsInf(float64(value), 0) {
			c.fail(it, func(int) error {
				return errs.New(errs.Internal, "the model %s gave %v at position %d of the %s's vector", e.info.Name, value, at, modality)
			})
			return nil
		}
	}
	e.options.Cache.put(it.key, embedded)
	c.fill(it, embedded)
	c.progress(len(it.members))
	return nil
}

// fail gives every place of a content its error.
func (c *call) fail(it *item, reason func(place int) error) {
	for _, place := range it.members {
		c.outcomes[place].Err = reason(place)
	}
	c.progress(len(it.members))
}

// fill gives every place of a content a vector of its own.
func (c *call) fill(it *item, embedded embedding) {
	for n, place := range it.members {
		if n > 0 {
			embedded = embedded.clone()
		}
		c.outcomes[place] = Outcome{Vector: embedded.vector, Tokens: embedded.tokens, Truncated: embedded.truncated}
	}
}
