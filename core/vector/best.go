package vector

import "container/heap"

// best keeps the limit best hits; its heap has the worst of them on top.
type best struct {
	hits   []Hit
	limit  int // negative: none
	before func(a, b Hit) bool
}

// full says whether another hit must be better than the worst.
func (b *best) full() bool { return b.limit >= 0 && len(b.hits) == b.limit }

func (b *best) add(hit Hit) {
	switch {
	case b.limit < 0:
		b.hits = append(b.hits, hit)
	case len(b.hits) < b.limit:
		heap.Push(b, hit)
	case b.before(hit, b.hits[0]):
		b.hits[0] = hit
		heap.Fix(b, 0)
	}
}

func (b *best) Len() int           { return len(b.hits) }
func (b *best) Less(i, j int) bool { return b.before(b.hits[j], b.hits[i]) }
func (b *best) Swap(i, j int)      { b.hits[i], b.hits[j] = b.hits[j], b.hits[i] }
func (b *best) Push(x any)         { b.hits = append(b.hits, x.(Hit)) }
func (b *best) Pop() any {
	last := b.hits[len(b.hits)-1]
	b.hits = b.hits[:len(b.hits)-1]
	return last
}
