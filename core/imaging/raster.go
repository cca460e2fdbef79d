package imaging

import "github.com/innerspace/innerspace/core/errs"

// layout says what the bytes of a raster mean. Samples are interleaved, rows
// top down without padding.
type layout uint8

const (
	layoutGray               layout = iota // 8 bits
	layoutGrayAlpha                        // 2 x 8 bits
	layoutRGB                              // 3 x 8 bits
	layoutRGBA                             // 4 x 8 bits
	layoutRGBX                             // 4 x 8 bits, the last without meaning
	layoutGrayPremultiplied                // 2 x 8 bits, grey already times alpha
	layoutRGBAPremultiplied                // 4 x 8 bits, colour already times alpha
	layoutCMYK                             // 4 x 8 bits, 255 is full ink
	layoutYCbCr                            // 3 x 8 bits, JFIF
	layoutGray16                           // little-endian uint16
	layoutGray16Transparency               // little-endian uint16 grey, 8 bits alpha
	layoutInt32                            // little-endian int32
	layoutFloat32                          // little-endian float32
)

var bytesPerPixel = [...]int{
	layoutGray: 1, layoutGrayAlpha: 2, layoutRGB: 3, layoutRGBA: 4, layoutRGBX: 4, layoutGrayPremultiplied: 2, layoutRGBAPremultiplied: 4,
	layoutCMYK: 4, layoutYCbCr: 3, layoutGray16: 2, layoutGray16Transparency: 3, layoutInt32: 4, layoutFloat32: 4,
}

// raster is a decoded picture before it is RGB: what Pillow has after load().
type raster struct {
	layout        layout
	width, height int
	pix           []byte
	orientation   int // EXIF, 1 to 8; anything else means upright
}

// newRaster allocates a raster; the caller has checked the size against the cap.
func newRaster(l layout, width, height int) *raster {
	return &raster{layout: l, width: width, height: height, pix: make([]byte, width*height*bytesPerPixel[l])}
}

// check makes sure that a picture has the bytes its size asks for, before C reads them.
func (rgb *RGB) check() error {
	if rgb.Width <= 0 || rgb.Height <= 0 || rgb.Width > maxSide || rgb.Height > maxSide || len(rgb.Pix) != 3*rgb.Width*rgb.Height {
		return errs.New(errs.InvalidInput, "%d bytes are not an RGB image of %dx%d pixels", len(rgb.Pix), rgb.Width, rgb.Height)
	}
	return nil
}
