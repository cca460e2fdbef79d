package imaging

import "math"

// resampleBits is Pillow's precision: fractional bits of a coefficient for 8-bit pixels.
const resampleBits = 22

// kernel is a filter's function and the distance beyond which it is 0, in source
// pixels at scale 1.
type kernel struct {
	support float64
	weight  func(x float64) float64
}

var kernels = map[Filter]kernel{
	Bicubic:  {2, bicubicWeight},
	Bilinear: {1, bilinearWeight},
	Lanczos:  {3, lanczosWeight},
}

// The products are converted to float64 one by one: that keeps Go from fusing
// them with additions on some processors, which would change the last bit.

// bicubicWeight is Keys' cubic with a = -0.5.
func bicubicWeight(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64(float64((float64((a+2)*x)-(a+3))*x)*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

func bilinearWeight(x float64) float64 {
	return max(1-math.Abs(x), 0)
}

func lanczosWeight(x float64) float64 {
	if x >= -3 && x < 3 {
		return float64(sinc(x) * sinc(x/3))
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// axis holds the coefficients of some outputs along one side.
type axis struct {
	firsts, counts []int32 // the source pixels of each output
	coefficients   []int32 // taps for each output, unused ones 0
	taps           int
}

// newAxis computes outputs [from, to) of a side of `in` pixels scaled to `out`,
// in Pillow's order of operations.
func newAxis(in, out, from, to int, k kernel) axis {
	scale := float64(in) / float64(out)
	filterScale := max(scale, 1)
	support := k.support * filterScale
	taps := int(math.Ceil(support))*2 + 1
	a := axis{firsts: make([]int32, to-from), counts: make([]int32, to-from), coefficients: make([]int32, (to-from)*taps), taps: taps}
	weights := make([]float64, taps)
	inverse := 1 / filterScale
	for i := range to - from {
		center := float64((float64(from+i) + 0.5) * scale)
		first := max(int(center-support+0.5), 0)
		count := min(int(center+support+0.5), in) - first
		total := 0.0
		for x := range count {
			weights[x] = k.weight(float64((float64(x+first) - center + 0.5) * inverse))
			total += weights[x]
		}
		a.firsts[i], a.counts[i] = int32(first), int32(count)
		for x, weight := range weights[:count] {
			if total != 0 {
				weight /= total
			}
			a.coefficients[i*taps+x] = int32(float64(weight*(1<<resampleBits)) + math.Copysign(0.5, weight))
		}
	}
	return a
}

// sources returns the range of source pixels that the outputs read.
func (a *axis) sources() (from, to int) {
	last := len(a.firsts) - 1
	return int(a.firsts[0]), int(a.firsts[last] + a.counts[last])
}
