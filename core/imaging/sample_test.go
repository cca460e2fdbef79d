package imaging

import (
	"encoding/binary"
	"math"
)

// shiftedInts keeps the upper 9 bits of int32 samples: values in and around 0..255.
func shiftedInts(data []byte) []byte {
	for i := 0; i < len(data); i += 4 {
		v := int32(binary.LittleEndian.Uint32(data[i:])) >> 23
		binary.LittleEndian.PutUint32(data[i:], uint32(v))
	}
	return data
}

// scaledFloats turns uint32 samples into float32 from -100 to 412.
func scaledFloats(data []byte) []byte {
	for i := 0; i < len(data); i += 4 {
		v := float32(binary.LittleEndian.Uint32(data[i:]))/(1<<23) - 100
		binary.LittleEndian.PutUint32(data[i:], math.Float32bits(v))
	}
	return data
}
