package quantize

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// Field numbers of a tensor in onnx.proto.
const (
	tensorLength     = 1
	tensorElement    = 2
	tensorFloats     = 4
	tensorInt32s     = 5
	tensorInt64s     = 7
	tensorName       = 8
	tensorRaw        = 9
	tensorExternal   = 13
	tensorLocation   = 14
	tensorIsExternal = 1

	externalKey   = 1
	externalValue = 2
)

// The element types of onnx.proto that weights come in.
const (
	elementFloat32  = 1
	elementUint8    = 2
	elementInt8     = 3
	elementInt64    = 7
	elementFloat16  = 10
	elementBFloat16 = 16
)

// elementBytes is the size of an element; other types are not read.
var elementBytes = map[int64]int64{
	elementFloat32: 4, elementUint8: 1, elementInt8: 1, elementInt64: 8, elementFloat16: 2, elementBFloat16: 2,
}

// maxElements caps a tensor: the largest known (token embeddings of 250,000 tokens) have 2^28.
const maxElements = 1 << 30

// tensor is a constant of a graph; its bytes point into the file.
type tensor struct {
	name    string
	element int64
	shape   []int64
	raw     []byte // little-endian numbers; nil where they are in numbers or in another file
	numbers []float32
	// location, offset and length say where they lie in another file; length -1 is up to its end.
	location       string
	offset, length int64
	whole          []byte // the field as it stands
}

func parseTensor(whole field) (*tensor, error) {
	t := &tensor{whole: whole.whole, length: -1}
	external := false
	err := walk(whole.bytes, func(f field) (err error) {
		switch f.number {
		case tensorLength:
			t.shape, err = f.integers(t.shape)
			if len(t.shape) > 16 {
				return fmt.Errorf("a tensor of %d dimensions", len(t.shape))
			}
		case tensorElement:
			t.element = int64(f.value)
		case tensorName:
			t.name = string(f.bytes)
		case tensorRaw:
			t.raw = f.bytes
		case tensorFloats:
			err = t.appendFloats(f)
		case tensorInt32s, tensorInt64s:
			err = t.appendIntegers(f)
		case tensorLocation:
			external = f.value == tensorIsExternal
		case tensorExternal:
			err = t.parseExternal(f.bytes)
		}
		return err
	})
	if err == nil && external && t.location == "" {
		err = fmt.Errorf("the tensor %q lies in another file that is not named", t.name)
	}
	if !external {
		t.location = ""
	}
	if err == nil {
		_, err = t.elements()
	}
	return t, err
}

func (t *tensor) appendFloats(f field) error {
	if f.wire == wireFixed32 {
		t.numbers = append(t.numbers, floatOf(uint32(f.value)))
		return nil
	}
	if len(f.bytes)%4 != 0 {
		return errTruncated
	}
	for i := 0; i < len(f.bytes); i += 4 {
		t.numbers = append(t.numbers, floatOf(binary.LittleEndian.Uint32(f.bytes[i:])))
	}
	return nil
}

// appendIntegers reads the fields in which small types may stand as integers.
func (t *tensor) appendIntegers(f field) error {
	integers, err := f.integers(nil)
	for _, n := range integers {
		t.numbers = append(t.numbers, float32(n))
	}
	return err
}

func (t *tensor) parseExternal(data []byte) error {
	key, value := "", ""
	err := walk(data, func(f field) error {
		switch f.number {
		case externalKey:
			key = string(f.bytes)
		case externalValue:
			value = string(f.bytes)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch key {
	case "location":
		t.location = value
	case "offset":
		t.offset, err = strconv.ParseInt(value, 10, 64)
	case "length":
		t.length, err = strconv.ParseInt(value, 10, 64)
	}
	if err == nil && (t.offset < 0 || t.length < -1) {
		err = fmt.Errorf("the tensor %q lies at a negative place", t.name)
	}
	return err
}

// elements is the product of the shape.
func (t *tensor) elements() (int64, error) {
	n := int64(1)
	for _, length := range t.shape {
		if length < 0 || length > maxElements || n*max(length, 1) > maxElements {
			return 0, fmt.Errorf("the tensor %q has the shape %v, which is too large", t.name, t.shape)
		}
		n *= length
	}
	return n, nil
}

// content is the bytes of a tensor that does not keep its numbers one by one, wherever they lie.
func (t *tensor) content(open opener) ([]byte, error) {
	n, err := t.elements()
	if err != nil {
		return nil, err
	}
	size, known := elementBytes[t.element]
	if !known {
		return nil, fmt.Errorf("the tensor %q has elements of type %d", t.name, t.element)
	}
	raw := t.raw
	if t.location != "" {
		file, err := open(t.location)
		if err != nil {
			return nil, err
		}
		length := t.length
		if length < 0 {
			length = n * size
		}
		if t.offset > int64(len(file)) || length > int64(len(file))-t.offset {
			return nil, fmt.Errorf("the tensor %q lies behind the end of %s: was its download cut off?", t.name, t.location)
		}
		raw = file[t.offset : t.offset+length]
	}
	if int64(len(raw)) != n*size {
		return nil, fmt.Errorf("the tensor %q of shape %v has %d bytes instead of %d", t.name, t.shape, len(raw), n*size)
	}
	return raw, nil
}

// floats are the numbers of a tensor.
func (t *tensor) floats(open opener) ([]float32, error) {
	n, err := t.elements()
	if err != nil {
		return nil, err
	}
	if t.raw == nil && t.location == "" {
		if int64(len(t.numbers)) != n {
			return nil, fmt.Errorf("the tensor %q of shape %v has %d numbers", t.name, t.shape, len(t.numbers))
		}
		switch t.element {
		case elementFloat32, elementInt8, elementUint8, elementInt64:
			return t.numbers, nil
		}
		return nil, fmt.Errorf("the tensor %q has elements of type %d as numbers", t.name, t.element)
	}
	raw, err := t.content(open)
	if err != nil {
		return nil, err
	}
	out := make([]float32, n)
	switch t.element {
	case elementFloat32:
		for i := range out {
			out[i] = floatOf(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	case elementFloat16:
		for i := range out {
			out[i] = halfOf(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	case elementBFloat16:
		for i := range out {
			out[i] = floatOf(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
		}
	case elementInt8:
		for i := range out {
			out[i] = float32(int8(raw[i]))
		}
	case elementUint8:
		for i := range out {
			out[i] = float32(raw[i])
		}
	case elementInt64:
		for i := range out {
			out[i] = float32(int64(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	}
	return out, nil
}

func floatOf(bits uint32) float32 { return math.Float32frombits(bits) }

// halfOf is the number of a half-precision float.
func halfOf(bits uint16) float32 {
	sign, exponent, mantissa := uint32(bits>>15)<<31, uint32(bits>>10&31), uint32(bits&1023)
	switch exponent {
	case 0: // zero and numbers below the smallest normal one
		number := float32(mantissa) / (1 << 24)
		return floatOf(math.Float32bits(number) | sign)
	case 31:
		return floatOf(sign | 0xff<<23 | mantissa<<13)
	}
	return floatOf(sign | (exponent+112)<<23 | mantissa<<13)
}
