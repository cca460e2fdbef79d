package space

import (
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
)

// aggregation says how several numbers for one space become one.
type aggregation string

const (
	average aggregation = "average"
	minimum aggregation = "minimum"
	maximum aggregation = "maximum"
)

// readAggregation reads the optional key "aggregation"; the average where it is left out.
func readAggregation(object document.Object) aggregation {
	node, ok := object.Get("aggregation")
	if !ok || node.IsNull() {
		return average
	}
	switch mode := aggregation(node.Text()); mode {
	case average, minimum, maximum:
		return mode
	default:
		node.Fail("unknown aggregation %q; known are average, minimum, maximum", mode)
		return average
	}
}

// of aggregates numbers, of which there is at least one and none with the weight 0: the average is weighted, minimum
// and maximum are not. shares are the numbers' parts in the outcome, which add up to 1.
func (a aggregation) of(numbers, weights []float64) (value float64, shares []float64, err error) {
	shares = make([]float64, len(numbers))
	switch a {
	case minimum, maximum:
		value = numbers[0]
		for _, x := range numbers[1:] {
			if a == minimum {
				value = min(value, x)
			} else {
				value = max(value, x)
			}
		}
		shares[slices.Index(numbers, value)] = 1
		return value, shares, nil
	}
	weights = relative(weights) // so that the sums stay in range
	sum := 0.0
	for _, weight := range weights {
		sum += weight
	}
	if sum == 0 {
		return 0, nil, errs.New(errs.InvalidInput, "Weights sum to zero, can't be normalized")
	}
	for i, x := range numbers {
		shares[i] = weights[i] / sum
		value += x * shares[i]
	}
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, nil, errs.New(errs.InvalidInput, "the weighted average of the values is out of range")
	}
	return value, shares, nil
}

// spread gives each of several inputs its share of a query vector.
func spread(values []float32, shares []float64) [][]float32 {
	parts := make([][]float32, len(shares))
	for i, share := range shares {
		parts[i] = make([]float32, len(values))
		for j, value := range values {
			parts[i][j] = float32(float64(value) * share)
		}
	}
	return parts
}
