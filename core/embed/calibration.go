package embed

import (
	"slices"

	"github.com/innerspace/innerspace/core/errs"
)

// Calibration makes numbers that people can read of a model's cosines, which crowd together: how likely two things
// with this cosine belong together, where as many belong together as do not. One for each pair of kinds, since a text
// and a picture that belong together lie farther apart than two pictures that do.
type Calibration struct {
	TextToImage, ImageToImage, TextToText *Curve // nil where the model has none
}

// Curve is a monotonic function of the cosine: straight between its knots, constant outside them.
type Curve struct {
	Cosines []float64 // strictly ascending
	Scores  []float64 // one a cosine, ascending, from 0 to 1
}

// MaxKnots bounds the knots of a curve.
const MaxKnots = 1024

// Check refuses what is no such function.
func (c *Curve) Check() error {
	if len(c.Cosines) < 2 || len(c.Cosines) > MaxKnots || len(c.Cosines) != len(c.Scores) {
		return errs.New(errs.InvalidInput, "it has %d cosines and %d scores; it needs as many of one as of the other, from 2 to %d",
			len(c.Cosines), len(c.Scores), MaxKnots)
	}
	for i, cosine := range c.Cosines {
		if !(cosine >= -1 && cosine <= 1) || !(c.Scores[i] >= 0 && c.Scores[i] <= 1) {
			return errs.New(errs.InvalidInput, "knot %d is (%v, %v); cosines lie between -1 and 1, scores between 0 and 1", i, cosine, c.Scores[i])
		}
		if i > 0 && (cosine <= c.Cosines[i-1] || c.Scores[i] < c.Scores[i-1]) {
			return errs.New(errs.InvalidInput, "knot %d lies before or below the one in front of it; cosines have to ascend, scores must not fall", i)
		}
	}
	return nil
}

// Score returns the function's value at a cosine.
func (c *Curve) Score(cosine float64) float64 {
	at, _ := slices.BinarySearch(c.Cosines, cosine)
	if at == 0 {
		return c.Scores[0]
	}
	if at == len(c.Cosines) {
		return c.Scores[at-1]
	}
	share := (cosine - c.Cosines[at-1]) / (c.Cosines[at] - c.Cosines[at-1])
	return c.Scores[at-1] + share*(c.Scores[at]-c.Scores[at-1])
}
