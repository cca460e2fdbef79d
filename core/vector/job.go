package vector

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// chunkBytes is about how much of the codes is scanned at a time: half of a processor's second cache, so that what was
// read for one query is still there for the next.
const chunkBytes = 256 << 10

// A chunk is a part of a block, a multiple of 64 rows but for the last.
type chunk struct {
	block       *Block
	first, rows int // in the block
}

// run is what the searches of one RunMany share.
type run struct {
	dimension int
	chunkRows int
	chunks    []chunk
	jobs      []*job
	tiles     []tile
	workers   int
	path      path
}

// job is a search and what its workers share.
type job struct {
	Search
	number    int // of the search
	everyRow  bool
	most      int     // rows that may be found
	length    float64 // of the query
	codes     []byte  // of the query; nil: vectors are scored
	tiled     bool    // scanned with others
	threshold atomic.Uint32
}

// A tile is jobs that are scanned together.
type tile struct {
	jobs  []int
	codes []byte
}

// newRun plans searches. It returns nil where there is nothing to look for.
func newRun(searches []Search, blocks []Block) *run {
	r := &run{path: chosen}
	rows := 0
	for i := range blocks {
		rows += blocks[i].Rows
	}
	workers := 1
	for i, search := range searches {
		if search.Limit == 0 || rows == 0 {
			continue
		}
		r.dimension = len(search.Query)
		workers = max(workers, search.Workers)
		r.jobs = append(r.jobs, newJob(search, i, rows))
	}
	if len(r.jobs) == 0 {
		return nil
	}
	r.chunkRows = min(max(chunkBytes/max(r.dimension, 1)&^63, 64), 1024)
	for i := range blocks {
		for first := 0; first < blocks[i].Rows; first += r.chunkRows {
			r.chunks = append(r.chunks, chunk{&blocks[i], first, min(r.chunkRows, blocks[i].Rows-first)})
		}
	}
	r.makeTiles()
	r.workers = min(workers, len(r.chunks), r.work()/parallelFrom+1)
	return r
}

// fewForCodes says whether so few rows are wanted that most of them would be scored after all.
func fewForCodes(wanted, rows int) bool { return wanted*64 < rows }

func newJob(search Search, number, rows int) *job {
	j := &job{Search: search, number: number, everyRow: math.IsInf(search.Floor, -1), length: Norm(search.Query), most: rows}
	if search.Allowed != nil {
		j.most = min(rows, search.Allowed.Count())
	}
	least := float32(search.Floor)
	if float64(least) > search.Floor {
		least = math.Nextafter32(least, float32(math.Inf(-1)))
	}
	j.threshold.Store(math.Float32bits(least))
	selective := search.Limit > 0 && search.Limit <= j.most/8 || !j.everyRow
	if selective && CodesPay(len(search.Query)) && (Codes{}).bound(j.length) {
		j.codes = encodeQuery(search.Query)
	}
	return j
}

// makeTiles puts jobs together that want most of the rows. A few that are left over are scanned one by one.
func (r *run) makeTiles() {
	const pays = tileSize / 2
	if !r.path.hasTile() {
		return
	}
	var together []int
	for i, j := range r.jobs {
		if j.codes != nil && j.Allowed == nil {
			together = append(together, i)
		}
	}
	for ; len(together) >= pays; together = together[min(tileSize, len(together)):] {
		jobs := together[:min(tileSize, len(together))]
		codes := make([][]byte, len(jobs))
		for i, number := range jobs {
			codes[i] = r.jobs[number].codes
			r.jobs[number].tiled = true
		}
		r.tiles = append(r.tiles, tile{jobs, tileOf(codes, r.dimension)})
	}
}

// work is about how many entries are multiplied.
func (r *run) work() (entries int) {
	for _, j := range r.jobs {
		entries += j.most * r.dimension
	}
	return entries
}

// least is the score that a row must reach: no worker that knows less of it finds too little.
func (j *job) least() float32 { return math.Float32frombits(j.threshold.Load()) }

// raise notes that limit rows were found with at least this score.
func (j *job) raise(score float32) {
	for {
		known := j.threshold.Load()
		if !(score > math.Float32frombits(known)) || j.threshold.CompareAndSwap(known, math.Float32bits(score)) {
			return
		}
	}
}

// wanted sets a bit for each row of a chunk that is to be found, and returns how many are.
func (j *job) wanted(c chunk, words []uint64) (count int) {
	for i := range words {
		row := c.first + 64*i
		word := c.block.live(row / 64)
		if rest := c.rows - 64*i; rest < 64 {
			word &= 1<<rest - 1
		}
		if j.Allowed != nil {
			word &= j.Allowed.word(c.block.First + row)
		}
		words[i] = word
		count += bits.OnesCount64(word)
	}
	return count
}
