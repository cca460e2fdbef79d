package embed

import "github.com/innerspace/innerspace/core/errs"

// Device says what a model computes on.
type Device string

const (
	CPU  Device = "cpu"  // the processor
	CUDA Device = "cuda" // an NVIDIA GPU
	Auto Device = "auto" // a GPU where one can be used, else the processor
)

// ParseDevice reads the name of a device; "" is CPU. Any other name is InvalidInput.
func ParseDevice(name string) (Device, error) {
	switch device := Device(name); device {
	case "":
		return CPU, nil
	case CPU, CUDA, Auto:
		return device, nil
	}
	return "", errs.New(errs.InvalidInput, "%q is not a device; known are cpu, cuda and auto", name)
}
