package query

import (
	"slices"

	"github.com/innerspace/innerspace/core/document"
)

// Source says where the weight of a space comes from; the strings stand in results.
type Source string

const (
	// FromQuery is a number in the query.
	FromQuery Source = "query"
	// FromParam is a parameter's value.
	FromParam Source = "param"
	// FromDefault is a parameter's default.
	FromDefault Source = "param_default"
	// FromSimilar is the 1 of a space that a `.similar` clause names, even one without a value.
	FromSimilar Source = "similar"
	// FromVector is the 1 of all other spaces where there is a `.with_vector` clause, even one without an id.
	FromVector Source = "with_vector"
	// Unmentioned is the 0 of a space that nothing in the query names.
	Unmentioned Source = "unmentioned"
)

// Reason is why a space has its weight.
type Reason struct {
	Source Source
	Param  string // of the weight, given or not; "" for none
}

func (p *Plan) readWeights(object document.Object) {
	if list, ok := object.Get("space_weights"); ok {
		p.readSpaceWeights(list, p.spaceWeights)
	}
}

// readSpaceWeights reads a list of spaces and their weights, by position of the space.
func (p *Plan) readSpaceWeights(list document.Node, into []*Operand) {
	for _, item := range list.List(maxClauses) {
		entry := item.Object("space", "weight")
		name := entry.Need("space")
		position := p.readSpace(name)
		if position < 0 {
			return
		}
		if into[position] != nil {
			name.Fail("Attempted to bound space weight(s) for %s space(s) in Query multiple times.", name.Text())
		}
		into[position] = p.readOperand(entry.Need("weight"))
	}
}

// bindWeights follows the order: given or literal weight; default; 1 for a space that a clause of the query
// names, even one without a value, else 0.
func (p *Plan) bindWeights(bound *Bound, values Values) error {
	bound.Weights = make([]float64, len(p.spaceWeights))
	bound.Reasons = make([]Reason, len(p.spaceWeights))
	for i, operand := range p.spaceWeights {
		weight, reason := 0.0, Reason{Source: Unmentioned}
		switch {
		case slices.ContainsFunc(p.clauses, func(c clause) bool { return c.space == i }):
			weight, reason.Source = 1, FromSimilar
		case p.withVector != nil:
			weight, reason.Source = 1, FromVector
		}
		if operand != nil {
			number, given, err := operand.number(values)
			if err != nil {
				return err
			}
			reason.Param = operand.param
			switch {
			case given:
				weight, reason.Source = number, operand.source(values)
				bound.note(operand, number)
			case reason.Source == Unmentioned:
				bound.note(operand, nil)
			default:
				bound.note(operand, weight)
			}
		}
		bound.Weights[i], bound.Reasons[i] = weight, reason
	}
	return nil
}

// source says where a value that the operand has comes from.
func (o *Operand) source(values Values) Source {
	switch {
	case o.param == "":
		return FromQuery
	case values.Scalars[o.param] != nil:
		return FromParam
	}
	return FromDefault
}
