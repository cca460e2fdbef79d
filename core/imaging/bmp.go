package imaging

import (
	"encoding/binary"
	"math"
)

// BMP compression methods.
const (
	bmpRaw       = 0
	bmpRLE8      = 1
	bmpRLE4      = 2
	bmpBitfields = 3
)

type bmpHeader struct {
	width, height int
	topDown       bool
	bits          int
	compression   uint32
	pixelOffset   int64
	palette       []byte // blue, green, red and, where paletteStep is 4, padding
	paletteStep   int
	masks         [4]uint32 // red, green, blue, alpha; bmpBitfields only
}

func isBMPHeaderSize(size uint32) bool {
	switch size {
	case 12, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

func bmpSize(data []byte) (width, height int, err error) {
	header, err := parseBMP(data)
	return header.width, header.height, err
}

func parseBMP(data []byte) (bmpHeader, error) {
	var header bmpHeader
	headerSize := int64(binary.LittleEndian.Uint32(data[14:]))
	if int64(len(data)) < 14+headerSize {
		return header, truncated("BMP", len(data))
	}
	header.pixelOffset = int64(binary.LittleEndian.Uint32(data[10:]))
	info := data[14 : 14+headerSize]
	var colors int64
	if headerSize == 12 {
		header.width, header.height = int(binary.LittleEndian.Uint16(info[4:])), int(binary.LittleEndian.Uint16(info[6:]))
		header.bits = int(binary.LittleEndian.Uint16(info[10:]))
		header.paletteStep = 3
	} else {
		width, height := int32(binary.LittleEndian.Uint32(info[4:])), int32(binary.LittleEndian.Uint32(info[8:]))
		if width <= 0 || height == 0 || height == math.MinInt32 {
			return header, corrupt("BMP", "its header says %dx%d pixels", width, height)
		}
		header.topDown = height < 0
		header.width, header.height = int(width), int(max(height, -height))
		header.bits = int(binary.LittleEndian.Uint16(info[14:]))
		header.compression = binary.LittleEndian.Uint32(info[16:])
		colors = int64(binary.LittleEndian.Uint32(info[32:]))
		header.paletteStep = 4
	}
	after := 14 + headerSize
	if header.compression == bmpBitfields {
		masks := data[54:] // part of the header from 52 bytes on, behind it in the one of 40
		count := 3
		if headerSize >= 56 {
			count = 4
		}
		if len(masks) < 4*count {
			return header, truncated("BMP", len(data))
		}
		for i := range count {
			header.masks[i] = binary.LittleEndian.Uint32(masks[4*i:])
		}
		after = max(after, 54+12)
	}
	if header.bits <= 8 {
		if colors == 0 || colors > 256 {
			colors = 1 << header.bits
		}
		end := min(after+colors*int64(header.paletteStep), int64(len(data)))
		header.palette = data[after:end]
	}
	return header, nil
}

func decodeBMP(data []byte) (*raster, error) {
	header, err := parseBMP(data)
	if err != nil {
		return nil, err
	}
	if header.pixelOffset > int64(len(data)) {
		return nil, truncated("BMP", len(data))
	}
	pixels := data[header.pixelOffset:]
	switch {
	case header.bits == 1 || header.bits == 2 || header.bits == 4 || header.bits == 8:
		return header.decodePaletted(pixels, len(data))
	case header.compression == bmpBitfields && (header.bits == 16 || header.bits == 32):
		return header.decodeDirect(pixels, header.masks, len(data))
	case header.compression != bmpRaw && header.compression != bmpBitfields:
		return nil, unsupported("BMP", "compression %d with %d bits a pixel", header.compression, header.bits)
	case header.bits == 16:
		return header.decodeDirect(pixels, [4]uint32{0x7c00, 0x3e0, 0x1f, 0}, len(data))
	case header.bits == 24, header.bits == 32:
		return header.decodeDirect(pixels, [4]uint32{0xff0000, 0xff00, 0xff, 0}, len(data))
	}
	return nil, unsupported("BMP", "%d bits a pixel", header.bits)
}

// row returns where the y-th row from the top is stored; rows run bottom up unless topDown.
func (h *bmpHeader) row(y int) int {
	if h.topDown {
		return y
	}
	return h.height - 1 - y
}

func (h *bmpHeader) decodePaletted(pixels []byte, fileLength int) (*raster, error) {
	var indices []byte
	switch {
	case h.compression == bmpRaw:
		stride := (h.width*h.bits + 31) / 32 * 4
		if len(pixels) < stride*(h.height-1)+(h.width*h.bits+7)/8 {
			return nil, truncated("BMP", fileLength)
		}
		indices = make([]byte, h.width*h.height)
		for y := range h.height {
			unpackSamples(indices[y*h.width:(y+1)*h.width], pixels[h.row(y)*stride:], h.bits)
		}
	case h.compression == bmpRLE8 && h.bits == 8, h.compression == bmpRLE4 && h.bits == 4:
		indices = make([]byte, h.width*h.height)
		if !h.decodeRLE(indices, pixels) {
			return nil, truncated("BMP", fileLength)
		}
	default:
		return nil, unsupported("BMP", "compression %d with %d bits a pixel", h.compression, h.bits)
	}
	table := newColorTable()
	for i := 0; i+3 <= len(h.palette); i += h.paletteStep {
		table[i/h.paletteStep] = [4]byte{h.palette[i+2], h.palette[i+1], h.palette[i], 255}
	}
	return table.raster(indices, h.width, h.height), nil
}

// decodeRLE unpacks run lengths. What delta escapes and early line ends skip
// stays colour 0. It returns false where the data ends before the end mark and
// before the last pixel.
func (h *bmpHeader) decodeRLE(indices, pixels []byte) bool {
	x, y := 0, h.height-1
	put := func(index byte) {
		if x < h.width && y >= 0 {
			indices[y*h.width+x] = index
		}
		x++
	}
	for at := 0; at+1 < len(pixels); {
		count, value := int(pixels[at]), pixels[at+1]
		at += 2
		switch {
		case count > 0:
			for i := range min(count, max(h.width-x, 0)) {
				put(h.rleSample(value, i))
			}
		case value == 0:
			x, y = 0, y-1
		case value == 1:
			return true
		case value == 2:
			if at+1 >= len(pixels) {
				return false
			}
			x, y = x+int(pixels[at]), y-int(pixels[at+1])
			at += 2
		default:
			size := int(value)
			if h.bits == 4 {
				size = (size + 1) / 2
			}
			if at+size > len(pixels) {
				return false
			}
			for i := range int(value) {
				if h.bits == 4 {
					put(h.rleSample(pixels[at+i/2], i))
				} else {
					put(pixels[at+i])
				}
			}
			at += size + size&1
		}
		if y < 0 || y == 0 && x >= h.width {
			return true
		}
	}
	return false
}

// rleSample is the i-th pixel of a run: of 4-bit runs the halves of value in turn.
func (h *bmpHeader) rleSample(value byte, i int) byte {
	switch {
	case h.bits == 8:
		return value
	case i%2 == 0:
		return value >> 4
	}
	return value & 0x0f
}
