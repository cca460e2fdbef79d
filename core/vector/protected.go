package vector

import "github.com/innerspace/innerspace/core/errs"

// Vector is values of which some may be protected: multiplication and division leave a protected
// entry as it is, save that a factor of 0 makes it 0. Spaces put their negative filters there,
// which so count in full whatever the weights. Operations return new vectors.
type Vector struct {
	Values    []float32
	Protected []bool // nil: none; else as long as Values
}

// Plain returns a vector without protected entries. The values are kept, not copied.
func Plain(values []float32) Vector { return Vector{Values: values} }

func (v Vector) protected(i int) bool { return v.Protected != nil && v.Protected[i] }

// IsZero says whether every entry is 0, protected ones too.
func (v Vector) IsZero() bool {
	for _, value := range v.Values {
		if value != 0 {
			return false
		}
	}
	return true
}

// Scale returns v * factor.
func (v Vector) Scale(factor float64) Vector {
	scaled := Vector{Values: make([]float32, len(v.Values)), Protected: v.Protected}
	if factor == 0 {
		return scaled
	}
	for i, value := range v.Values {
		if v.protected(i) {
			scaled.Values[i] = value
		} else {
			scaled.Values[i] = float32(float64(value) * factor)
		}
	}
	return scaled
}

// Divide returns v / divisor; v itself for a divisor of 0.
func (v Vector) Divide(divisor float64) Vector {
	if divisor == 0 {
		return v
	}
	return v.Scale(1 / divisor)
}

// Norm returns the length over the entries that are not protected.
func (v Vector) Norm() float64 {
	if v.Protected == nil {
		return Norm(v.Values)
	}
	open := make([]float32, 0, len(v.Values))
	for i, value := range v.Values {
		if !v.Protected[i] {
			open = append(open, value)
		}
	}
	return Norm(open)
}

// Concatenate joins vectors end to end.
func Concatenate(parts ...Vector) Vector {
	length, anyProtected := 0, false
	for _, part := range parts {
		length += len(part.Values)
		anyProtected = anyProtected || part.Protected != nil
	}
	joined := Vector{Values: make([]float32, 0, length)}
	if anyProtected {
		joined.Protected = make([]bool, length)
	}
	for _, part := range parts {
		if part.Protected != nil {
			copy(joined.Protected[len(joined.Values):], part.Protected)
		}
		joined.Values = append(joined.Values, part.Values...)
	}
	return joined
}

// Weighted is a vector and its weight in a sum.
type Weighted struct {
	Vector Vector
	Weight float64
}

// WeightedSum adds vectors of one length by weight. Terms of weight 0 do not count; one term alone is
// scaled. Of several, protected entries stay out of the sum, and stand in the result where the sum
// is 0; two different ones in one place are InvalidState. Without terms the result is length zeros.
func WeightedSum(length int, terms []Weighted) (Vector, error) {
	counted := make([]Weighted, 0, len(terms))
	for _, term := range terms {
		if term.Weight != 0 && len(term.Vector.Values) != 0 {
			counted = append(counted, term)
		}
	}
	switch len(counted) {
	case 0:
		return Plain(make([]float32, length)), nil
	case 1:
		return counted[0].Vector.Scale(counted[0].Weight), nil
	}
	sums := make([]float64, length)
	for _, term := range counted {
		for i, value := range term.Vector.Values {
			if !term.Vector.protected(i) {
				sums[i] += float64(float64(value) * term.Weight) // rounded before it is added, or opposite terms would not cancel on arm64
			}
		}
	}
	total := Plain(make([]float32, length))
	for i, sum := range sums {
		total.Values[i] = float32(sum)
	}
	for _, term := range counted {
		for i, protected := range term.Vector.Protected {
			if !protected || sums[i] != 0 {
				continue
			}
			if total.Protected == nil {
				total.Protected = make([]bool, length)
			}
			if total.Protected[i] && total.Values[i] != term.Vector.Values[i] {
				return Vector{}, errs.New(errs.InvalidState, "two vectors protect entry %d with different values: %g and %g",
					i, total.Values[i], term.Vector.Values[i])
			}
			total.Protected[i] = true
			total.Values[i] = term.Vector.Values[i]
		}
	}
	return total, nil
}
