package approximate

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
)

func TestPrefaces(t *testing.T) {
	spans := []store.Span{{ID: 7, First: 0, Rows: 1024}, {ID: 3, First: 2048, Rows: 64}}
	for _, measured := range []*widths{nil, {rows: 9, recall: 0.95, even: scored}, {rows: 1, recall: 0.5, even: 12, alone: []int{1, 2}}} {
		preface := appendPreface(nil, spans, measured)
		again, read, err := readPreface(preface)
		require.NoError(t, err)
		assert.Equal(t, spans, again)
		if measured != nil && measured.alone == nil {
			measured.alone = []int{}
		}
		assert.Equal(t, measured, read)
		for cut := range preface {
			_, _, err := readPreface(preface[:cut])
			assert.Error(t, err)
		}
	}
	_, _, err := readPreface(appendPreface(nil, []store.Span{{ID: 1, First: 10, Rows: 10}, {ID: 2, First: 15, Rows: 10}}, nil))
	assert.Error(t, err, "spans that overlap")
	_, _, err = readPreface([]byte{2})
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
}

// FuzzRead reads what may be anything: an error, or a graph.
func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{3, 0, 0, 0, 1, 0, 0})
	f.Add(append([]byte{12, 0, 0, 0}, appendPreface(nil, []store.Span{{ID: 1, First: 0, Rows: 64}}, &widths{even: 5})...))
	f.Fuzz(func(t *testing.T, data []byte) {
		follower := &follower{index: Index{Parts: []int{4}}}
		read, err := follower.read(bytes.NewReader(data), int64(len(data)))
		if err == nil {
			read.graph.Close()
		}
		assert.NotEqual(t, errs.Internal, errs.StatusOf(err))
	})
}

func TestWidths(t *testing.T) {
	f := &follower{index: Index{Parts: []int{2, 1}, Recall: 0.9}}
	c := &current{}
	even, first, second := []float32{1, 0, 1}, []float32{0, 1, 0}, []float32{0, 0, 2}
	assert.Equal(t, math.MaxInt32, f.width(c, even, 10), "not measured yet")
	c.widths.Store(&widths{recall: 0.9, even: 100, alone: []int{400, scored}})
	assert.Equal(t, 100, f.width(c, even, 10))
	assert.Equal(t, 400, f.width(c, first, 10))
	assert.Equal(t, []int{100, 200, 100}, []int{f.width(c, even, 1), f.width(c, even, 40), f.width(c, even, -1)})
	assert.Equal(t, math.MaxInt32, f.width(c, second, 10))
	assert.InDelta(t, 263, f.width(c, []float32{1, 0, 0.3}, 10), 5, "between both")
	assert.Equal(t, 100, f.width(c, []float32{0, 0, 0}, 10))
	f.index.Recall = 0.8
	assert.Equal(t, math.MaxInt32, f.width(c, even, 10), "measured for another share")
	f.index.Width = 50
	assert.Equal(t, []int{50, 200}, []int{f.width(c, even, 10), f.width(c, second, 10)})
	one := &follower{index: Index{Parts: []int{3}, Recall: 0.9}}
	c.widths.Store(&widths{recall: 0.9, even: scored})
	assert.Equal(t, math.MaxInt32, one.width(c, even, 10))
}
