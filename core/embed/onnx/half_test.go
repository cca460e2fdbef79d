package onnx

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHalves(t *testing.T) {
	for number, half := range map[float32]uint16{
		0: 0, 1: 0x3c00, -2: 0xc000, 65504: 0x7bff, 65519: 0x7bff, 65520: 0x7c00, 1e9: 0x7c00, -1e9: 0xfc00, 0.1: 0x2e66,
		1.00048828125: 0x3c00, 1.0009765625: 0x3c01, 1.00146484375: 0x3c02, // ties go to the even one
		6.103515625e-05: 0x0400, 6.097555160522461e-05: 0x03ff, 5.960464477539063e-08: 0x0001, 2.9802322387695312e-08: 0, 3e-08: 1,
	} {
		assert.Equalf(t, half, toHalf(number), "%v", number)
	}
	assert.Equal(t, uint16(0x8000), toHalf(float32(math.Copysign(0, -1))))
	assert.Equal(t, uint16(0x7c00), toHalf(float32(math.Inf(1))))
	assert.True(t, math.IsNaN(float64(fromHalf(toHalf(float32(math.NaN()))))))
}

// Every half is a float32, and comes back from it.
func TestEveryHalfComesBack(t *testing.T) {
	for bits := range 1 << 16 {
		half := uint16(bits)
		number := fromHalf(half)
		if math.IsNaN(float64(number)) {
			continue
		}
		assert.Equal(t, half, toHalf(number))
	}
	assert.EqualValues(t, -6.103515625e-05, fromHalf(0x8400))
	assert.EqualValues(t, 5.960464477539063e-08, fromHalf(1))
	numbers := make([]float32, 2)
	fromHalves(halves([]float32{0.5, -3}), numbers)
	assert.Equal(t, []float32{0.5, -3}, numbers)
}
