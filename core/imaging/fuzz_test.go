package imaging

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

// fuzzLimits keeps each try short.
var fuzzLimits = Limits{MaxPixels: 1 << 18}

func addGoldenFiles(f *testing.F) {
	f.Helper()
	entries, err := os.ReadDir("../../testdata/imaging/files")
	require.NoError(f, err)
	for _, entry := range entries {
		if data := readGoldenFile(f, entry.Name()); len(data) < 16<<10 {
			f.Add(data)
		}
	}
}

func assertRefusal(t *testing.T, err error) {
	t.Helper()
	assert.Contains(t, []errs.Status{errs.InvalidInput, errs.Unsupported, errs.LimitExceeded}, errs.StatusOf(err), "%v", err)
	assert.NotEmpty(t, err.Error())
}

func assertWhole(t *testing.T, rgb *RGB) {
	t.Helper()
	assert.Positive(t, rgb.Width)
	assert.Positive(t, rgb.Height)
	assert.LessOrEqual(t, int64(rgb.Width)*int64(rgb.Height), fuzzLimits.MaxPixels)
	assert.Len(t, rgb.Pix, 3*rgb.Width*rgb.Height)
}

func FuzzProbe(f *testing.F) {
	addGoldenFiles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		config, err := Probe(data, fuzzLimits)
		if err != nil {
			assertRefusal(t, err)
			return
		}
		format, ok := Sniff(data)
		assert.True(t, ok)
		assert.Equal(t, format, config.Format)
		assert.LessOrEqual(t, int64(config.Width)*int64(config.Height), fuzzLimits.MaxPixels)
	})
}

func FuzzDecode(f *testing.F) {
	addGoldenFiles(f)
	tensor := make([]float32, clipPreprocessing.TensorLen())
	f.Fuzz(func(t *testing.T, data []byte) {
		rgb, err := Decode(data, Faithful, fuzzLimits)
		plain, plainErr := decodeUpright(data, Reference, fuzzLimits)
		assert.Equal(t, errs.StatusOf(err), errs.StatusOf(plainErr), "the policies refuse the same")
		if err != nil {
			assertRefusal(t, err)
			return
		}
		config, err := Probe(data, fuzzLimits)
		require.NoError(t, err)
		assertWhole(t, rgb)
		assertWhole(t, plain)
		assert.Equal(t, config.Width*config.Height, rgb.Width*rgb.Height)
		require.NoError(t, clipPreprocessing.Apply(rgb, tensor))
	})
}

func FuzzFromRaw(f *testing.F) {
	for mode := range rawModes {
		f.Add(mode, 3, 2, rawPixels(mode, 3, 2, 1))
	}
	f.Add("1", 9, 2, []byte{1, 2, 3, 4})
	f.Add("P", 1, 1, []byte{0})
	f.Fuzz(func(t *testing.T, mode string, width, height int, data []byte) {
		rgb, err := FromRaw(mode, width, height, data, Faithful, fuzzLimits)
		if err != nil {
			assertRefusal(t, err)
			return
		}
		assertWhole(t, rgb)
		encoded, err := EncodePNG(mode, width, height, data)
		require.NoError(t, err)
		decoded, err := Decode(encoded, Faithful, fuzzLimits)
		require.NoError(t, err)
		assert.Equal(t, describe(rgb), describe(decoded))
	})
}
