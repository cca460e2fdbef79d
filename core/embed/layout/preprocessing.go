package layout

import (
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// maxSide caps the tensor: no two-tower model goes over 1024 pixels, and the tensor's memory follows from it.
const maxSide = 2048

// checkPreprocessing refuses numbers with which no tensor can be made.
func checkPreprocessing(p imaging.Preprocessing, where string) error {
	sides := []int{p.Width, p.Height}
	if p.Resize == imaging.ShortestSide {
		sides = append(sides, p.Size)
	}
	for _, side := range sides {
		if side < 1 || side > maxSide {
			return errs.New(errs.InvalidInput, "%s asks for pictures of %d pixels on a side; it has to be between 1 and %d", where, side, maxSide)
		}
	}
	if !finite(p.Rescale) || p.Rescale <= 0 {
		return errs.New(errs.InvalidInput, "%s scales pixels by %v; it has to be a number over 0", where, p.Rescale)
	}
	for channel := range 3 {
		if !finite(p.Mean[channel]) || !finite(p.Std[channel]) || p.Std[channel] <= 0 {
			return errs.New(errs.InvalidInput, "%s normalises with mean %v and standard deviation %v; they have to be numbers, the latter over 0",
				where, p.Mean, p.Std)
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
