package vector

import "math"

// Dot returns the inner product of two vectors of equal length. Eight sums run side by side: the
// compiler keeps them in registers, and each rounds an eighth as often as one running sum would.
// Products are rounded before they are added, so that the bits are those of dots.h on every machine.
func Dot(a, b []float32) float32 {
	n := len(a)
	b = b[:n]
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	i := 0
	for ; i+8 <= n; i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
	}
	for ; i < n; i++ {
		s0 += float32(a[i] * b[i])
	}
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

// Norm returns the Euclidean length, summed in float64.
func Norm(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// Finite says whether no entry is NaN or infinite.
func Finite(values []float32) bool {
	for _, v := range values {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// Normalize scales values to length 1 in place. A vector of zeros stays as it is.
func Normalize(values []float32) {
	length := Norm(values)
	if length == 0 || length == 1 {
		return
	}
	for i, v := range values {
		values[i] = float32(float64(v) / length)
	}
}
