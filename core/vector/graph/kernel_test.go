package graph

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKernelsMultiplyLikeThePlainLoop, the extremes of bytes and the largest dimension included.
func TestKernelsMultiplyLikeThePlainLoop(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	defer useKernel(kernels() - 1)
	for kernel := range kernels() {
		name := useKernel(kernel)
		for _, n := range []int{64, 128, 192, 320, 512, 768, MaxDimension} {
			for fill := range 6 {
				x, y := make([]uint8, n), make([]int8, n)
				want := int32(0)
				for i := range n {
					switch fill {
					case 0:
						x[i], y[i] = 255, 127
					case 1:
						x[i], y[i] = 1, 127
					case 2:
						x[i], y[i] = 255, -127
					case 3:
						x[i], y[i] = 128, -127 // a code of zeros
					default:
						x[i], y[i] = uint8(1+rng.IntN(255)), int8(rng.IntN(255)-127)
					}
					want += (int32(x[i]) - 128) * int32(y[i])
				}
				require.Equal(t, want, dotCodes(x, y), "%s, length %d, filling %d", name, n, fill)
			}
		}
	}
	assert.Equal(t, "portable", useKernel(0))
}
