package vector

import (
	"math"
	"math/bits"
	"sync"
)

// worker scans chunks for all jobs of a run, with what is its own.
type worker struct {
	*run
	best []best // by job
	*scratch
}

// scratch is memory of a worker, of which the next one makes use.
type scratch struct {
	words      []uint64
	rows       []int32 // found by a scan
	bounds     []float32
	picked     []int32 // to be scored
	scores     []float32
	thresholds [tileSize]float32
	counts     [tileSize]tileCount
	laid       []byte // rows as tiles take them
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (r *run) worker() *worker {
	w := &worker{run: r, best: make([]best, len(r.jobs)), scratch: scratches.Get().(*scratch)}
	for i, j := range r.jobs {
		w.best[i] = best{limit: j.Limit, before: j.before}
	}
	room := r.chunkRows + scanSlack
	if len(w.words) < r.chunkRows/64 {
		w.words = make([]uint64, r.chunkRows/64)
	}
	if len(w.picked) < room {
		w.picked, w.scores = make([]int32, room), make([]float32, room)
	}
	if len(r.tiles) > 0 {
		room *= tileSize
	}
	if len(w.rows) < room {
		w.rows, w.bounds = make([]int32, room), make([]float32, room)
	}
	if size := laidSize(r.chunkRows, r.dimension); len(r.tiles) > 0 && len(w.laid) < size {
		w.laid = make([]byte, size)
	}
	return w
}

func (w *worker) done() { scratches.Put(w.scratch) }

// scan looks at a chunk for every job.
func (w *worker) scan(c chunk) {
	// Cut to what they must have, so that a block that is too short is a panic here and not a read past its end in C.
	vectors := c.block.Vectors[c.first*w.dimension : (c.first+c.rows)*w.dimension]
	var codes Codes
	coded := !c.block.Codes.Empty()
	if coded {
		codes = c.block.Codes.part(c.first, c.rows, w.dimension)
	}
	words := w.words[:(c.rows+63)/64]
	if len(w.tiles) > 0 && coded {
		layForTiles(codes, w.dimension, 64*len(words), w.laid)
	}
	for _, t := range w.tiles {
		w.scanTile(t, c, vectors, coded, words)
	}
	for i, j := range w.jobs {
		if j.tiled {
			continue
		}
		wanted := j.wanted(c, words)
		switch {
		case wanted == 0:
		case !coded || j.codes == nil || fewForCodes(wanted, c.rows) || !c.block.Codes.bound(j.length):
			w.scoreAll(i, c, vectors, words)
		default:
			n := w.path.scan(j.codes, w.dimension, codes, words, j.least(), w.rows, w.bounds)
			w.rescore(i, c, vectors, candidates{w.rows[:n], w.bounds[:n]})
		}
	}
}

// scanTile looks at a chunk for the jobs of a tile, which want all live rows. Where the chunk has codes, they are laid out.
func (w *worker) scanTile(t tile, c chunk, vectors []float32, coded bool, words []uint64) {
	if w.jobs[t.jobs[0]].wanted(c, words) == 0 {
		return
	}
	scanned := false
	for i := range w.thresholds {
		w.thresholds[i] = float32(math.Inf(1)) // of a place without a job: no row reaches it
		if i < len(t.jobs) && coded && c.block.Codes.bound(w.jobs[t.jobs[i]].length) {
			w.thresholds[i], scanned = w.jobs[t.jobs[i]].least(), true
		}
	}
	room := w.chunkRows + scanSlack
	if scanned {
		scanTile(t.codes, w.dimension, w.laid, words, &w.thresholds, room, w.rows, w.bounds, &w.counts)
	}
	for i, number := range t.jobs {
		if coded && c.block.Codes.bound(w.jobs[number].length) {
			n := int(w.counts[i])
			w.rescore(number, c, vectors, candidates{w.rows[i*room:][:n], w.bounds[i*room:][:n]})
		} else {
			w.scoreAll(number, c, vectors, words)
		}
	}
}

// scoreAll scores all rows whose bit is set.
func (w *worker) scoreAll(number int, c chunk, vectors []float32, words []uint64) {
	n := 0
	for i, word := range words {
		for ; word != 0; word &= word - 1 {
			w.picked[n] = int32(64*i + bits.TrailingZeros64(word))
			n++
		}
	}
	w.score(number, c, vectors, w.picked[:n])
}

// rescore scores the rows that a scan found, those of the highest bound first, until no bound is left that reaches the best scores.
func (w *worker) rescore(number int, c chunk, vectors []float32, found candidates) {
	const together = 8 // rows that are read at a time
	found.order()
	for j := w.jobs[number]; found.Len() > 0; {
		n := 0
		for n < together && found.Len() > 0 && !(found.bounds[0] < j.least()) {
			w.picked[n] = found.pop()
			n++
		}
		if n == 0 {
			return
		}
		w.score(number, c, vectors, w.picked[:n])
	}
}

// score adds rows of a chunk to the best of a job.
func (w *worker) score(number int, c chunk, vectors []float32, rows []int32) {
	j, found := w.jobs[number], &w.best[number]
	scores := w.scores[:len(rows)]
	w.path.dots(j.Query, vectors, rows, scores)
	least := j.least()
	for i, score := range scores {
		if score < least || !j.everyRow && !(float64(score) >= j.Floor) {
			continue
		}
		found.add(Hit{Row: c.block.First + c.first + int(rows[i]), Score: score})
		if found.full() {
			j.raise(found.hits[0].Score)
			least = j.least()
		}
	}
}
