package imaging

/*
#cgo CFLAGS: -O3
#include "resample.h"

// Go may pass its pointers as arguments, but not inside a struct: these fill the struct.
static void resize_horizontal(const uint8_t *source, size_t source_width, size_t rows, uint8_t *out, size_t outputs, size_t taps,
                              const int32_t *firsts, const int32_t *counts, const int32_t *coefficients, int32_t *scratch) {
  resample_axis axis = {outputs, taps, firsts, counts, coefficients};
  innerspace_resample_horizontal(source, source_width, rows, out, &axis, scratch);
}

static void resize_vertical(const uint8_t *source, size_t row_bytes, uint8_t *out, size_t outputs, size_t taps, const int32_t *firsts,
                            const int32_t *counts, const int32_t *coefficients) {
  resample_axis axis = {outputs, taps, firsts, counts, coefficients};
  innerspace_resample_vertical(source, row_bytes, out, &axis);
}
*/
import "C"

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

// maxIntermediate caps the picture between the two passes, in bytes. Only a
// picture thousands of times longer than wide comes near it.
const maxIntermediate = 512 << 20

// region is a rectangle of a resized picture, in pixels.
type region struct{ x, y, width, height int }

// ResizeTo scales to width x height, to the bit as Pillow's resize does on an RGB
// image. The result never shares pixels with rgb. It returns InvalidInput for an
// unknown filter or an empty size, LimitExceeded for a size that is too large.
func ResizeTo(rgb *RGB, width, height int, filter Filter) (*RGB, error) {
	if err := (Limits{MaxPixels: 1 << 30}).Check(width, height); err != nil {
		return nil, err
	}
	out := &RGB{Width: width, Height: height, Pix: make([]byte, 3*width*height)}
	return out, resizeRegion(out.Pix, rgb, width, height, region{0, 0, width, height}, filter)
}

// resizeRegion computes only area of rgb scaled to width x height, into out,
// 3 bytes a pixel. The rest of the scaled picture costs nothing.
func resizeRegion(out []byte, rgb *RGB, width, height int, area region, filter Filter) error {
	if err := rgb.check(); err != nil {
		return err
	}
	if filter == Nearest {
		resizeNearest(out, rgb, width, height, area)
		return nil
	}
	k, ok := kernels[filter]
	if !ok {
		return errs.New(errs.InvalidInput, "%d is no resampling filter", filter)
	}
	if area.width == 0 || area.height == 0 {
		return errs.New(errs.InvalidInput, "an image of %dx%d pixels cannot be resized to %dx%d", rgb.Width, rgb.Height, width, height)
	}
	source, rowFrom, rowTo := rgb.Pix, area.y, area.y+area.height
	var vertical axis
	if height != rgb.Height {
		vertical = newAxis(rgb.Height, height, area.y, area.y+area.height, k)
		rowFrom, rowTo = vertical.sources()
		for i := range vertical.firsts {
			vertical.firsts[i] -= int32(rowFrom)
		}
	}
	rows := rowTo - rowFrom
	if int64(rows)*int64(area.width)*3 > maxIntermediate {
		return errs.New(errs.LimitExceeded, "an image of %dx%d pixels is too elongated to be resized to %dx%d; crop it first", rgb.Width, rgb.Height, width, height)
	}
	source = source[3*rowFrom*rgb.Width : 3*rowTo*rgb.Width]
	middle := out
	if height != rgb.Height {
		buffer := intermediates.Get().(*[]byte)
		defer intermediates.Put(buffer)
		*buffer = slices.Grow((*buffer)[:0], 3*rows*area.width)
		middle = (*buffer)[:3*rows*area.width]
	}
	if width != rgb.Width {
		horizontalPass(middle, source, rgb.Width, rows, area, width, k)
	} else {
		for y := range rows {
			copy(middle[3*y*area.width:3*(y+1)*area.width], source[3*(y*rgb.Width+area.x):])
		}
	}
	if height != rgb.Height {
		verticalPass(out, middle, 3*area.width, &vertical)
	}
	return nil
}

var (
	intermediates = sync.Pool{New: func() any { return new([]byte) }}
	scratches     = sync.Pool{New: func() any { return new([]int32) }}
)

func horizontalPass(out, source []byte, sourceWidth, rows int, area region, width int, k kernel) {
	horizontal := newAxis(sourceWidth, width, area.x, area.x+area.width, k)
	from, to := horizontal.sources()
	scratch := scratches.Get().(*[]int32)
	defer scratches.Put(scratch)
	*scratch = slices.Grow((*scratch)[:0], C.RESAMPLE_SCRATCH*(to-from))
	C.resize_horizontal(bytesPointer(source), C.size_t(sourceWidth), C.size_t(rows), bytesPointer(out), C.size_t(area.width), C.size_t(horizontal.taps),
		int32Pointer(horizontal.firsts), int32Pointer(horizontal.counts), int32Pointer(horizontal.coefficients), int32Pointer(*scratch))
}

func verticalPass(out, source []byte, rowBytes int, vertical *axis) {
	C.resize_vertical(bytesPointer(source), C.size_t(rowBytes), bytesPointer(out), C.size_t(len(vertical.firsts)), C.size_t(vertical.taps),
		int32Pointer(vertical.firsts), int32Pointer(vertical.counts), int32Pointer(vertical.coefficients))
}

func bytesPointer(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))) }

func int32Pointer(v []int32) *C.int32_t { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(v))) }

// resizeNearest takes the pixel under each output's centre, as Pillow does: the
// centres are added up step by step, rounding errors included.
func resizeNearest(out []byte, rgb *RGB, width, height int, area region) {
	columns := nearestPositions(rgb.Width, width, area.x, area.width)
	for i, y := range nearestPositions(rgb.Height, height, area.y, area.height) {
		row := rgb.Pix[3*y*rgb.Width : 3*(y+1)*rgb.Width]
		to := out[3*i*area.width : 3*(i+1)*area.width]
		for j, x := range columns {
			copy(to[3*j:3*j+3], row[3*x:3*x+3])
		}
	}
}

func nearestPositions(in, out, from, count int) []int {
	step := float64(in) / float64(out)
	position := float64(step * 0.5)
	for range from {
		position += step
	}
	positions := make([]int, count)
	for i := range positions {
		positions[i] = min(int(position), in-1)
		position += step
	}
	return positions
}
