package imaging

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goldens is what testdata/imaging/make_goldens.py wrote: sizes, and sha256 of RGB pixels.
type goldens struct {
	Pictures []struct {
		File                string
		Reference, Faithful described
	}
	Resizes []struct {
		Filter   string
		Seed     uint32
		From, To [2]int
		SHA256   string
	}
	Raws []struct {
		Mode                string
		Size                [2]int
		Seed                uint32
		Reference, Faithful described
	}
	EveryYCbCr described `json:"every_ycbcr"`
	EveryAlpha described `json:"every_alpha"`
}

type described struct {
	Size   [2]int
	SHA256 string
}

func describe(rgb *RGB) described {
	return described{[2]int{rgb.Width, rgb.Height}, sha256Hex(rgb.Pix)}
}

func loadGoldens(t testing.TB) (all goldens) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/imaging/goldens.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &all))
	return all
}

func readGoldenFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata/imaging/files", name))
	require.NoError(t, err)
	return data
}

// noise makes the bytes that make_goldens.py's function of this name makes.
func noise(state uint32, count int) []byte {
	out := make([]byte, count)
	for i := range out {
		state = state*1664525 + 1013904223
		out[i] = byte(state >> 24)
	}
	return out
}

var policies = map[string]Policy{"faithful": Faithful, "reference": Reference}

func TestDecodeEqualsPillow(t *testing.T) {
	pictures := loadGoldens(t).Pictures
	require.Greater(t, len(pictures), 150)
	for _, golden := range pictures {
		t.Run(golden.File, func(t *testing.T) {
			data := readGoldenFile(t, golden.File)
			for name, want := range map[string]described{"faithful": golden.Faithful, "reference": golden.Reference} {
				rgb, err := decodeUpright(data, policies[name], Limits{})
				require.NoError(t, err)
				assert.Equal(t, want, describe(rgb), name)
			}
		})
	}
}

func TestResizeEqualsPillow(t *testing.T) {
	filters := map[string]Filter{"bicubic": Bicubic, "bilinear": Bilinear, "lanczos": Lanczos, "nearest": Nearest}
	resizes := loadGoldens(t).Resizes
	require.Len(t, resizes, 240)
	for _, golden := range resizes {
		source := &RGB{Width: golden.From[0], Height: golden.From[1], Pix: noise(golden.Seed, 3*golden.From[0]*golden.From[1])}
		resized, err := ResizeTo(source, golden.To[0], golden.To[1], filters[golden.Filter])
		require.NoError(t, err)
		assert.Equal(t, golden.SHA256, sha256Hex(resized.Pix), "%s %v to %v", golden.Filter, golden.From, golden.To)
	}
}

// rawPixels makes the input of a golden of FromRaw.
func rawPixels(mode string, width, height int, seed uint32) []byte {
	switch mode {
	case "1":
		return noise(seed, (width+7)/8*height)
	case "I":
		return shiftedInts(noise(seed, 4*width*height))
	case "F":
		return scaledFloats(noise(seed, 4*width*height))
	}
	return noise(seed, width*height*bytesPerPixel[rawModes[mode]])
}

func TestFromRawEqualsPillow(t *testing.T) {
	raws := loadGoldens(t).Raws
	require.Len(t, raws, 14*3)
	for _, golden := range raws {
		data := rawPixels(golden.Mode, golden.Size[0], golden.Size[1], golden.Seed)
		faithful, err := FromRaw(golden.Mode, golden.Size[0], golden.Size[1], data, Faithful, Limits{})
		require.NoError(t, err)
		assert.Equal(t, golden.Faithful, describe(faithful), "%s %v faithful", golden.Mode, golden.Size)
		pixels, err := rawRaster(golden.Mode, golden.Size[0], golden.Size[1], data)
		require.NoError(t, err)
		assert.Equal(t, golden.Reference, describe(pixels.toRGB(Reference)), "%s %v reference", golden.Mode, golden.Size)
	}
}

func TestEveryYCbCrAndAlpha(t *testing.T) {
	all := loadGoldens(t)
	yCbCr, grayAlpha := make([]byte, 0, 3<<16), make([]byte, 0, 2<<16)
	for i := range 256 {
		for j := range 256 {
			yCbCr = append(yCbCr, 120, byte(i), byte(j))
			grayAlpha = append(grayAlpha, byte(j), byte(i))
		}
	}
	rgb, err := FromRaw("YCbCr", 256, 256, yCbCr, Faithful, Limits{})
	require.NoError(t, err)
	assert.Equal(t, all.EveryYCbCr, describe(rgb))
	rgb, err = FromRaw("LA", 256, 256, grayAlpha, Faithful, Limits{})
	require.NoError(t, err)
	assert.Equal(t, all.EveryAlpha, describe(rgb))
}
