package graph

import "strconv"

// Field numbers of onnx.proto.
const (
	modelIRVersion = 1
	modelProducer  = 2
	modelGraph     = 7
	modelOpset     = 8

	opsetDomain  = 1
	opsetVersion = 2

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	nodeInput     = 1
	nodeOutput    = 2
	nodeOperator  = 4
	nodeAttribute = 5
	nodeDomain    = 7

	attributeName     = 1
	attributeFloat    = 2
	attributeInteger  = 3
	attributeText     = 4
	attributeIntegers = 8
	attributeType     = 20

	tensorLength       = 1
	tensorElement      = 2
	tensorName         = 8
	tensorRaw          = 9
	tensorExternal     = 13
	tensorLocation     = 14
	tensorIsExternal   = 1
	externalKey        = 1
	externalValue      = 2
	valueName          = 1
	valueType          = 2
	typeTensor         = 1
	typeElement        = 1
	typeShape          = 2
	shapeDimension     = 1
	dimensionLength    = 1
	dimensionParameter = 2
)

// Element types of onnx.proto.
const (
	elementFloat32  = 1
	elementInt32    = 6
	elementInt64    = 7
	elementFloat16  = 10
	elementBFloat16 = 16
)

// irVersion and opset are the newest that every operator here needs: LayerNormalization came with 17,
// Gelu with 20.
const (
	irVersion = 9
	opset     = 20
)

// contrib is the domain of ONNX Runtime's own operators.
const contrib = "com.microsoft"

// attribute is a setting of a node: an int, a float64, a string or []int.
type attribute struct {
	name  string
	value any
}

func (a attribute) write(m *message) {
	const isFloat, isInteger, isText, isIntegers = 1, 2, 3, 7
	m.text(attributeName, a.name)
	switch v := a.value.(type) {
	case int:
		m.integer(attributeInteger, int64(v))
		m.integer(attributeType, isInteger)
	case float64:
		m.float(attributeFloat, float32(v))
		m.integer(attributeType, isFloat)
	case string:
		m.text(attributeText, v)
		m.integer(attributeType, isText)
	case []int:
		for _, n := range v {
			m.integer(attributeIntegers, int64(n))
		}
		m.integer(attributeType, isIntegers)
	}
}

// writeValue writes an input or output of the graph. A length of 0 is left open under the name of its axis.
func writeValue(m *message, name string, element int64, lengths []int, axes []string) {
	m.text(valueName, name)
	m.child(valueType, func(m *message) {
		m.child(typeTensor, func(m *message) {
			m.integer(typeElement, element)
			m.child(typeShape, func(m *message) {
				for i, length := range lengths {
					m.child(shapeDimension, func(m *message) {
						if length > 0 {
							m.integer(dimensionLength, int64(length))
						} else {
							m.text(dimensionParameter, axes[i])
						}
					})
				}
			})
		})
	})
}

// writeExternal writes a tensor whose numbers lie in a file.
func writeExternal(m *message, name string, element int64, shape []int64, location string, offset, length int64) {
	for _, n := range shape {
		m.integer(tensorLength, n)
	}
	m.integer(tensorElement, element)
	m.text(tensorName, name)
	m.integer(tensorLocation, tensorIsExternal)
	for _, entry := range [][2]string{
		{"location", location}, {"offset", strconv.FormatInt(offset, 10)}, {"length", strconv.FormatInt(length, 10)},
	} {
		m.child(tensorExternal, func(m *message) {
			m.text(externalKey, entry[0])
			m.text(externalValue, entry[1])
		})
	}
}

// writeRaw writes a tensor whose numbers are in the graph.
func writeRaw(m *message, name string, element int64, shape []int64, raw []byte) {
	for _, n := range shape {
		m.integer(tensorLength, n)
	}
	m.integer(tensorElement, element)
	m.text(tensorName, name)
	m.bytes(tensorRaw, raw)
}
