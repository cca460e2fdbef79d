package space

import (
	"context"
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// numberVector is a vector of a number space.
func numberVector(sine, cosine, filter float64) vector.Vector {
	return vector.Vector{
		Values: []float32{float32(sine), float32(cosine), float32(filter)}, Protected: []bool{numberFilterEntry: true},
	}
}

func (s *numberSpace) Missing() vector.Vector { return numberVector(0, 0, 0) }

func (s *numberSpace) Protected([]float32) []bool { return []bool{numberFilterEntry: true} }

// embed is the formula for one number.
func (s *numberSpace) embed(x float64) (vector.Vector, error) {
	if x < s.low && s.mode != modeMinimum || x > s.high && s.mode != modeMaximum {
		return numberVector(0, 0, s.negativeFilter), nil
	}
	if s.logarithmic && x <= -1 {
		return vector.Vector{}, errs.New(errs.InvalidInput, "the number %s has no place on a logarithmic scale, which begins above -1", pythonFloat(x))
	}
	low, high := s.scale(s.low), s.scale(s.high)
	scaled := min(max(s.scale(x), low), high)
	angle := (scaled - low) / (high - low) * math.Pi / 2
	return numberVector(math.Sin(angle), math.Cos(angle), 0), nil
}

// inverse gives the number back that was embedded. What lay outside the range comes back as a number just outside.
func (s *numberSpace) inverse(v vector.Vector) float64 {
	sine, cosine, filter := v.Values[0], v.Values[1], v.Values[numberFilterEntry]
	if sine == 0 && cosine == 0 && filter == float32(s.negativeFilter) {
		outside := (s.high - s.low) / 1000
		if s.mode == modeMaximum {
			return s.low - outside
		}
		return s.high + outside
	}
	low, high := s.scale(s.low), s.scale(s.high)
	position := math.Atan2(float64(sine), float64(cosine)) / (math.Pi / 2)
	return roundTo(s.unscale(position*(high-low)+low), 1e10)
}

// roundTo rounds to a fraction, as Python's round does; numbers too large to have that fraction stay.
func roundTo(x, fraction float64) float64 {
	if math.Abs(x) > 1<<52 {
		return x
	}
	return math.RoundToEven(x*fraction) / fraction
}

func (s *numberSpace) Encode(_ context.Context, schema string, rows Rows, progress func(int)) (*Encoding, error) {
	field := s.fields[schema]
	return encodeEach(rows, field, s.Missing(), progress, func(row int) (vector.Vector, bool, error) {
		x, ok := rows.Number(row, field)
		if !ok {
			return vector.Vector{}, false, nil
		}
		made, err := s.embed(x)
		return made, true, err
	}), nil
}

func (s *numberSpace) Query(_ context.Context, inputs []Input, _ int64) (*QueryVector, error) {
	if s.mode != modeSimilar {
		return s.queryExtreme(inputs), nil
	}
	numbers, weights, positions, err := s.invert(inputs)
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 {
		return &QueryVector{Vector: s.Missing(), Shares: spread(s.Missing().Values, make([]float64, len(inputs)))}, nil
	}
	wanted, shares, err := s.aggregation.of(numbers, weights)
	if err != nil {
		return nil, err
	}
	made, err := s.embed(wanted)
	if err != nil {
		return nil, err
	}
	ofInputs := make([]float64, len(inputs))
	for i, position := range positions {
		ofInputs[position] = shares[i]
	}
	return &QueryVector{Vector: made, Shares: spread(made.Values, ofInputs)}, nil
}

// queryExtreme asks for the largest or smallest number, whatever the inputs; only a stored row that
// is to weigh nothing here turns the space off.
func (s *numberSpace) queryExtreme(inputs []Input) *QueryVector {
	made := s.unasked()
	for _, input := range inputs {
		if input.Stored != nil && input.Weight == 0 {
			made = numberVector(0, 0, 0)
		}
	}
	return &QueryVector{Vector: made, Shares: spread(made.Values, make([]float64, len(inputs)))}
}

// unasked is what stands for no number at all: the most that the mode can ask for, or zeros where it asks for a number.
func (s *numberSpace) unasked() vector.Vector {
	switch s.mode {
	case modeMaximum:
		return numberVector(1, 0, 1)
	case modeMinimum:
		return numberVector(0, 1, 1)
	}
	return s.Missing()
}

// invert turns the inputs that weigh something into numbers; positions are theirs in the inputs.
func (s *numberSpace) invert(inputs []Input) (numbers, weights []float64, positions []int, err error) {
	for i, input := range inputs {
		if input.Weight == 0 {
			continue
		}
		var made vector.Vector
		if input.Stored != nil {
			made = *input.Stored
		} else if made, err = s.embed(input.Number); err != nil {
			return nil, nil, nil, &InputError{Input: i, Err: err}
		}
		numbers, weights, positions = append(numbers, s.inverse(made)), append(weights, input.Weight), append(positions, i)
	}
	return numbers, weights, positions, nil
}
