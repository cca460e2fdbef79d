package imaging

// orient turns and mirrors a picture as its EXIF orientation asks, like
// Pillow's ImageOps.exif_transpose. Values outside 2..8 leave it as it is.
func orient(src *RGB, orientation int) *RGB {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Width, src.Height
	dst := &RGB{Width: w, Height: h, Pix: make([]byte, len(src.Pix))}
	if orientation >= 5 {
		dst.Width, dst.Height = h, w
	}
	// The source pixel of (x, y) is at start + x*stepX + y*stepY, counted in pixels.
	var start, stepX, stepY int
	switch orientation {
	case 2: // mirrored left to right
		start, stepX, stepY = w-1, -1, w
	case 3: // upside down
		start, stepX, stepY = w*h-1, -1, -w
	case 4: // mirrored top to bottom
		start, stepX, stepY = w*(h-1), 1, -w
	case 5: // transposed
		start, stepX, stepY = 0, w, 1
	case 6: // turned a quarter clockwise
		start, stepX, stepY = w*(h-1), -w, 1
	case 7: // transposed over the other diagonal
		start, stepX, stepY = w*h-1, -w, -1
	case 8: // turned a quarter anticlockwise
		start, stepX, stepY = w-1, w, -1
	}
	o := 0
	for y := range dst.Height {
		i := 3 * (start + y*stepY)
		for range dst.Width {
			copy(dst.Pix[o:o+3], src.Pix[i:i+3])
			o += 3
			i += 3 * stepX
		}
	}
	return dst
}
