package onnx_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/imaging"
)

// plainRGB gives the pixels that transformers saw of the pictures that our faithful policy
// treats otherwise on purpose: alpha dropped, orientation ignored, 16-bit greys clipped.
// nil for all other pictures.
func plainRGB(t testing.TB, name string, data []byte) *blob.Pixels {
	t.Helper()
	switch name {
	case "red-rectangle.png", "syn-la-300x180.png", "syn-p-transparency-201x77.png", "syn-16bit-240x150.png":
		img, err := png.Decode(bytes.NewReader(data))
		require.NoError(t, err)
		return dropAlpha(img)
	case "syn-exif-rot6-320x200.jpg":
		rgb, err := imaging.Decode(withoutEXIF(t, data), imaging.Faithful, imaging.Limits{})
		require.NoError(t, err)
		return &blob.Pixels{Mode: "RGB", Width: rgb.Width, Height: rgb.Height, Data: rgb.Pix}
	case "syn-rgba-500x400.webp":
		img, err := webp.Decode(bytes.NewReader(data)) // a lossless one, which any decoder reads alike
		require.NoError(t, err)
		return dropAlpha(img)
	}
	return nil
}

func dropAlpha(img image.Image) *blob.Pixels {
	size := img.Bounds().Size()
	pixels := &blob.Pixels{Mode: "RGB", Width: size.X, Height: size.Y}
	for y := range size.Y {
		for x := range size.X {
			if grey, is16Bit := img.At(x, y).(color.Gray16); is16Bit {
				clipped := byte(min(grey.Y, 255))
				pixels.Data = append(pixels.Data, clipped, clipped, clipped)
				continue
			}
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			pixels.Data = append(pixels.Data, c.R, c.G, c.B)
		}
	}
	return pixels
}

// withoutEXIF takes the APP1 segments out of a JPEG.
func withoutEXIF(t testing.TB, data []byte) []byte {
	t.Helper()
	out := append([]byte(nil), data[:2]...)
	for rest := data[2:]; ; {
		require.Equal(t, byte(0xff), rest[0])
		length := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		if rest[1] == 0xda { // the scan: all that follows is picture
			return append(out, rest...)
		}
		if rest[1] != 0xe1 {
			out = append(out, rest[:length]...)
		}
		rest = rest[length:]
	}
}
