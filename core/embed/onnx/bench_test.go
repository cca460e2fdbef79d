package onnx_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/onnx"
)

func BenchmarkLoad(b *testing.B) {
	for name, dir := range models(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				model, err := onnx.Load(context.Background(), dir, onnx.Options{Library: embedtest.Library(b)})
				require.NoError(b, err)
				require.NoError(b, model.Close())
			}
		})
	}
}

// photo is a 640x480 JPEG with the frequencies of a photograph rather than noise.
func photo(b *testing.B, seed int) blob.Content {
	b.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	wave := func(x, y int, scale float64) byte {
		return byte(128 + 60*math.Sin(float64(x+seed*31)/scale) + 50*math.Cos(float64(y-seed*17)/(scale/2)))
	}
	for i := range img.Y {
		img.Y[i] = wave(i%img.YStride, i/img.YStride, 9)
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = wave(i%img.CStride, i/img.CStride, 40), wave(i/img.CStride, i%img.CStride, 60)
	}
	var out bytes.Buffer
	require.NoError(b, jpeg.Encode(&out, img, &jpeg.Options{Quality: 90}))
	return blob.Content{Encoded: out.Bytes()}
}

// Pictures from JPEG bytes to vectors, with the time of each part.
func BenchmarkImages(b *testing.B) {
	for name, dir := range models(b) {
		for _, n := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				contents := make([]blob.Content, n)
				for i := range contents {
					contents[i] = photo(b, i)
				}
				embedder := embed.NewEmbedder(load(b, dir), embed.Options{})
				for b.Loop() {
					_, err := embedder.Images(context.Background(), contents, nil)
					require.NoError(b, err)
				}
				done := float64(b.N * n)
				timings := embedder.Timings()
				b.ReportMetric(done/b.Elapsed().Seconds(), "images/s")
				b.ReportMetric(timings.Decode.Seconds()*1e3/done, "ms-decode/image")
				b.ReportMetric(timings.Preprocess.Seconds()*1e3/done, "ms-preprocess/image")
				b.ReportMetric(timings.ImageInference.Seconds()*1e3/done, "ms-inference/image")
			})
		}
	}
}

func BenchmarkTexts(b *testing.B) {
	for name, dir := range models(b) {
		for _, n := range []int{1, 256} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				texts := make([]string, n)
				for i := range texts {
					texts[i] = fmt.Sprintf("a photo of %d red and blue circles", i)
				}
				embedder := embed.NewEmbedder(load(b, dir), embed.Options{})
				for b.Loop() {
					_, err := embedder.Texts(context.Background(), texts, nil)
					require.NoError(b, err)
				}
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "texts/s")
			})
		}
	}
}
