package tabular

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFloatTextIsPythonsStr(t *testing.T) {
	data, err := os.ReadFile("../../testdata/tabular/floats.json")
	require.NoError(t, err)
	var golden map[string][][2]string
	require.NoError(t, json.Unmarshal(data, &golden))
	require.Greater(t, len(golden["float64"]), 200)
	require.Greater(t, len(golden["float32"]), 50)
	for _, pair := range golden["float64"] {
		bits, err := strconv.ParseUint(pair[0], 16, 64)
		require.NoError(t, err)
		text, ok := floatText(math.Float64frombits(bits), 64)
		assert.True(t, ok)
		assert.Equal(t, pair[1], text)
	}
	for _, pair := range golden["float32"] {
		bits, err := strconv.ParseUint(pair[0], 16, 32)
		require.NoError(t, err)
		text, ok := floatText(float64(math.Float32frombits(uint32(bits))), 32)
		assert.True(t, ok)
		assert.Equal(t, pair[1], text)
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, ok := floatText(x, 64)
		assert.False(t, ok)
	}
}
