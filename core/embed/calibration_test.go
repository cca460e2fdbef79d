package embed_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

func TestCurveScore(t *testing.T) {
	curve := embed.Curve{Cosines: []float64{-0.2, 0.2, 0.6}, Scores: []float64{0.1, 0.1, 0.9}}
	require.NoError(t, curve.Check())
	for cosine, want := range map[float64]float64{
		-1: 0.1, -0.2: 0.1, 0: 0.1, 0.2: 0.1, 0.3: 0.3, 0.4: 0.5, 0.6: 0.9, 0.7: 0.9, 1: 0.9,
	} {
		assert.InDelta(t, want, curve.Score(cosine), 1e-12, cosine)
	}
	before := 0.0
	for cosine := -1.0; cosine <= 1; cosine += 1.0 / 512 {
		score := curve.Score(cosine)
		assert.GreaterOrEqual(t, score, before, cosine)
		before = score
	}
}

func TestCurveCheck(t *testing.T) {
	for name, curve := range map[string]embed.Curve{
		"no knots":              {},
		"one knot":              {Cosines: []float64{0}, Scores: []float64{0}},
		"too many knots":        {Cosines: make([]float64, embed.MaxKnots+1), Scores: make([]float64, embed.MaxKnots+1)},
		"fewer scores":          {Cosines: []float64{0, 1}, Scores: []float64{0}},
		"cosines that stand":    {Cosines: []float64{0, 0}, Scores: []float64{0, 1}},
		"cosines that fall":     {Cosines: []float64{0.5, 0}, Scores: []float64{0, 1}},
		"scores that fall":      {Cosines: []float64{0, 0.5}, Scores: []float64{1, 0.9}},
		"a cosine of 2":         {Cosines: []float64{0, 2}, Scores: []float64{0, 1}},
		"a score below nothing": {Cosines: []float64{0, 1}, Scores: []float64{-0.1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			err := curve.Check()
			require.Error(t, err)
			assert.Equal(t, errs.InvalidInput, errs.From(err).Status)
		})
	}
}
