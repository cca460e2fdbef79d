package embed

import (
	"sync/atomic"
	"time"
)

// Timings says where an Embedder's time went, summed since it was made. Decode and Preprocess
// run on several goroutines at once, beside ImageInference, so the parts add up to more than the
// time on the clock.
type Timings struct {
	Decode         time.Duration // encoded bytes or raw pixels to RGB
	Preprocess     time.Duration // RGB to the model's tensor
	ImageInference time.Duration // inside Model.Images
	TextInference  time.Duration // inside Model.Texts, tokenizing included
}

type timers struct{ decode, preprocess, images, texts atomic.Int64 }

// Timings returns the sums as they are now.
func (e *Embedder) Timings() Timings {
	return Timings{
		Decode:         time.Duration(e.timers.decode.Load()),
		Preprocess:     time.Duration(e.timers.preprocess.Load()),
		ImageInference: time.Duration(e.timers.images.Load()),
		TextInference:  time.Duration(e.timers.texts.Load()),
	}
}

// measure adds the time since start to a timer.
func measure(timer *atomic.Int64, start time.Time) { timer.Add(int64(time.Since(start))) }
