package onnx

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The element types of ONNX that a tower may have.
const (
	elementFloat32 = 1
	elementUint8   = 2
	elementInt32   = 6
	elementInt64   = 7
	elementFloat16 = 10
)

var elementNames = map[int]string{
	elementFloat32: "float32", elementUint8: "uint8", elementInt32: "int32", elementInt64: "int64", elementFloat16: "float16",
}

// anyLength stands for a dimension that the graph leaves open.
const anyLength = -1

// value is an input or an output of a graph.
type value struct {
	name    string
	element int     // elementFloat32, …; 0 for what is not a tensor
	shape   []int64 // anyLength where open
}

func (v value) String() string {
	element, known := elementNames[v.element]
	if !known {
		element = fmt.Sprintf("type %d", v.element)
	}
	return v.name + " " + element + lengths(v.shape)
}

func lengths(shape []int64) string {
	texts := make([]string, len(shape))
	for i, n := range shape {
		if texts[i] = fmt.Sprint(n); n == anyLength {
			texts[i] = "any"
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// signature is what a graph takes and gives.
type signature struct{ inputs, outputs []value }

func (s signature) String() string {
	return fmt.Sprintf("inputs %s; outputs %s", list(s.inputs), list(s.outputs))
}

func list(values []value) string {
	if len(values) == 0 {
		return "none"
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.String()
	}
	return strings.Join(names, ", ")
}

// Field numbers of onnx.proto.
const (
	modelGraph      = 7
	graphInput      = 11
	graphOutput     = 12
	valueName       = 1
	valueType       = 2
	typeTensor      = 1
	tensorElement   = 1
	tensorShape     = 2
	shapeDimension  = 1
	dimensionLength = 1
)

func parseSignature(from io.ReaderAt, size int64) (signature, error) {
	var s signature
	found := false
	r := &wireReader{from: from}
	err := r.walk(0, size, func(f field) error {
		if f.number != modelGraph || f.wire != wireBytes {
			return nil
		}
		found = true
		return r.walk(f.start, f.end, func(f field) error {
			if f.wire != wireBytes {
				return nil
			}
			switch f.number {
			case graphInput:
				return r.appendValue(&s.inputs, f)
			case graphOutput:
				return r.appendValue(&s.outputs, f)
			}
			return nil
		})
	})
	switch {
	case err != nil:
		return signature{}, err
	case !found:
		return signature{}, errors.New("it holds no graph")
	}
	return s, nil
}

func (r *wireReader) appendValue(to *[]value, f field) error {
	const most = 1000 // a graph of thousands of outputs is no tower
	if len(*to) == most {
		return fmt.Errorf("more than %d inputs or outputs", most)
	}
	v, err := r.value(f)
	*to = append(*to, v)
	return err
}

func (r *wireReader) value(f field) (value, error) {
	var v value
	err := r.walk(f.start, f.end, func(f field) (err error) {
		switch f.number {
		case valueName:
			v.name, err = r.text(f)
		case valueType:
			err = r.walk(f.start, f.end, func(f field) error {
				if f.number != typeTensor {
					return nil
				}
				return r.tensor(f, &v)
			})
		}
		return err
	})
	return v, err
}

func (r *wireReader) tensor(f field, v *value) error {
	return r.walk(f.start, f.end, func(f field) error {
		switch f.number {
		case tensorElement:
			v.element = int(min(f.value, 1<<16))
		case tensorShape:
			return r.walk(f.start, f.end, func(f field) error {
				if f.number != shapeDimension {
					return nil
				}
				return r.dimension(f, v)
			})
		}
		return nil
	})
}

func (r *wireReader) dimension(f field, v *value) error {
	const most = 16
	if len(v.shape) == most {
		return fmt.Errorf("a tensor of more than %d dimensions", most)
	}
	length := int64(anyLength)
	err := r.walk(f.start, f.end, func(f field) error {
		if f.number == dimensionLength && f.wire == wireVarint && int64(f.value) > 0 {
			length = int64(f.value)
		}
		return nil
	})
	v.shape = append(v.shape, length)
	return err
}
