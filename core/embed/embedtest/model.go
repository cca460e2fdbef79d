// Package embedtest has a fake embed.Model for the tests of packages that sit on
// top of one: deterministic, counting its calls, able to fail and to be slow on
// demand. It needs no files and no ONNX Runtime, and it knows nothing of pictures
// beyond the tensor it is given.
package embedtest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// Model is a fake. A text's vector comes from a hash of the text; a picture's is a
// fixed projection of the mean colours of its quarters, so that pictures that look
// alike lie close together. Vectors have length 1. It is safe for concurrent use.
type Model struct {
	info          embed.Info
	preprocessing imaging.Preprocessing
	colours       []float32 // [colourFeatures][Dimension], the projection for images

	textCalls, textItems   atomic.Int64
	imageCalls, imageItems atomic.Int64
	closed                 atomic.Bool

	mu          sync.Mutex
	delay       time.Duration
	textFailure error
	imageFail   error
	spoil       func(vector []float32) []float32
}

var _ embed.Model = (*Model)(nil)

// Option changes a fake at construction.
type Option func(*Model)

// WithName sets Info().Name; the default is "fake".
func WithName(name string) Option { return func(m *Model) { m.info.Name = name } }

// WithFingerprint sets Info().Fingerprint.
func WithFingerprint(fingerprint string) Option {
	return func(m *Model) { m.info.Fingerprint = fingerprint }
}

// WithMaxTokens sets the longest text, in the fake's tokens: words and two markers. The default is 77.
func WithMaxTokens(n int) Option { return func(m *Model) { m.info.MaxTokens = n } }

// WithPreprocessing replaces the default of a 16x16 centre crop with mean and std of a half.
func WithPreprocessing(p imaging.Preprocessing) Option {
	return func(m *Model) { m.preprocessing = p }
}

// WithDelay makes every call take this long, unless its context ends first.
func WithDelay(d time.Duration) Option { return func(m *Model) { m.delay = d } }

// WithFallback makes a model that a GPU was wanted for, and why it runs on the processor.
func WithFallback(reason string) Option {
	return func(m *Model) { m.info.Device, m.info.Fallback = embed.CPU, reason }
}

// WithCalibration sets Info().Calibration.
func WithCalibration(calibration embed.Calibration) Option {
	return func(m *Model) { m.info.Calibration = &calibration }
}

// New makes a fake whose vectors have the given dimension.
func New(dimension int, options ...Option) *Model {
	half := [3]float64{0.5, 0.5, 0.5}
	m := &Model{
		info: embed.Info{Name: "fake", Fingerprint: "fake", Dimension: dimension, MaxTokens: 77, Format: "fake"},
		preprocessing: imaging.Preprocessing{
			Resize: imaging.ShortestSide, Size: 16, Filter: imaging.Bicubic, Width: 16, Height: 16,
			Rescale: 1.0 / 255, Mean: half, Std: half,
		},
		colours: projection(dimension),
	}
	for _, option := range options {
		option(m)
	}
	return m
}

// FailTexts makes Texts return err from now on; nil makes it work again.
func (m *Model) FailTexts(err error) { m.mu.Lock(); m.textFailure = err; m.mu.Unlock() }

// FailImages makes Images return err from now on; nil makes it work again.
func (m *Model) FailImages(err error) { m.mu.Lock(); m.imageFail = err; m.mu.Unlock() }

// SetDelay changes how long every call takes.
func (m *Model) SetDelay(d time.Duration) { m.mu.Lock(); m.delay = d; m.mu.Unlock() }

// Spoil passes every vector through f before it is returned, to play a model that
// gives NaN or the wrong dimension; nil stops that.
func (m *Model) Spoil(f func(vector []float32) []float32) { m.mu.Lock(); m.spoil = f; m.mu.Unlock() }

// TextCalls is how often Texts was called.
func (m *Model) TextCalls() int { return int(m.textCalls.Load()) }

// TextItems is how many texts were given in all.
func (m *Model) TextItems() int { return int(m.textItems.Load()) }

// ImageCalls is how often Images was called.
func (m *Model) ImageCalls() int { return int(m.imageCalls.Load()) }

// ImageItems is how many pictures were given in all.
func (m *Model) ImageItems() int { return int(m.imageItems.Load()) }

// Closed says whether Close was called.
func (m *Model) Closed() bool { return m.closed.Load() }

// Info implements embed.Model.
func (m *Model) Info() embed.Info { return m.info }

// Preprocessing implements embed.Model.
func (m *Model) Preprocessing() imaging.Preprocessing { return m.preprocessing }

// Texts implements embed.Model. A text over MaxTokens is embedded by its first words.
func (m *Model) Texts(ctx context.Context, texts []string) ([]embed.Text, error) {
	m.textCalls.Add(1)
	m.textItems.Add(int64(len(texts)))
	spoil, err := m.begin(ctx, func() error { return m.textFailure })
	if err != nil {
		return nil, err
	}
	out := make([]embed.Text, len(texts))
	for i, text := range texts {
		words := strings.Fields(text)
		tokens := len(words) + 2
		if tokens > m.info.MaxTokens {
			text = strings.Join(words[:max(m.info.MaxTokens-2, 0)], " ")
		}
		out[i] = embed.Text{
			Vector: spoil(TextVector(text, m.info.Dimension)), Tokens: tokens, Truncated: tokens > m.info.MaxTokens,
		}
	}
	return out, nil
}

// Images implements embed.Model.
func (m *Model) Images(ctx context.Context, tensor []float32, n int) ([][]float32, error) {
	m.imageCalls.Add(1)
	m.imageItems.Add(int64(n))
	spoil, err := m.begin(ctx, func() error { return m.imageFail })
	if err != nil {
		return nil, err
	}
	size := 3 * m.preprocessing.Width * m.preprocessing.Height
	if len(tensor) != n*size {
		return nil, errs.New(errs.Internal, "a tensor for %d pictures has %d values, not %d", n, len(tensor), n*size)
	}
	out := make([][]float32, n)
	for i := range out {
		out[i] = spoil(m.imageVector(tensor[i*size : (i+1)*size]))
	}
	return out, nil
}

// Close implements embed.Model.
func (m *Model) Close() error {
	m.closed.Store(true)
	return nil
}

// begin does what both towers do first: refuse when closed, wait, fail on demand.
func (m *Model) begin(ctx context.Context, failure func() error) (func([]float32) []float32, error) {
	if m.Closed() {
		return nil, errs.New(errs.InvalidState, "the model is closed")
	}
	m.mu.Lock()
	delay, err, spoil := m.delay, failure(), m.spoil
	m.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return nil, errs.From(ctx.Err())
	}
	if err != nil {
		return nil, err
	}
	if spoil == nil {
		spoil = func(v []float32) []float32 { return v }
	}
	return spoil, nil
}
