package quantize

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// elementBytes is the size of an element; other types are not read.
var elementBytes = map[int64]int64{
	onnxproto.Float32: 4, onnxproto.Uint8: 1, onnxproto.Int8: 1, onnxproto.Int64: 8, onnxproto.Float16: 2, onnxproto.BFloat16: 2,
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

func parseTensor(whole onnxproto.Field) (*tensor, error) {
	t := &tensor{whole: whole.Whole, length: -1}
	external := false
	err := onnxproto.Walk(whole.Bytes, func(f onnxproto.Field) (err error) {
		switch f.Number {
		case onnxproto.TensorLength:
			t.shape, err = f.Integers(t.shape)
			if len(t.shape) > 16 {
				return fmt.Errorf("a tensor of %d dimensions", len(t.shape))
			}
		case onnxproto.TensorElement:
			t.element = int64(f.Value)
		case onnxproto.TensorName:
			t.name = string(f.Bytes)
		case onnxproto.TensorRaw:
			t.raw = f.Bytes
		case onnxproto.TensorFloats:
			err = t.appendFloats(f)
		case onnxproto.TensorInt32s, onnxproto.TensorInt64s:
			err = t.appendIntegers(f)
		case onnxproto.TensorLocation:
			external = f.Value == onnxproto.IsExternal
		case onnxproto.TensorExternal:
			err = t.parseExternal(f.Bytes)
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

func (t *tensor) appendFloats(f onnxproto.Field) error {
	if f.Wire == onnxproto.Fixed32 {
		t.numbers = append(t.numbers, floatOf(uint32(f.Value)))
		return nil
	}
	if len(f.Bytes)%4 != 0 {
		return onnxproto.ErrTruncated
	}
	for i := 0; i < len(f.Bytes); i += 4 {
		t.numbers = append(t.numbers, floatOf(binary.LittleEndian.Uint32(f.Bytes[i:])))
	}
	return nil
}

// appendIntegers reads the fields in which small types may stand as integers.
func (t *tensor) appendIntegers(f onnxproto.Field) error {
	integers, err := f.Integers(nil)
	for _, n := range integers {
		t.numbers = append(t.numbers, float32(n))
	}
	return err
}

func (t *tensor) parseExternal(data []byte) error {
	key, value := "", ""
	err := onnxproto.Walk(data, func(f onnxproto.Field) error {
		switch f.Number {
		case onnxproto.ExternalKey:
			key = string(f.Bytes)
		case onnxproto.ExternalValue:
			value = string(f.Bytes)
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
		case onnxproto.Float32, onnxproto.Int8, onnxproto.Uint8, onnxproto.Int64:
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
	case onnxproto.Float32:
		for i := range out {
			out[i] = floatOf(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	case onnxproto.Float16:
		for i := range out {
			out[i] = halfOf(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	case onnxproto.BFloat16:
		for i := range out {
			out[i] = floatOf(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
		}
	case onnxproto.Int8:
		for i := range out {
			out[i] = float32(int8(raw[i]))
		}
	case onnxproto.Uint8:
		for i := range out {
			out[i] = float32(raw[i])
		}
	case onnxproto.Int64:
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
