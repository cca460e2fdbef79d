package imaging

import (
	"math"

	"github.com/innerspace/innerspace/core/errs"
)

const thumbnailQuality = 80

// Thumbnail makes a small WebP of an encoded picture for a gallery: upright,
// alpha over white (what the model saw, and readable on dark pages too), shrunk
// so that neither side is longer than maxSide pixels, never enlarged. Errors are
// Decode's, and InvalidInput for a maxSide outside 1..16383.
func Thumbnail(data []byte, maxSide int, limits Limits) ([]byte, error) {
	if maxSide < 1 || maxSide > 16383 {
		return nil, errs.New(errs.InvalidInput, "a thumbnail's side must be 1 to 16383 pixels, not %d", maxSide)
	}
	rgb, err := Decode(data, Faithful, limits)
	if err != nil {
		return nil, err
	}
	if long := max(rgb.Width, rgb.Height); long > maxSide {
		scale := float64(maxSide) / float64(long)
		width := max(int(math.Round(float64(rgb.Width)*scale)), 1)
		height := max(int(math.Round(float64(rgb.Height)*scale)), 1)
		if rgb, err = ResizeTo(rgb, width, height, Bicubic); err != nil {
			return nil, err
		}
	}
	return encodeWebP(rgb, thumbnailQuality)
}
