package imaging

import (
	"encoding/binary"
	"math/bits"
)

// decodeDirect reads pixels of 16, 24 or 32 bits whose channels lie where masks
// say. An alpha mask of 0 means opaque.
func (h *bmpHeader) decodeDirect(pixels []byte, masks [4]uint32, fileLength int) (*raster, error) {
	if masks == ([4]uint32{}) && h.bits == 32 {
		masks = [4]uint32{0xff0000, 0xff00, 0xff, 0xff000000}
	}
	var channels [4]bmpChannel
	for i, mask := range masks {
		var ok bool
		if channels[i], ok = newBMPChannel(mask); !ok || mask == 0 && i < 3 {
			return nil, unsupported("BMP", "channel masks %08x", masks)
		}
	}
	size := h.bits / 8
	stride := (h.width*h.bits + 31) / 32 * 4
	if len(pixels) < stride*(h.height-1)+h.width*size {
		return nil, truncated("BMP", fileLength)
	}
	l, count := layoutRGB, 3
	if masks[3] != 0 {
		l, count = layoutRGBA, 4
	}
	out := newRaster(l, h.width, h.height)
	for y := range h.height {
		row := pixels[h.row(y)*stride:]
		to := out.pix[y*h.width*count:]
		for x := range h.width {
			var value uint32
			switch size {
			case 2:
				value = uint32(binary.LittleEndian.Uint16(row[2*x:]))
			case 3:
				value = uint32(row[3*x]) | uint32(row[3*x+1])<<8 | uint32(row[3*x+2])<<16
			default:
				value = binary.LittleEndian.Uint32(row[4*x:])
			}
			for c := range count {
				to[count*x+c] = channels[c].sample(value)
			}
		}
	}
	return out, nil
}

// bmpChannel is a run of up to 8 bits in a pixel.
type bmpChannel struct {
	shift int
	max   uint32 // the largest value, all bits set
}

// newBMPChannel fails where the mask's bits do not touch or are more than 8.
func newBMPChannel(mask uint32) (bmpChannel, bool) {
	if mask == 0 {
		return bmpChannel{max: 1}, true
	}
	shift := bits.TrailingZeros32(mask)
	top := mask >> shift
	return bmpChannel{shift: shift, max: top}, top&(top+1) == 0 && top <= 255
}

// sample scales to 8 bits, the fraction cut, as Pillow does.
func (c bmpChannel) sample(pixel uint32) byte {
	return byte(pixel >> c.shift & c.max * 255 / c.max)
}
