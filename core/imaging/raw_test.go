package imaging

import (
	"bytes"
	"image/png"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

func TestFromRawRefuses(t *testing.T) {
	tests := []struct {
		name, mode    string
		width, height int
		length        int
		status        errs.Status
		message       string
	}{
		{"unknown mode", "LAB", 2, 2, 12, errs.Unsupported, `"LAB"`},
		{"palette", "P", 2, 2, 4, errs.Unsupported, `"P"`},
		{"no mode", "", 2, 2, 4, errs.Unsupported, `""`},
		{"too short", "RGB", 2, 2, 11, errs.InvalidInput, "take 12 bytes, not 11"},
		{"too long", "RGB", 2, 2, 13, errs.InvalidInput, "take 12 bytes, not 13"},
		{"unpacked bits", "1", 9, 2, 18, errs.InvalidInput, "take 4 bytes, not 18"},
		{"no width", "L", 0, 2, 0, errs.InvalidInput, "no pixels"},
		{"negative height", "L", 2, -2, 4, errs.InvalidInput, "no pixels"},
		{"over the cap", "L", 1 << 15, 1 << 15, 0, errs.LimitExceeded, "max_pixels"},
		{"overflowing size", "F", 1 << 40, 1 << 40, 0, errs.LimitExceeded, "max_pixels"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := FromRaw(test.mode, test.width, test.height, make([]byte, test.length), Faithful, Limits{})
			require.Error(t, err)
			assert.Equal(t, test.status, errs.StatusOf(err))
			assert.ErrorContains(t, err, test.message)
			_, err = EncodePNG(test.mode, test.width, test.height, make([]byte, test.length))
			assert.Error(t, err)
		})
	}
}

func TestFromRawLeavesItsInputAlone(t *testing.T) {
	for mode := range rawModes {
		data := rawPixels(mode, 5, 4, 3)
		before := slices.Clone(data)
		rgb, err := FromRaw(mode, 5, 4, data, Faithful, Limits{})
		require.NoError(t, err)
		clear(rgb.Pix)
		assert.Equal(t, before, data, mode)
		_, err = EncodePNG(mode, 5, 4, data)
		require.NoError(t, err)
		assert.Equal(t, before, data, mode)
	}
}

// The PNG must say the same as the pixels, to this package and to Go's decoder,
// and keep the mode where PNG has it.
func TestEncodePNG(t *testing.T) {
	kept := map[string]byte{"1": pngGray, "L": pngGray, "LA": pngGrayAlpha, "RGB": pngTrueColor, "RGBA": pngRGBA, "I;16": pngGray, "I;16L": pngGray, "I;16N": pngGray, "I;16B": pngGray}
	modes := []string{"1"}
	for mode := range rawModes {
		modes = append(modes, mode)
	}
	for _, mode := range modes {
		for _, size := range [][2]int{{1, 1}, {13, 7}, {64, 33}} {
			data := rawPixels(mode, size[0], size[1], 17)
			encoded, err := EncodePNG(mode, size[0], size[1], data)
			require.NoError(t, err)
			if colorType, ok := kept[mode]; ok {
				assert.Equal(t, colorType, encoded[25], mode)
			} else {
				assert.EqualValues(t, pngTrueColor, encoded[25], mode)
			}
			_, err = png.Decode(bytes.NewReader(encoded))
			require.NoError(t, err, mode)
			want, err := FromRaw(mode, size[0], size[1], data, Faithful, Limits{})
			require.NoError(t, err)
			got, err := Decode(encoded, Faithful, Limits{})
			require.NoError(t, err)
			assert.Equal(t, describe(want), describe(got), "%s %v", mode, size)
			pixels, err := rawRaster(mode, size[0], size[1], data)
			require.NoError(t, err)
			if _, ok := kept[mode]; ok {
				got, err = decodeUpright(encoded, Reference, Limits{})
				require.NoError(t, err)
				assert.Equal(t, describe(pixels.toRGB(Reference)), describe(got), "%s %v, bits kept", mode, size)
			}
		}
	}
}

func TestEncodePNGBitDepths(t *testing.T) {
	for mode, depth := range map[string]byte{"1": 1, "L": 8, "RGBA": 8, "I;16": 16} {
		encoded, err := EncodePNG(mode, 9, 3, rawPixels(mode, 9, 3, 1))
		require.NoError(t, err)
		assert.Equal(t, depth, encoded[24], mode)
	}
}
