package onnx

import (
	"encoding/binary"
	"math"
)

// halves writes numbers as IEEE 754 binary16, rounded to the nearest, ties to even. What is too large becomes infinite.
func halves(numbers []float32) []byte {
	bytes := make([]byte, 2*len(numbers))
	for i, number := range numbers {
		binary.LittleEndian.PutUint16(bytes[2*i:], toHalf(number))
	}
	return bytes
}

// fromHalves reads binary16, which float32 holds exactly.
func fromHalves(bytes []byte, numbers []float32) {
	for i := range numbers {
		numbers[i] = fromHalf(binary.LittleEndian.Uint16(bytes[2*i:]))
	}
}

func toHalf(number float32) uint16 {
	bits := math.Float32bits(number)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	switch {
	case bits > 0x7f800000: // not a number
		return sign | 0x7e00
	case bits >= 0x47800000: // 65536 and more
		return sign | 0x7c00
	case bits < 0x38800000: // below the smallest normal half: let the adder of float32 align and round the bits
		aligned := math.Float32frombits(bits) + 0.5
		return sign | uint16(math.Float32bits(aligned)-0x3f000000)
	}
	odd := bits >> 13 & 1
	bits += 0xfff + odd - (127-15)<<23
	return sign | uint16(bits>>13)
}

func fromHalf(half uint16) float32 {
	sign := uint32(half&0x8000) << 16
	exponent, fraction := uint32(half>>10&0x1f), uint32(half&0x3ff)
	switch exponent {
	case 0:
		value := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(value) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
