package onnx

import (
	ort "github.com/yalue/onnxruntime_go"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/imaging"
)

// pixels is how an image graph takes its pictures.
type pixels struct {
	element      int  // onnxproto.Float32, onnxproto.Float16 or onnxproto.Uint8
	channelsLast bool // [batch, height, width, 3]; otherwise [batch, 3, height, width]
}

// pixelsOf reads an input; false where it takes no pictures. Bytes mean that the graph rescales and normalises itself.
func pixelsOf(in value) (pixels, bool) {
	if len(in.shape) != 4 {
		return pixels{}, false
	}
	kind := pixels{element: in.element}
	switch in.element {
	case onnxproto.Float32, onnxproto.Float16:
		return kind, true
	case onnxproto.Uint8:
		kind.channelsLast = in.shape[3] == 3
		return kind, kind.channelsLast || in.shape[1] == 3
	}
	return pixels{}, false
}

// shape is that of one picture.
func (k pixels) shape(p imaging.Preprocessing) []int64 {
	if k.channelsLast {
		return []int64{int64(p.Height), int64(p.Width), 3}
	}
	return []int64{3, int64(p.Height), int64(p.Width)}
}

// preprocessing is what is left to do before the graph.
func (k pixels) preprocessing(p imaging.Preprocessing) imaging.Preprocessing {
	if k.element == onnxproto.Uint8 {
		p.Rescale, p.Mean, p.Std = 1, [3]float64{}, [3]float64{1, 1, 1}
	}
	return p
}

// add makes the graph's input of rows pictures, each float32 [3, height, width].
func (k pixels) add(to *values, tensor []float32, rows int64, p imaging.Preprocessing) error {
	shape := append([]int64{rows}, k.shape(p)...)
	switch k.element {
	case onnxproto.Float16:
		return addBytes(to, halves(tensor), ort.TensorElementDataTypeFloat16, shape...)
	case onnxproto.Uint8:
		return add(to, k.bytes(tensor, p), shape...)
	}
	return add(to, tensor, shape...)
}

// bytes takes whole numbers from 0 to 255 as they come from preprocessing.
func (k pixels) bytes(tensor []float32, p imaging.Preprocessing) []uint8 {
	out := make([]uint8, len(tensor))
	if !k.channelsLast {
		for i, level := range tensor {
			out[i] = uint8(level)
		}
		return out
	}
	plane := p.Height * p.Width
	for first := 0; first < len(tensor); first += 3 * plane {
		picture, to := tensor[first:first+3*plane], out[first:first+3*plane]
		for at := range plane {
			to[3*at], to[3*at+1], to[3*at+2] = uint8(picture[at]), uint8(picture[plane+at]), uint8(picture[2*plane+at])
		}
	}
	return out
}
