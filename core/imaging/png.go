package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// maxDeflateRatio is how far deflate can shrink at best: 258 bytes in 2 bits.
const maxDeflateRatio = 1032

// PNG colour types.
const (
	pngGray      = 0
	pngTrueColor = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBA      = 6
)

func pngSize(data []byte) (width, height int, err error) {
	if len(data) < 33 {
		return 0, 0, truncated("PNG", len(data))
	}
	if string(data[12:16]) != "IHDR" {
		return 0, 0, corrupt("PNG", "its first chunk is not IHDR")
	}
	w, h := binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:])
	if w > math.MaxInt32 || h > math.MaxInt32 {
		return 0, 0, corrupt("PNG", "its header says %dx%d pixels", w, h)
	}
	return int(w), int(h), nil
}

func decodePNG(data []byte) (*raster, error) {
	width, height, err := pngSize(data)
	if err != nil {
		return nil, err
	}
	depth, colorType := int64(data[24]), data[25]
	samples := map[byte]int64{pngTrueColor: 3, pngGrayAlpha: 2, pngRGBA: 4}[colorType]
	rowBytes := (int64(width)*max(samples, 1)*depth + 7) / 8
	if rowBytes*int64(height)/maxDeflateRatio > int64(len(data)) {
		return nil, truncated("PNG", len(data))
	}
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, pngError(err, len(data))
	}
	out, err := pngRaster(decoded, colorType, int(depth))
	if err != nil {
		return nil, err
	}
	out.orientation = pngMetadata(data).orientation()
	return out, nil
}

func pngError(err error, length int) error {
	var format png.FormatError
	var unsupportedKind png.UnsupportedError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return truncated("PNG", length)
	case errors.As(err, &format):
		if format == "not enough pixel data" {
			return truncated("PNG", length)
		}
		return corrupt("PNG", "%s", string(format))
	case errors.As(err, &unsupportedKind):
		return unsupported("PNG", "%s", string(unsupportedKind))
	}
	return corrupt("PNG", "%v", err)
}

// pngRaster takes over the pixels of what image/png returns; 16-bit colours
// keep their high byte, as in Pillow.
func pngRaster(decoded image.Image, colorType byte, depth int) (*raster, error) {
	width, height := decoded.Bounds().Dx(), decoded.Bounds().Dy()
	switch img := decoded.(type) {
	case *image.Gray:
		return &raster{layout: layoutGray, width: width, height: height, pix: packRows(img.Pix, img.Stride, width, height)}, nil
	case *image.NRGBA:
		return &raster{layout: layoutRGBA, width: width, height: height, pix: packRows(img.Pix, img.Stride, 4*width, height)}, nil
	case *image.RGBA: // opaque: image/png makes it for pictures without alpha only
		return &raster{layout: layoutRGBX, width: width, height: height, pix: packRows(img.Pix, img.Stride, 4*width, height)}, nil
	case *image.Gray16:
		out := newRaster(layoutGray16, width, height)
		for i := 0; i+1 < len(img.Pix); i += 2 {
			out.pix[i], out.pix[i+1] = img.Pix[i+1], img.Pix[i]
		}
		return out, nil
	case *image.RGBA64:
		return highBytes(layoutRGBX, img.Pix, width, height), nil
	case *image.NRGBA64:
		if colorType != pngGray {
			return highBytes(layoutRGBA, img.Pix, width, height), nil
		}
		out := newRaster(layoutGray16Transparency, width, height)
		for i, o := 0, 0; i+7 < len(img.Pix); i, o = i+8, o+3 {
			out.pix[o], out.pix[o+1], out.pix[o+2] = img.Pix[i+1], img.Pix[i], img.Pix[i+6]
		}
		return out, nil
	case *image.Paletted:
		return palettedRaster(img, width, height), nil
	}
	return nil, unsupported("PNG", "colour type %d with %d bits", colorType, depth)
}

func packRows(pix []byte, stride, rowBytes, height int) []byte {
	if stride == rowBytes {
		return pix
	}
	out := make([]byte, 0, rowBytes*height)
	for y := range height {
		out = append(out, pix[y*stride:y*stride+rowBytes]...)
	}
	return out
}

func highBytes(l layout, pix []byte, width, height int) *raster {
	out := newRaster(l, width, height)
	for i := range out.pix {
		out.pix[i] = pix[2*i]
	}
	return out
}

func palettedRaster(img *image.Paletted, width, height int) *raster {
	table := newColorTable()
	for i, entry := range img.Palette {
		c := color.NRGBAModel.Convert(entry).(color.NRGBA)
		table[i] = [4]byte{c.R, c.G, c.B, c.A}
	}
	return table.raster(packRows(img.Pix, img.Stride, width, height), width, height)
}
