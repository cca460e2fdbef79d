package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

func randomHistory(random *rand.Rand) storedHistory {
	vectorOf := func() vector.Vector {
		v := vector.Vector{}
		for range random.IntN(20) {
			v.Values = append(v.Values, float32(random.NormFloat64()))
		}
		if random.IntN(2) == 0 {
			v.Protected = make([]bool, len(v.Values))
			for i := range v.Protected {
				v.Protected[i] = random.IntN(3) == 0
			}
		}
		return v
	}
	h := storedHistory{}
	for range random.IntN(4) {
		of := &storedIndexHistory{own: map[int]vector.Vector{}, pasts: map[int]effect.Past{}}
		for range random.IntN(4) {
			of.own[random.IntN(9)] = vectorOf()
			of.pasts[random.IntN(9)] = effect.Past{Count: random.Int64(), Average: -random.Int64(), Oldest: random.Int64N(9) - 4, Vector: vectorOf()}
		}
		h[string(rune('a'+random.IntN(26)))+"ü"] = of
	}
	return h
}

func TestHistoriesAreReadAsTheyWereWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		h := randomHistory(random)
		written := appendHistory(nil, h)
		read, err := readHistory(written)
		require.NoError(t, err)
		require.Equal(t, h, read)
		for cut := range written {
			_, err := readHistory(written[:cut])
			require.Equal(t, errs.InvalidInput, errs.StatusOf(err), "cut at %d of %d", cut, len(written))
		}
		_, err = readHistory(append(written, 0))
		require.Error(t, err)
	}
}

func FuzzReadHistory(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f.Add(appendHistory(nil, randomHistory(random)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := readHistory(data)
		if err != nil {
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			return
		}
		again, err := readHistory(appendHistory(nil, read))
		require.NoError(t, err)
		assert.Equal(t, len(read), len(again))
	})
}

// TestHistoriesThatDoNotFit: what is well written may still be another index' or nobody's.
func TestHistoriesThatDoNotFit(t *testing.T) {
	a := &arrangement{histories: []historyArrangement{{index: "i", name: "v", groups: []int{1}, spaces: []int{0}, all: 2, parts: []int{2, 1}}}}
	long, short := vector.Plain([]float32{1, 2}), vector.Plain([]float32{1})
	for name, c := range map[string]struct {
		own   map[int]vector.Vector
		pasts map[int]effect.Past
		fits  bool
	}{
		"what fits":              {map[int]vector.Vector{0: long, 1: short}, map[int]effect.Past{0: {Count: 1, Vector: long}}, true},
		"a space too many":       {map[int]vector.Vector{2: short}, nil, false},
		"an own vector too long": {map[int]vector.Vector{1: long}, nil, false},
		"a group too many":       {nil, map[int]effect.Past{1: {Count: 1, Vector: long}}, false},
		"a past too short":       {nil, map[int]effect.Past{0: {Count: 1, Vector: short}}, false},
		"less than no events":    {nil, map[int]effect.Past{0: {Count: -1, Vector: long}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := a.history(appendHistory(nil, storedHistory{"v": {own: c.own, pasts: c.pasts}, "gone": {}}))
			if !c.fits {
				assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, long, read["i"].own[0])
			assert.Equal(t, int64(1), read["i"].pasts[1].Count)
		})
	}
}
