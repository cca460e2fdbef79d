package space

import (
	"context"
	"math"

	"github.com/innerspace/innerspace/core/vector"
)

// Query makes the query vector. Every single value of a clause gives sqrt(n) in its entry, with the clause's weight;
// these and the vectors of stored rows are added. The entries of the sum that are not protected are f.
//
// First f is divided by m*p/sqrt(n), where m is the largest entry and p the number of positive ones. Then the query is
// encoded afresh: each of the k entries where f is not 0 gets sqrt(n)/k * f, and all are divided by their
// positive sum over sqrt(n). So positive weights share sqrt(n) among them in proportion, and negative ones scale
// along; with negative ones alone the last step does nothing.
func (s *categoricalSpace) Query(_ context.Context, inputs []Input, _ int64) (*QueryVector, error) {
	root := math.Sqrt(float64(s.categories))
	var terms []vector.Weighted
	var owners []int // input of each term
	for i, input := range inputs {
		if input.Stored != nil {
			terms, owners = append(terms, vector.Weighted{Vector: *input.Stored, Weight: input.Weight}), append(owners, i)
			continue
		}
		for _, value := range input.Categories {
			encoded := s.encode([]string{value}, root, s.negativeFilter)
			terms, owners = append(terms, vector.Weighted{Vector: encoded, Weight: input.Weight}), append(owners, i)
		}
	}
	sum, err := vector.WeightedSum(s.Dimension(), terms)
	if err != nil {
		return nil, err
	}
	made := s.proportion(sum, root)
	return &QueryVector{Vector: vector.Plain(made), Shares: s.share(made, sum, terms, owners, len(inputs))}, nil
}

// proportion brings the open entries of a sum to their proportions.
func (s *categoricalSpace) proportion(sum vector.Vector, root float64) []float32 {
	factors := make([]float64, len(sum.Values))
	largest, positive, used := 0.0, 0, 0
	for i, value := range sum.Values {
		if value == 0 || sum.Protected != nil && sum.Protected[i] {
			continue
		}
		factors[i] = float64(value)
		used++
		if value > 0 {
			positive++
			largest = max(largest, factors[i])
		}
	}
	made := make([]float32, len(factors))
	if used == 0 {
		return made
	}
	scale := root / float64(used)
	if largest > 0 {
		scale *= root / float64(max(positive, 1)) / largest
	}
	total := 0.0
	for i := range factors {
		factors[i] *= scale
		total += max(0, factors[i])
	}
	if total > 0 {
		for i := range factors {
			factors[i] /= total / root
		}
	}
	for i, factor := range factors {
		made[i] = float32(factor)
	}
	return made
}

// share gives each input its part of every entry: in proportion to what it gave to the sum there.
func (s *categoricalSpace) share(made []float32, sum vector.Vector, terms []vector.Weighted, owners []int, inputs int) [][]float32 {
	shares := make([][]float32, inputs)
	for i := range shares {
		shares[i] = make([]float32, len(made))
	}
	for t, term := range terms {
		for i, value := range term.Vector.Values {
			open := term.Vector.Protected == nil || !term.Vector.Protected[i]
			if made[i] != 0 && open && value != 0 {
				shares[owners[t]][i] += float32(float64(made[i]) * float64(value) * term.Weight / float64(sum.Values[i]))
			}
		}
	}
	return shares
}
