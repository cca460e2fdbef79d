package imaging

// colorTable is a palette: red, green, blue, alpha. What a file leaves out is opaque black.
type colorTable [256][4]byte

func newColorTable() *colorTable {
	var table colorTable
	for i := range table {
		table[i][3] = 255
	}
	return &table
}

// grayTable is the palette of a file that has none.
func grayTable() *colorTable {
	table := newColorTable()
	for i := range table {
		table[i] = [4]byte{byte(i), byte(i), byte(i), 255}
	}
	return table
}

// raster looks up width x height indices, one a byte.
func (t *colorTable) raster(indices []byte, width, height int) *raster {
	opaque := true
	for _, entry := range t {
		opaque = opaque && entry[3] == 255
	}
	if opaque {
		out := newRaster(layoutRGB, width, height)
		for i, index := range indices {
			copy(out.pix[3*i:3*i+3], t[index][:])
		}
		return out
	}
	out := newRaster(layoutRGBA, width, height)
	for i, index := range indices {
		copy(out.pix[4*i:4*i+4], t[index][:])
	}
	return out
}

// rasterWithAlpha looks up pairs of index and alpha; the palette's own alpha does not count.
func (t *colorTable) rasterWithAlpha(pairs []byte, width, height int) *raster {
	out := newRaster(layoutRGBA, width, height)
	for i := 0; i+1 < len(pairs); i += 2 {
		copy(out.pix[2*i:2*i+3], t[pairs[i]][:])
		out.pix[2*i+3] = pairs[i+1]
	}
	return out
}

// unpackSamples spreads samples of 1, 2, 4 or 8 bits, the first in the high
// bits, to one a byte.
func unpackSamples(dst, src []byte, bits int) {
	if bits == 8 {
		copy(dst, src)
		return
	}
	perByte, mask := 8/bits, byte(1<<bits-1)
	for i := range dst {
		dst[i] = src[i/perByte] >> (8 - bits*(i%perByte+1)) & mask
	}
}
