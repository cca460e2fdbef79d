package imaging

import "slices"

// The reference's squash: what superlinked 37.3.0 does to a picture before the model.
const (
	referenceSide    = 224 // pixels
	referenceQuality = 95  // of its lossy WebP
)

// ReferenceSquash does to rgb what superlinked 37.3.0 does: a picture with a side
// over 224 pixels becomes exactly 224x224 (bicubic, aspect ratio lost), then any
// picture goes through lossy WebP of quality 95. It returns the WebP file and the
// pixels that it decodes to; rgb is left alone. LimitExceeded is returned for a
// picture that is too elongated to be resized.
func ReferenceSquash(rgb *RGB) (webp []byte, squashed *RGB, err error) {
	if err := rgb.check(); err != nil {
		return nil, nil, err
	}
	if rgb.Width > referenceSide || rgb.Height > referenceSide {
		if rgb, err = ResizeTo(rgb, referenceSide, referenceSide, Bicubic); err != nil {
			return nil, nil, err
		}
	}
	if webp, err = encodeWebP(rgb, referenceQuality); err != nil {
		return nil, nil, err
	}
	pixels, err := decodeWebP(webp)
	if err != nil {
		return nil, nil, err
	}
	return webp, &RGB{Width: pixels.width, Height: pixels.height, Pix: slices.Clip(pixels.pix)}, nil
}
