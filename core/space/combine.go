package space

import "github.com/innerspace/innerspace/core/vector"

// combineUnits adds by weight, and brings the sum to length 1 where that is asked for.
func combineUnits(dimension int, terms []vector.Weighted, normalized bool) (vector.Vector, error) {
	sum, err := vector.WeightedSum(dimension, terms)
	if err != nil || !normalized {
		return sum, err
	}
	return sum.Divide(sum.Norm()), nil
}

func (s *customSpace) Combine(terms []vector.Weighted, _ int64, normalized bool) (vector.Vector, error) {
	return combineUnits(s.length, terms, normalized)
}

func (e *embedding) Combine(terms []vector.Weighted, _ int64, normalized bool) (vector.Vector, error) {
	return combineUnits(e.info.Dimension, terms, normalized)
}

// Combine adds by weight. Normalized, the largest entry is 1/sqrt(n), as at ingest.
func (s *categoricalSpace) Combine(terms []vector.Weighted, _ int64, normalized bool) (vector.Vector, error) {
	sum, err := vector.WeightedSum(s.Dimension(), terms)
	if err != nil || !normalized {
		return sum, err
	}
	largest := 0.0
	for i, value := range sum.Values {
		if sum.Protected == nil || !sum.Protected[i] {
			largest = max(largest, float64(value))
		}
	}
	return sum.Divide(largest / s.matched()), nil
}

// Combine turns the vectors back into numbers, which are aggregated. What it makes needs no normalizing. Without terms it
// is what a query without inputs asks for, as in the reference.
func (s *numberSpace) Combine(terms []vector.Weighted, _ int64, _ bool) (vector.Vector, error) {
	numbers, weights := inverses(terms, s.inverse)
	if len(numbers) == 0 {
		return s.unasked(), nil
	}
	number, _, err := s.aggregation.of(numbers, weights)
	if err != nil {
		return vector.Vector{}, err
	}
	return s.embed(number)
}

// Combine turns the vectors back into timestamps, which are aggregated. What it makes needs no normalizing.
func (s *recencySpace) Combine(terms []vector.Weighted, now int64, _ bool) (vector.Vector, error) {
	end := s.end(now)
	times, weights := inverses(terms, func(v vector.Vector) float64 { return s.inverse(v, end) })
	if len(times) == 0 {
		return s.Missing(), nil
	}
	time, _, err := s.aggregation.of(times, weights)
	if err != nil {
		return vector.Vector{}, err
	}
	return s.embed(time, end, s.negativeFilter, 0), nil
}

// inverses turns the vectors that weigh something back into numbers.
func inverses(terms []vector.Weighted, inverse func(vector.Vector) float64) (numbers, weights []float64) {
	for _, term := range terms {
		if term.Weight != 0 {
			numbers, weights = append(numbers, inverse(term.Vector)), append(weights, term.Weight)
		}
	}
	return numbers, weights
}
