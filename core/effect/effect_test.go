package effect_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// plane is a space of directions in two dimensions.
type plane struct{}

func (plane) Combine(terms []vector.Weighted, _ int64, normalized bool) (vector.Vector, error) {
	sum, err := vector.WeightedSum(2, terms)
	if normalized {
		sum = sum.Divide(sum.Norm())
	}
	return sum, err
}

func toward(x, y float32) vector.Vector { return vector.Plain([]float32{x, y}) }

// after applies events of multiplier 1 at the given times.
func after(t *testing.T, s effect.Settings, now int64, times []int64, affecting ...vector.Vector) (past effect.Past) {
	for i, created := range times {
		var err error
		past, err = s.After(past, plane{}, affecting[i], []float64{1}, created, now)
		require.NoError(t, err)
	}
	return past
}

func TestThePastIsSummedUp(t *testing.T) {
	s := effect.DefaultSettings()
	past := after(t, s, 100, []int64{10, 21, 11}, toward(1, 0), toward(1, 0), toward(1, 0))
	assert.Equal(t, int64(3), past.Count)
	assert.Equal(t, int64(10), past.Oldest)
	assert.Equal(t, int64(15), past.Average, "(ceil of 15.5 = 16) * 2 + 11, over 3, rounded up")
	past, err := s.After(past, plane{}, toward(1, 0), []float64{1, 2}, 10, 100)
	require.NoError(t, err)
	assert.Equal(t, int64(5), past.Count, "two effects of one event count twice")
	_, err = s.After(past, plane{}, toward(1, 0), nil, 10, 100)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
}

func TestTemperature(t *testing.T) {
	for temperature, want := range map[float64][]float32{0: {1, 0}, 1: {0, 1}, .5: {.5, .5}, .25: {.75, .25}} {
		s := effect.Settings{Temperature: temperature, Influence: 1, DecayFloor: 1}
		past := after(t, s, 100, []int64{100}, toward(1, 0))
		past.Vector = toward(1, 0) // with a temperature of 0 the first event weighs nothing
		past, err := s.After(past, plane{}, toward(0, 1), []float64{1}, 100, 100)
		require.NoError(t, err)
		assert.Equal(t, want, past.Vector.Values, "%v", temperature)
	}
}

func TestMultipliersAreAveraged(t *testing.T) {
	s := effect.DefaultSettings()
	past, err := s.After(effect.Past{}, plane{}, toward(2, 0), []float64{1, -2}, 0, 0)
	require.NoError(t, err)
	assert.Equal(t, []float32{-1, 0}, past.Vector.Values)
}

// The weight of what was before an event falls from 1 to the floor as its average age goes to the greatest one.
func TestDecay(t *testing.T) {
	for name, c := range map[string]struct {
		maxAge, first, second, now int64
		floor, want                float64 // want is the weight of the first event against 1 for the second
	}{
		"at once":        {0, 50, 50, 50, .25, 1},
		"no age given":   {0, 0, 50, 100, 0, .25},
		"with a floor":   {0, 0, 50, 100, .5, .625},
		"within the age": {100, 0, 100, 100, 0, .5},
		"at the age":     {50, 0, 100, 100, .25, .25},
		"older":          {49, 0, 100, 100, .25, 0},
		"a floor of 1":   {100, 0, 100, 100, 1, 1},
		"events to come": {100, 150, 250, 100, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := effect.Settings{MaxAge: c.maxAge, Temperature: .5, Influence: 1, DecayFloor: c.floor}
			past := after(t, s, c.now, []int64{c.first, c.second}, toward(1, 0), toward(0, 1))
			assert.InDelta(t, c.want, float64(past.Vector.Values[0]/past.Vector.Values[1]), 1e-6)
		})
	}
}

func TestInfluence(t *testing.T) {
	past := effect.Past{Count: 1, Vector: toward(0, .2)}
	for influence, want := range map[float64][]float64{0: {1, 0}, 1: {0, 1}, .5: {1 / math.Hypot(1, .2), .2 / math.Hypot(1, .2)}} {
		s := effect.Settings{Influence: influence}
		moved, err := s.Apply(toward(1, 0), []effect.Past{{}, past}, plane{}, 0)
		require.NoError(t, err)
		assert.InDeltaSlice(t, want, []float64{float64(moved.Values[0]), float64(moved.Values[1])}, 1e-6, "%v", influence)
	}
	own, err := effect.DefaultSettings().Apply(toward(3, 4), []effect.Past{{}}, plane{}, 0)
	require.NoError(t, err)
	assert.Equal(t, []float32{3, 4}, own.Values, "without events nothing is touched")
}

func TestMultipliersOfMatchingEffects(t *testing.T) {
	kind := schema.Field{Name: "kind", Type: schema.String}
	is := func(text string) filter.Filter {
		compiled, err := filter.Compile(1, kind, filter.Equal, text)
		require.NoError(t, err)
		return filter.Filter{{compiled}}
	}
	group := effect.Group{Effects: []effect.Effect{{Multiplier: 1, Filter: is("read")}, {Multiplier: 3}, {Multiplier: -1, Filter: is("hate")}}}
	assert.Equal(t, []float64{1, 3}, group.Multipliers([]schema.Value{{}, schema.TextValue("read")}))
	assert.Equal(t, []float64{3}, group.Multipliers([]schema.Value{{}, {}}))
	assert.Equal(t, []int{1, 1}, group.Reads())
}
