package imaging

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkDecodeJPEG640x480(b *testing.B) {
	data := readGoldenFile(b, "640x480.jpg")
	b.ReportAllocs()
	for b.Loop() {
		_, err := Decode(data, Faithful, Limits{})
		require.NoError(b, err)
	}
}

func BenchmarkResize640x480To298x224(b *testing.B) {
	rgb, err := Decode(readGoldenFile(b, "640x480.jpg"), Faithful, Limits{})
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := ResizeTo(rgb, 298, 224, Bicubic)
		require.NoError(b, err)
	}
}

func BenchmarkApply640x480(b *testing.B) {
	rgb, err := Decode(readGoldenFile(b, "640x480.jpg"), Faithful, Limits{})
	require.NoError(b, err)
	tensor := make([]float32, clipPreprocessing.TensorLen())
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, clipPreprocessing.Apply(rgb, tensor))
	}
}

func BenchmarkDecodeAndApplyJPEG640x480(b *testing.B) {
	data := readGoldenFile(b, "640x480.jpg")
	tensor := make([]float32, clipPreprocessing.TensorLen())
	b.ReportAllocs()
	for b.Loop() {
		rgb, err := Decode(data, Faithful, Limits{})
		require.NoError(b, err)
		require.NoError(b, clipPreprocessing.Apply(rgb, tensor))
	}
}

func BenchmarkDecodePNG960x960(b *testing.B) {
	data := readImage(b, "blue-square.png")
	for b.Loop() {
		_, err := Decode(data, Faithful, Limits{})
		require.NoError(b, err)
	}
}

func BenchmarkReferenceSquash640x480(b *testing.B) {
	rgb, err := Decode(readGoldenFile(b, "640x480.jpg"), Faithful, Limits{})
	require.NoError(b, err)
	for b.Loop() {
		_, _, err := ReferenceSquash(rgb)
		require.NoError(b, err)
	}
}

func BenchmarkEncodePNG640x480(b *testing.B) {
	rgb, err := Decode(readGoldenFile(b, "640x480.jpg"), Faithful, Limits{})
	require.NoError(b, err)
	for b.Loop() {
		_, err := EncodePNG("RGB", rgb.Width, rgb.Height, rgb.Pix)
		require.NoError(b, err)
	}
}
