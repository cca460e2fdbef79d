package space

import "github.com/innerspace/innerspace/core/vector"

// sumOfUnits adds vectors of length 1 by weight and brings the sum to length 1. Of one vector alone only the sign
// of its weight counts, and vectors that cancel each other leave zeros.
func sumOfUnits(dimension int, terms []vector.Weighted) (*QueryVector, error) {
	weights := make([]float64, len(terms))
	for i, term := range terms {
		weights[i] = term.Weight
	}
	for i, weight := range relative(weights) {
		terms[i].Weight = weight
	}
	sum, err := vector.WeightedSum(dimension, terms)
	if err != nil {
		return nil, err
	}
	length := sum.Norm()
	result := &QueryVector{Vector: sum.Divide(length), Shares: make([][]float32, len(terms))}
	for i, term := range terms {
		result.Shares[i] = term.Vector.Scale(term.Weight).Divide(length).Values
	}
	return result, nil
}
