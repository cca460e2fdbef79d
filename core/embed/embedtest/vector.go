package embedtest

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// A picture is described by a constant and the mean of each channel in each quarter.
const colourFeatures = 1 + 3*4

// TextVector is the vector that a fake of this dimension gives for text.
func TextVector(text string, dimension int) []float32 {
	return unit(gaussian(sha256.Sum256([]byte(text)), dimension))
}

func projection(dimension int) []float32 {
	return gaussian(sha256.Sum256([]byte("innerspace/embedtest colours")), colourFeatures*dimension)
}

func gaussian(seed [32]byte, n int) []float32 {
	source := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:])))
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(source.NormFloat64())
	}
	return out
}

// imageVector projects the mean colours of one [3, Height, Width] tensor.
func (m *Model) imageVector(tensor []float32) []float32 {
	width, height := m.preprocessing.Width, m.preprocessing.Height
	var features [colourFeatures]float64
	features[0] = 0.1 // so that a mid-grey picture, all zeros, still has a direction
	for channel := range 3 {
		for y := range height {
			for x := range width {
				quarter := 2*min(2*y/height, 1) + min(2*x/width, 1)
				features[1+3*quarter+channel] += float64(tensor[(channel*height+y)*width+x])
			}
		}
	}
	quarterArea := float64(width*height) / 4
	vector := make([]float32, m.info.Dimension)
	for f, value := range features {
		if f > 0 {
			value /= quarterArea
		}
		for d := range vector {
			vector[d] += float32(value) * m.colours[f*m.info.Dimension+d]
		}
	}
	return unit(vector)
}

func unit(vector []float32) []float32 {
	var sum float64
	for _, v := range vector {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return vector
	}
	norm := math.Sqrt(sum)
	for i, v := range vector {
		vector[i] = float32(float64(v) / norm)
	}
	return vector
}
