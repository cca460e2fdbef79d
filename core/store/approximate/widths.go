package approximate

import (
	"math"

	"github.com/innerspace/innerspace/core/vector"
)

// widths are how wide searches of a graph must be to find a share of the best rows, as measured on its rows. scored stands for: no walk
// finds as much sooner than scoring all rows does.
type widths struct {
	rows   int     // in the graph when it was measured
	recall float64 // the share
	even   int     // for a query that weighs all parts
	alone  []int   // for one that weighs a part only; none where there is one part
}

const scored = 0

// mostWider is how much wider a search of a set width gets at most for the sake of its weights.
const mostWider = 16

// width is that of a search for a query. Rows that are near in the parts that it weighs are spread over the graph the more, the fewer
// parts those are.
func (f *follower) width(c *current, query []float32, limit int) int {
	concentration, heaviest := f.weighs(query)
	parts := float64(len(f.index.Parts))
	if f.index.Width > 0 {
		// By the square, because that keeps recall where it is: measured with bench/approximate on two parts.
		wider := 1 + concentration*(parts-1)
		return int(float64(f.index.Width) * min(wider*wider, mostWider))
	}
	measured := c.widths.Load()
	if !f.measuredFor(measured) {
		return math.MaxInt32
	}
	even, alone := measured.even, measured.even
	if len(measured.alone) > 0 {
		alone = measured.alone[heaviest]
	}
	if concentration == 0 {
		alone = even
	}
	if concentration > 0.99 {
		even = alone
	}
	if even == scored || alone == scored {
		return math.MaxInt32
	}
	width := math.Exp((1-concentration)*math.Log(float64(even)) + concentration*math.Log(float64(alone)))
	return int(math.Round(width * moreRows(limit)))
}

// moreRows is how much wider a search for more rows is than for those that were measured. By the square root, which finds as large a share:
// measured with bench/approximate/kept.
func moreRows(limit int) float64 { return math.Sqrt(max(1, float64(limit)/measuredLimit)) }

// weighs says how far a query is from weighing all parts alike, 0, to weighing one only, 1, and which part weighs most in it.
func (f *follower) weighs(query []float32) (concentration float64, heaviest int) {
	if len(f.index.Parts) < 2 {
		return 0, 0
	}
	sum, squares, most := 0.0, 0.0, 0.0
	for i, part := range f.index.Parts {
		length := vector.Norm(query[:part])
		query = query[part:]
		energy := length * length
		sum += energy
		squares += energy * energy
		if energy > most {
			most, heaviest = energy, i
		}
	}
	if squares == 0 {
		return 0, 0
	}
	parts := float64(len(f.index.Parts))
	active := sum * sum / squares // from 1 to the number of parts
	return min(1, max(0, (parts/active-1)/(parts-1))), heaviest
}

// measuredFor says whether widths are those that the index asks for.
func (f *follower) measuredFor(measured *widths) bool {
	parts := len(f.index.Parts)
	if parts == 1 {
		parts = 0
	}
	return measured != nil && measured.recall == f.index.Recall && len(measured.alone) == parts
}
