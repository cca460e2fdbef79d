package imaging

import (
	"slices"

	"github.com/innerspace/innerspace/core/errs"
)

// TensorLen is how many float32 values Apply writes: 3 * Height * Width.
func (p Preprocessing) TensorLen() int { return 3 * p.Height * p.Width }

// Apply resizes, crops, rescales and normalises rgb into dst: channels, rows,
// columns, float32, TensorLen values. The numbers are those of Hugging Face's
// CLIPImageProcessor. A Rescale of 0 counts as 1/255, a Std of 0 as 1. It returns InvalidInput for a dst of another length or
// settings that make no sense, LimitExceeded for a picture that is too elongated.
func (p Preprocessing) Apply(rgb *RGB, dst []float32) error {
	if p.Width <= 0 || p.Height <= 0 || p.Resize == ShortestSide && p.Size <= 0 || p.Width > maxSide || p.Height > maxSide || p.Size > maxSide {
		return errs.New(errs.InvalidInput, "the preprocessing asks for %dx%d pixels, shortest side %d", p.Width, p.Height, p.Size)
	}
	if len(dst) != p.TensorLen() {
		return errs.New(errs.InvalidInput, "the tensor takes %d values, not %d", p.TensorLen(), len(dst))
	}
	if err := rgb.check(); err != nil {
		return err
	}
	buffer := intermediates.Get().(*[]byte)
	defer intermediates.Put(buffer)
	*buffer = slices.Grow((*buffer)[:0], 3*p.Width*p.Height)
	pixels := (*buffer)[:3*p.Width*p.Height]
	if err := p.pixels(rgb, pixels); err != nil {
		return err
	}
	tables := p.tables()
	plane := p.Width * p.Height
	red, green, blue := dst[:plane], dst[plane:2*plane], dst[2*plane:]
	for i := range red {
		px := pixels[3*i : 3*i+3]
		red[i], green[i], blue[i] = tables[0][px[0]], tables[1][px[1]], tables[2][px[2]]
	}
	return nil
}

// pixels writes the resized and cropped picture, 8 bits a channel, into out.
func (p Preprocessing) pixels(rgb *RGB, out []byte) error {
	if p.Resize == Squash {
		return resizeRegion(out, rgb, p.Width, p.Height, region{0, 0, p.Width, p.Height}, p.Filter)
	}
	width, height := shortestSide(rgb.Width, rgb.Height, p.Size)
	area, x, y := centerCrop(width, height, p.Width, p.Height, p.Crop)
	if area.width == p.Width && area.height == p.Height {
		return resizeRegion(out, rgb, width, height, area, p.Filter)
	}
	// The crop is larger than the picture: black around it.
	inner := make([]byte, 3*area.width*area.height)
	if err := resizeRegion(inner, rgb, width, height, area, p.Filter); err != nil {
		return err
	}
	clear(out)
	for row := range area.height {
		copy(out[3*((y+row)*p.Width+x):], inner[3*row*area.width:3*(row+1)*area.width])
	}
	return nil
}

// shortestSide returns the size whose shorter side is size, the longer cut to an integer.
func shortestSide(width, height, size int) (int, int) {
	short, long := min(width, height), max(width, height)
	scaled := int(float64(int64(size)*int64(long)) / float64(short))
	if width <= height {
		return size, scaled
	}
	return scaled, size
}

// centerCrop returns the part of a width x height picture that a crop of
// cropWidth x cropHeight around its centre shows, and where in the crop it lies.
func centerCrop(width, height, cropWidth, cropHeight int, rounding Crop) (area region, x, y int) {
	area.x, area.width, x = centerSpan(width, cropWidth, rounding)
	area.y, area.height, y = centerSpan(height, cropHeight, rounding)
	return area, x, y
}

// centerSpan is centerCrop along one side. An odd rest goes where Hugging Face
// puts it: a crop starts at (side-crop)/2 rounded down, a margin likewise from
// the padded picture's point of view. Under CropEven it goes where torchvision puts it: a crop
// starts at the even neighbour, the margin before the picture is the smaller one.
func centerSpan(side, crop int, rounding Crop) (start, length, margin int) {
	offset := floorHalf(side - crop)
	if side >= crop {
		if rounding == CropEven && (side-crop)%2 == 1 && offset%2 == 1 {
			offset++
		}
		return offset, crop, 0
	}
	if rounding == CropEven {
		return 0, side, floorHalf(crop - side)
	}
	return 0, side, -offset
}

func floorHalf(v int) int { return v >> 1 }

// tables gives the tensor's value for each channel and byte, in the processor's
// order: times Rescale in float64, cut to float32, then minus mean, over std.
func (p Preprocessing) tables() (tables [3][256]float32) {
	rescale := p.Rescale
	if rescale == 0 {
		rescale = 1.0 / 255
	}
	for c := range 3 {
		mean, std := float32(p.Mean[c]), float32(p.Std[c])
		if std == 0 {
			std = 1
		}
		for v := range 256 {
			scaled := float32(float64(v) * rescale)
			tables[c][v] = float32(scaled-mean) / std
		}
	}
	return tables
}
