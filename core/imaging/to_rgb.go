package imaging

import (
	"encoding/binary"
	"math"
)

// toRGB converts to RGB as Pillow's convert("RGB") does; under Faithful alpha
// goes over white and 16-bit grey is scaled instead of clipped. The raster is
// used up: the result may share its bytes.
func (r *raster) toRGB(policy Policy) *RGB {
	if r.layout == layoutRGB {
		return &RGB{Width: r.width, Height: r.height, Pix: r.pix}
	}
	out := make([]byte, 3*r.width*r.height)
	in := r.pix
	faithful := policy == Faithful
	switch r.layout {
	case layoutGray:
		for i, v := range in {
			setGray(out[3*i:], v)
		}
	case layoutGrayAlpha, layoutGrayPremultiplied:
		for i, o := 0, 0; i+1 < len(in); i, o = i+2, o+3 {
			v, alpha := in[i], in[i+1]
			if r.layout == layoutGrayPremultiplied {
				v = unpremultiply(v, alpha)
			}
			if faithful {
				v = overWhite(v, alpha)
			}
			setGray(out[o:], v)
		}
	case layoutRGBA:
		rgbaToRGB(out, in, faithful)
	case layoutRGBAPremultiplied:
		for i := 0; i+3 < len(in); i += 4 {
			for c := range 3 {
				in[i+c] = unpremultiply(in[i+c], in[i+3])
			}
		}
		rgbaToRGB(out, in, faithful)
	case layoutRGBX:
		rgbaToRGB(out, in, false)
	case layoutCMYK:
		cmykToRGB(out, in)
	case layoutYCbCr:
		yCbCrToRGB(out, in)
	case layoutGray16:
		for i, o := 0, 0; i+1 < len(in); i, o = i+2, o+3 {
			setGray(out[o:], gray16To8(binary.LittleEndian.Uint16(in[i:]), faithful))
		}
	case layoutGray16Transparency:
		for i := 0; i+2 < len(in); i += 3 {
			v := gray16To8(binary.LittleEndian.Uint16(in[i:]), faithful)
			if faithful {
				v = overWhite(v, in[i+2])
			}
			setGray(out[i:], v)
		}
	case layoutInt32:
		for i, o := 0, 0; i+3 < len(in); i, o = i+4, o+3 {
			setGray(out[o:], uint8(min(max(int32(binary.LittleEndian.Uint32(in[i:])), 0), 255)))
		}
	case layoutFloat32:
		for i, o := 0, 0; i+3 < len(in); i, o = i+4, o+3 {
			setGray(out[o:], float32To8(math.Float32frombits(binary.LittleEndian.Uint32(in[i:]))))
		}
	}
	return &RGB{Width: r.width, Height: r.height, Pix: out}
}

func setGray(out []byte, v uint8) {
	out = out[:3]
	out[0], out[1], out[2] = v, v, v
}

func rgbaToRGB(out, in []byte, composite bool) {
	for i, o := 0, 0; i+3 < len(in); i, o = i+4, o+3 {
		px, to := in[i:i+4:i+4], out[o:o+3:o+3]
		if alpha := px[3]; composite && alpha != 255 {
			to[0], to[1], to[2] = overWhite(px[0], alpha), overWhite(px[1], alpha), overWhite(px[2], alpha)
		} else {
			to[0], to[1], to[2] = px[0], px[1], px[2]
		}
	}
}

// overWhite is one channel of Pillow's Image.alpha_composite over opaque white,
// in its fixed-point arithmetic (7 extra bits).
func overWhite(v, alpha uint8) uint8 {
	if alpha == 0 {
		return 255
	}
	coefficient := uint32(alpha) << 7
	sum := uint32(v)*coefficient + 255*(255<<7-coefficient) + 0x80<<7
	return uint8((sum>>8 + sum) >> 8 >> 7)
}

// unpremultiply is one channel of Pillow's RGBa to RGBA conversion.
func unpremultiply(v, alpha uint8) uint8 {
	if alpha == 0 || alpha == 255 {
		return v
	}
	return uint8(min(255*uint32(v)/uint32(alpha), 255))
}

// gray16To8 divides by 257, rounded, where scale is set, and clips at 255 as Pillow does where not.
func gray16To8(v uint16, scale bool) uint8 {
	if scale {
		return uint8((uint32(v) + 128) / 257)
	}
	return uint8(min(v, 255))
}

// float32To8 clips to 0..255 and cuts the fraction, as Pillow does for mode F; NaN is 0.
func float32To8(v float32) uint8 {
	switch {
	case v >= 255:
		return 255
	case v > 0:
		return uint8(v)
	}
	return 0
}

// cmykToRGB is Pillow's CMYK to RGB: no profile, plain multiplication.
func cmykToRGB(out, in []byte) {
	for i, o := 0, 0; i+3 < len(in); i, o = i+4, o+3 {
		light := 255 - int32(in[i+3])
		for c := range 3 {
			t := int32(in[i+c])*light + 128
			out[o+c] = uint8(max(light-(t>>8+t)>>8, 0))
		}
	}
}

// yCbCrToRGB is Pillow's conversion: the JFIF factors with 6 fractional bits,
// each product rounded by itself, the sum cut.
func yCbCrToRGB(out, in []byte) {
	for i := 0; i+2 < len(in); i += 3 {
		y, cb, cr := int(in[i]), float64(in[i+1])-128, float64(in[i+2])-128
		out[i] = clip8(y + fixed6(1.402, cr)>>6)
		out[i+1] = clip8(y + (fixed6(-0.34414, cb)+fixed6(-0.71414, cr))>>6)
		out[i+2] = clip8(y + fixed6(1.772, cb)>>6)
	}
}

func fixed6(factor, v float64) int { return int(float64(factor*64*v) + 0.5) }

func clip8(v int) uint8 { return uint8(min(max(v, 0), 255)) }
