package onnxproto

// Field numbers of onnx.proto, by the message that has them.
const (
	ModelIRVersion = 1
	ModelProducer  = 2
	ModelGraph     = 7
	ModelOpset     = 8
	ModelFunctions = 25

	OpsetDomain  = 1
	OpsetVersion = 2

	FunctionNode   = 7
	FunctionDomain = 10

	GraphNode        = 1
	GraphName        = 2
	GraphInitializer = 5
	GraphInput       = 11
	GraphOutput      = 12
	GraphSparse      = 15

	NodeInput     = 1
	NodeOutput    = 2
	NodeName      = 3
	NodeOperator  = 4
	NodeAttribute = 5
	NodeDomain    = 7

	AttributeName     = 1
	AttributeFloat    = 2
	AttributeInteger  = 3
	AttributeText     = 4
	AttributeTensor   = 5
	AttributeGraph    = 6
	AttributeIntegers = 8
	AttributeTensors  = 10
	AttributeGraphs   = 11
	AttributeType     = 20
	AttributeSparse   = 22
	AttributeSparses  = 23

	TensorLength   = 1 // of one dimension
	TensorElement  = 2
	TensorFloats   = 4
	TensorInt32s   = 5
	TensorInt64s   = 7
	TensorName     = 8
	TensorRaw      = 9
	TensorExternal = 13
	TensorLocation = 14

	ExternalKey   = 1
	ExternalValue = 2

	SparseValues  = 1
	SparseIndices = 2

	ValueName = 1
	ValueType = 2

	TypeTensor  = 1
	TypeElement = 1 // of a TypeTensor
	TypeShape   = 2 // of a TypeTensor

	ShapeDimension     = 1
	DimensionLength    = 1
	DimensionParameter = 2
)

// IsExternal is the TensorLocation of a tensor whose numbers lie in another file.
const IsExternal = 1

// Values of AttributeType.
const (
	isFloat    = 1
	isInteger  = 2
	isText     = 3
	isIntegers = 7
)

// Types of elements.
const (
	Float32  = 1
	Uint8    = 2
	Int8     = 3
	Int32    = 6
	Int64    = 7
	Float16  = 10
	BFloat16 = 16
)

// Contrib is the domain of ONNX Runtime's own operators.
const Contrib = "com.microsoft"
