package onnx

import (
	"context"
	"slices"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/embed/tokenize"
)

// A quantised vector must be the same to the last bit alone and in any company. The quantisation sees to that for its
// own part (core/embed/quantize), but what stays in float32 may contain a sum that ONNX Runtime takes in another
// order in a batch of one, as the mean over the tokens of a BERT: an error in the last bit that the
// next rounding to bytes makes larger. So a tower is tried out when it is made, and run on one item at a time where a
// batch changes it.

// probeLengths are the lengths in tokens that a text tower is tried with.
var probeLengths = []int{3, 9, 17, 32}

// probeRuns are the sizes of the batches; their items are the same.
var probeRuns = []int{2, 3, maxImagesPerRun}

// textsKeepBits says whether the texts of a batch have the vectors that they have alone.
func (m *model) textsKeepBits(ctx context.Context, text *session) (bool, error) {
	trial := *m
	trial.text = text
	for _, length := range probeLengths {
		if length > m.tokenizer.MaxTokens() {
			break
		}
		texts := m.probeTexts(length, maxImagesPerRun)
		same, err := keepBits(len(texts), func(first, last int, company company) ([]float32, int64, error) {
			return trial.runTexts(ctx, texts[first:last], company)
		})
		if err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// probeTexts are texts of so many tokens, all different: the markers of an empty text around tokens drawn from a sentence.
func (m *model) probeTexts(length, n int) []tokenize.Encoding {
	words := m.tokenizer.Encode("two small red birds and one blue house under a tall tree beside the old road, seen at night").IDs
	texts := make([]tokenize.Encoding, n)
	for i := range texts {
		ids := make([]int64, length)
		for at := range ids {
			ids[at] = words[1+(at*(i+1)+i)%(len(words)-2)]
		}
		ids[0], ids[length-1] = words[0], words[len(words)-1]
		texts[i].IDs = ids
	}
	return texts
}

// imagesKeepBits says whether the pictures of a batch have the vectors that they have alone.
func (m *model) imagesKeepBits(ctx context.Context, image *session) (bool, error) {
	trial := *m
	trial.image = image
	size := m.preprocessing.TensorLen()
	tensor := make([]float32, maxImagesPerRun*size)
	state := uint32(1)
	for i := range tensor {
		state = state*1664525 + 1013904223
		if level := state >> 24; m.imageTower.pixels.element == onnxproto.Uint8 {
			tensor[i] = float32(level)
		} else {
			tensor[i] = float32(level)/64 - 2
		}
	}
	return keepBits(maxImagesPerRun, func(first, last int, company company) ([]float32, int64, error) {
		return trial.runImages(ctx, tensor[first*size:last*size], last-first, company)
	})
}

// keepBits runs n items one by one and in batches.
func keepBits(n int, run func(first, last int, company company) ([]float32, int64, error)) (bool, error) {
	var alones []float32
	width := 0
	for i := range n {
		vector, dimension, err := run(i, i+1, alone)
		if err != nil {
			return false, err
		}
		width = int(dimension)
		alones = append(alones, vector[:width]...)
	}
	for _, size := range probeRuns {
		vectors, _, err := run(0, size, crowded)
		if err != nil {
			return false, err
		}
		if !slices.Equal(vectors[:size*width], alones[:size*width]) {
			return false, nil
		}
	}
	return true, nil
}
