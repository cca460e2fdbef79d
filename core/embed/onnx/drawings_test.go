package onnx_test

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
)

// drawing is a few discs and rectangles of a few colours on a plain ground; no other seed gives the same.
func drawing(seed uint64) *image.NRGBA {
	source := rand.New(rand.NewPCG(seed, 11))
	shade := func() color.NRGBA {
		return color.NRGBA{uint8(source.IntN(256)), uint8(source.IntN(256)), uint8(source.IntN(256)), 255}
	}
	img := image.NewNRGBA(image.Rect(0, 0, 160+source.IntN(100), 160+source.IntN(100)))
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	ground := shade()
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, ground)
		}
	}
	for range 1 + source.IntN(4) {
		ink, disc := shade(), source.IntN(2) == 0
		left, top, size := source.IntN(width), source.IntN(height), 20+source.IntN(90)
		for y := top - size; y < top+size; y++ {
			for x := left - size; x < left+size; x++ {
				inside := !disc || (x-left)*(x-left)+(y-top)*(y-top) < size*size
				if inside && image.Pt(x, y).In(img.Bounds()) {
					img.SetNRGBA(x, y, ink)
				}
			}
		}
	}
	return img
}

// captions are texts that lie as close to each other as those of a collection of pictures do.
func captions() []string {
	var texts []string
	places := []string{"on a table", "in the park", "at night", "under water", "in the snow"}
	colours := []string{"red", "blue", "green", "golden", "dark", "striped"}
	for i, thing := range []string{"dog", "car", "house", "circle", "square", "flower", "train", "banana", "woman reading a book", "clock", "bird", "mountain"} {
		for j, colour := range colours {
			texts = append(texts, fmt.Sprintf("a %s %s %s", colour, thing, places[(i+j)%len(places)]))
		}
	}
	return texts
}
