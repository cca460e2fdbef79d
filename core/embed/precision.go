package embed

import "github.com/innerspace/innerspace/core/errs"

// Precision says in which numbers a model computes.
type Precision string

const (
	FP32 Precision = "fp32" // float32: the numbers that the model was trained with
	FP16 Precision = "fp16" // weights in half precision: half the file; a CPU computes in float32 all the same
	INT8 Precision = "int8" // weights and activations in bytes: a fraction of the time, at a loss in quality
)

// ParsePrecision reads the name of a precision; "" is FP32. Any other name is InvalidInput.
func ParsePrecision(name string) (Precision, error) {
	switch precision := Precision(name); precision {
	case "":
		return FP32, nil
	case FP32, FP16, INT8:
		return precision, nil
	}
	return "", errs.New(errs.InvalidInput, "%q is not a precision; known are fp32, fp16 and int8", name)
}
