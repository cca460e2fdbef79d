package space

import (
	"context"
	"math"

	"github.com/innerspace/innerspace/core/vector"
)

func (s *recencySpace) Missing() vector.Vector {
	return vector.Vector{Values: make([]float32, s.Dimension()), Protected: s.Protected(nil)}
}

// Protected marks the last entry, whatever the values.
func (s *recencySpace) Protected([]float32) []bool {
	protected := make([]bool, s.Dimension())
	protected[len(protected)-1] = true
	return protected
}

// end is where all periods end, for a present in unix seconds.
func (s *recencySpace) end(now int64) int64 {
	day := now / daySeconds
	if now%daySeconds < 0 {
		day--
	}
	return (day+1)*daySeconds + s.offset
}

// embed is the formula for one timestamp; outside is the last entry for one outside the longest period, inside for one within.
func (s *recencySpace) embed(x float64, end int64, outside, inside float64) vector.Vector {
	made := s.Missing()
	last := len(made.Values) - 1
	made.Values[last] = float32(outside)
	for i, p := range s.periods {
		start := end - p.seconds
		if x < float64(start) || x > float64(end) {
			continue
		}
		if i == len(s.periods)-1 {
			made.Values[last] = float32(inside)
		}
		angle := (x - float64(start)) / float64(p.seconds) * math.Pi / 2
		made.Values[2*i] = float32(p.weight * math.Cos(angle))
		made.Values[2*i+1] = float32(p.weight * math.Sin(angle))
	}
	return made.Divide(s.norm)
}

// inverse gives the timestamp back, to the second or a few of them: as precise as float32 is over the longest period.
// What lay outside comes back as the second before its start.
func (s *recencySpace) inverse(v vector.Vector, end int64) float64 {
	longest := s.periods[len(s.periods)-1]
	start := float64(end - longest.seconds)
	n := len(v.Values)
	cosine, sine := float64(v.Values[n-3])*s.norm, float64(v.Values[n-2])*s.norm
	if cosine == 0 && sine == 0 {
		return start - 1
	}
	return math.RoundToEven(math.Atan2(sine, cosine)*2/math.Pi*float64(longest.seconds)) + start
}

func (s *recencySpace) Encode(_ context.Context, schema string, rows Rows, progress func(int)) (*Encoding, error) {
	field, end := s.fields[schema], s.end(rows.Now())
	return encodeEach(rows, field, s.Missing(), progress, func(row int) (vector.Vector, bool, error) {
		x, ok := rows.Number(row, field)
		if !ok {
			return vector.Vector{}, false, nil
		}
		return s.embed(x, end, s.negativeFilter, 0), true, nil
	}), nil
}

func (s *recencySpace) Query(_ context.Context, inputs []Input, now int64) (*QueryVector, error) {
	end := s.end(now)
	// The present is an input as well; that it was embedded and turned back is part of the formula.
	numbers := []float64{s.inverse(s.embed(float64(now), end, 1, 1), end)}
	weights := []float64{1}
	var positions []int
	for i, input := range inputs {
		if input.Stored != nil && input.Weight != 0 {
			numbers, weights = append(numbers, s.inverse(*input.Stored, end)), append(weights, input.Weight)
			positions = append(positions, i)
		}
	}
	wanted, shares, err := s.aggregation.of(numbers, weights)
	if err != nil {
		return nil, err
	}
	ofInputs := make([]float64, len(inputs))
	for i, position := range positions {
		ofInputs[position] = shares[i+1]
	}
	made := s.embed(wanted, end, 1, 1)
	return &QueryVector{Vector: made, Shares: spread(made.Values, ofInputs)}, nil
}
