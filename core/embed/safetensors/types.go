package safetensors

// Type is the type of a tensor's numbers, as the format spells it.
type Type string

// The types that weights of a tower come in.
const (
	F32  Type = "F32"
	F16  Type = "F16"
	BF16 Type = "BF16"
)

// sizes in bytes of every type of the format that fills whole bytes.
var sizes = map[Type]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
	"U16": 2, "I16": 2, F16: 2, BF16: 2,
	"U32": 4, "I32": 4, F32: 4,
	"U64": 8, "I64": 8, "F64": 8, "C64": 8,
}

// Size is what one number takes in bytes.
func (t Type) Size() int64 { return sizes[t] }
