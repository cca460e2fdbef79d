package tokenize

// symbol is one piece of a word while it is merged, a link of a list.
type symbol struct {
	id         int32
	prev, next int32 // indices; -1 for none
	merged     bool  // into its left neighbour
}

// candidate is a merge that may be made at a symbol.
type candidate struct {
	merge
	at int32
}

func (c candidate) before(other candidate) bool {
	return c.rank < other.rank || c.rank == other.rank && c.at < other.at
}

func (b *bytePair) appendWord(ids []int32, word string) []int32 {
	if len(word) == 1 {
		return append(ids, b.last[word[0]])
	}
	var space [64]symbol
	symbols := space[:0]
	for i := range len(word) {
		id := b.inside[word[i]]
		if i == len(word)-1 {
			id = b.last[word[i]]
		}
		symbols = appendSymbol(symbols, id)
	}
	return b.merge(ids, symbols)
}

func appendSymbol(symbols []symbol, id int32) []symbol {
	at := int32(len(symbols))
	return append(symbols, symbol{id: id, prev: at - 1, next: at + 1})
}

// merge merges the symbols of a word, at least one, lowest rank first, leftmost first, and appends the ids of what is left. A heap
// keeps that n·log n: words can be as long as the text.
func (b mergeTable) merge(ids []int32, symbols []symbol) []int32 {
	var space [64]candidate
	queue := candidates(space[:0])
	symbols[len(symbols)-1].next = -1
	for i := range len(symbols) - 1 {
		b.propose(&queue, symbols, int32(i))
	}
	for len(queue) > 0 {
		best := queue.pop()
		current := &symbols[best.at]
		if current.merged || current.next < 0 {
			continue
		}
		right := &symbols[current.next]
		if made, ok := b[[2]int32{current.id, right.id}]; !ok || made.id != best.id {
			continue // one of the two has changed since
		}
		right.merged = true
		current.id, current.next = best.id, right.next
		if current.next >= 0 {
			symbols[current.next].prev = best.at
			b.propose(&queue, symbols, best.at)
		}
		if current.prev >= 0 {
			b.propose(&queue, symbols, current.prev)
		}
	}
	for i := int32(0); i >= 0; i = symbols[i].next {
		ids = append(ids, symbols[i].id)
	}
	return ids
}

// propose queues the merge of the symbol at at with its right neighbour, if there is one.
func (b mergeTable) propose(queue *candidates, symbols []symbol, at int32) {
	if made, ok := b[[2]int32{symbols[at].id, symbols[symbols[at].next].id}]; ok {
		queue.push(candidate{merge: made, at: at})
	}
}

// candidates is a binary heap, best first; container/heap would box every candidate.
type candidates []candidate

func (c *candidates) push(added candidate) {
	heap := append(*c, added)
	i := len(heap) - 1
	for i > 0 && added.before(heap[(i-1)/2]) {
		heap[i] = heap[(i-1)/2]
		i = (i - 1) / 2
	}
	heap[i] = added
	*c = heap
}

func (c *candidates) pop() candidate {
	heap := *c
	best, moved := heap[0], heap[len(heap)-1]
	heap = heap[:len(heap)-1]
	for i := 0; len(heap) > 0; {
		child := 2*i + 1
		if child+1 < len(heap) && heap[child+1].before(heap[child]) {
			child++
		}
		if child >= len(heap) || !heap[child].before(moved) {
			heap[i] = moved
			break
		}
		heap[i] = heap[child]
		i = child
	}
	*c = heap
	return best
}
