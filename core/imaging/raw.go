package imaging

import (
	"encoding/binary"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
)

// rawModes maps Pillow's modes to layouts. Mode 1 is packed bits; the 16-bit
// modes differ in byte order; LAB and HSV would need colour management.
var rawModes = map[string]layout{
	"L": layoutGray, "LA": layoutGrayAlpha, "La": layoutGrayPremultiplied, "RGB": layoutRGB, "RGBX": layoutRGBX, "RGBA": layoutRGBA,
	"RGBa": layoutRGBAPremultiplied, "CMYK": layoutCMYK, "YCbCr": layoutYCbCr,
	"I;16": layoutGray16, "I;16L": layoutGray16, "I;16N": layoutGray16, "I;16B": layoutGray16, "I": layoutInt32, "F": layoutFloat32,
}

// FromRaw turns pixels, as Pillow's tobytes() gives them for mode, into RGB
// under policy. Multi-byte samples are little-endian, but for mode I;16B. It
// returns Unsupported for a mode that is not read here, InvalidInput where data
// has not the length that mode and size ask for, LimitExceeded over the cap.
func FromRaw(mode string, width, height int, data []byte, policy Policy, limits Limits) (*RGB, error) {
	if err := limits.Check(width, height); err != nil {
		return nil, err
	}
	pixels, err := rawRaster(mode, width, height, data)
	if err != nil {
		return nil, err
	}
	rgb := pixels.toRGB(policy)
	if policy == Reference {
		_, rgb, err = ReferenceSquash(rgb)
	}
	return rgb, err
}

// rawRaster copies data: the caller's bytes are neither kept nor changed.
func rawRaster(mode string, width, height int, data []byte) (*raster, error) {
	if mode == "1" {
		if err := checkRawLength(mode, width, height, data, (int64(width)+7)/8*int64(height)); err != nil {
			return nil, err
		}
		return unpackBilevel(width, height, data), nil
	}
	l, ok := rawModes[mode]
	if !ok {
		return nil, errs.New(errs.Unsupported, "pixels of mode %q are not supported; convert the image to \"RGB\" or \"RGBA\" first", mode)
	}
	if err := checkRawLength(mode, width, height, data, int64(width)*int64(height)*int64(bytesPerPixel[l])); err != nil {
		return nil, err
	}
	pixels := &raster{layout: l, width: width, height: height, pix: slices.Clone(data)}
	if mode == "I;16B" {
		for i := 0; i+1 < len(pixels.pix); i += 2 {
			pixels.pix[i], pixels.pix[i+1] = pixels.pix[i+1], pixels.pix[i]
		}
	}
	return pixels, nil
}

func checkRawLength(mode string, width, height int, data []byte, want int64) error {
	if int64(len(data)) != want {
		return errs.New(errs.InvalidInput, "%dx%d pixels of mode %q take %d bytes, not %d", width, height, mode, want, len(data))
	}
	return nil
}

func unpackBilevel(width, height int, data []byte) *raster {
	out := newRaster(layoutGray, width, height)
	stride := (width + 7) / 8
	for y := range height {
		row := out.pix[y*width : (y+1)*width]
		unpackSamples(row, data[y*stride:(y+1)*stride], 1)
		for x := range row {
			row[x] *= 255
		}
	}
	return out
}

// EncodePNG makes a PNG of pixels that never had encoded bytes. Modes that PNG
// knows (1, L, LA, RGB, RGBA and the 16-bit greys) are kept to the bit; others
// become RGB as FromRaw under Faithful makes it. Errors are FromRaw's.
func EncodePNG(mode string, width, height int, data []byte) ([]byte, error) {
	// What is already in memory is not under a pixel cap, only under PNG's own.
	if err := (Limits{MaxPixels: 1 << 40}).Check(width, height); err != nil {
		return nil, err
	}
	if mode == "1" {
		stride := (width + 7) / 8
		if err := checkRawLength(mode, width, height, data, int64(stride)*int64(height)); err != nil {
			return nil, err
		}
		return writePNG(pngImage{width: width, height: height, depth: 1, colorType: pngGray, rowBytes: stride, pixelBytes: 1, pix: data})
	}
	pixels, err := rawRaster(mode, width, height, data)
	if err != nil {
		return nil, err
	}
	img := pngImage{width: width, height: height, depth: 8, pix: pixels.pix}
	switch pixels.layout {
	case layoutGray:
		img.colorType = pngGray
	case layoutGrayAlpha:
		img.colorType = pngGrayAlpha
	case layoutRGBA:
		img.colorType = pngRGBA
	case layoutGray16:
		img.depth = 16
		for i := 0; i+1 < len(img.pix); i += 2 {
			binary.BigEndian.PutUint16(img.pix[i:], binary.LittleEndian.Uint16(img.pix[i:]))
		}
	default:
		img.colorType = pngTrueColor
		img.pix = pixels.toRGB(Faithful).Pix
	}
	img.rowBytes = len(img.pix) / height
	img.pixelBytes = img.rowBytes / width
	return writePNG(img)
}
