package engine

import "github.com/innerspace/innerspace/core/blob"

// Params are the values of a query's parameters for one run. A parameter is given in one of
// the two maps; nil, or left out, means not given.
type Params struct {
	// Scalars are decoded JSON values: string, json.Number (or any Go integer or float), bool, nil, []any of these.
	// A string for a parameter that takes an image is resolved like a text in an image column.
	Scalars map[string]any
	// Images are values for parameters that take an image.
	Images map[string]blob.Value
}
