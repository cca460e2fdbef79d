package query

import (
	"math"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Bind gives a plan its parameter values. Errors are InvalidInput and name the parameter.
func (p *Plan) Bind(values Values) (*Bound, error) {
	if err := p.unknown(values); err != nil {
		return nil, err
	}
	bound := &Bound{
		PartialScores: p.partialScores, VectorParts: p.vectorParts, ContributionRows: p.contributionRows, Facets: p.facets,
		Params: map[string]any{},
	}
	for _, bind := range []func(*Bound, Values) error{
		p.bindClauses, p.bindWithVector, p.bindWeights, p.bindNow, p.bindFilters, p.bindSelection, p.bindLimit, p.bindRadius,
	} {
		if err := bind(bound, values); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

func (b *Bound) note(o *Operand, value any) {
	if o != nil && o.param != "" {
		b.Params[o.param] = value
	}
}

func (p *Plan) bindClauses(bound *Bound, values Values) error {
	for _, c := range p.clauses {
		clause := Clause{Space: c.space, Target: c.target, Param: c.value.param, Where: c.value.where()}
		value, err := c.value.get(values)
		if err != nil {
			return err
		}
		if clause.Value, err = c.typed(value); err != nil {
			return err
		}
		bound.note(c.value, asGiven(value, clause.Value))
		if clause.Weight, err = bound.weight(c.weight, values); err != nil {
			return err
		}
		bound.Clauses = append(bound.Clauses, clause)
	}
	return nil
}

// asGiven is what the result says that a parameter was: its value in the type that was asked for, but a packed list as it is, since
// packing saves the time of writing it.
func asGiven(value, typed any) any {
	if packed, ok := value.(map[string]any); ok {
		return packed
	}
	return typed
}

func (p *Plan) bindSelection(bound *Bound, values Values) error {
	if p.selectAll {
		bound.Fields = slices.DeleteFunc(p.Schema.Selectable(), func(position int) bool {
			return p.excluded[p.Schema.Fields[position].Name]
		})
		return nil
	}
	if p.selection == nil {
		return nil
	}
	names, err := p.selection.names(values)
	if err != nil {
		return err
	}
	bound.note(p.selection, names)
	var unknown, excluded []string
	for _, name := range names {
		position := p.Schema.Position(name)
		switch {
		case name == "id":
		case position < 0:
			unknown = append(unknown, name)
		case p.excluded[name]:
			excluded = append(excluded, "'"+name+"'")
		case p.Schema.Fields[position].Type != schema.ID && !slices.Contains(bound.Fields, position):
			bound.Fields = append(bound.Fields, position)
		}
	}
	if unknown != nil {
		return errs.New(errs.InvalidInput, "Fields %s not found in schema %s.", strings.Join(unknown, ", "), p.Schema.Name).At(p.selection.where())
	}
	if excluded != nil {
		return errs.New(errs.InvalidInput, "Fields [%s] cannot be selected as they are not stored.", strings.Join(excluded, ", ")).At(p.selection.where())
	}
	return nil
}

func (p *Plan) bindLimit(bound *Bound, values Values) error {
	bound.Limit = -1
	if p.limit == nil {
		return nil
	}
	limit, given, err := p.limit.integer(values, "limit")
	if err != nil {
		return err
	}
	if !given {
		bound.note(p.limit, nil)
		return nil
	}
	bound.note(p.limit, limit)
	switch {
	case limit < -1:
		return errs.New(errs.InvalidInput, "the limit must not be below -1, got %d; -1 means all rows", limit).At(p.limit.where())
	case limit == 0 && p.limit.param == "":
		// A literal 0 means no limit, a parameter's 0 means no rows: the reference's rule.
	default:
		bound.Limit = int(min(limit, math.MaxInt32))
	}
	return nil
}

func (p *Plan) bindRadius(bound *Bound, values Values) error {
	if p.radius == nil {
		return nil
	}
	radius, given, err := p.radius.number(values)
	if err != nil {
		return err
	}
	if !given {
		bound.note(p.radius, nil)
		return nil
	}
	bound.note(p.radius, radius)
	if radius < 0 || radius > 1 {
		return errs.New(errs.InvalidInput, "Not a valid Radius value (%g). It should be between 1 and 0.", radius).At(p.radius.where())
	}
	if radius != 0 {
		bound.Radius = &radius
	}
	return nil
}

// bindNow takes the moment that the query says is the present.
func (p *Plan) bindNow(bound *Bound, values Values) error {
	if p.now == nil {
		return nil
	}
	value, err := p.now.get(values)
	if err != nil || value == nil {
		bound.note(p.now, nil)
		return err
	}
	typed, whole, err := wholeNumber(value)
	if err != nil {
		return at(err, p.now)
	}
	if !whole {
		return valueError(value, "'A single int'").At(p.now.where())
	}
	now := typed.(int64)
	bound.note(p.now, now)
	if now < -maxNow || now > maxNow {
		return errs.New(errs.InvalidInput, "the time %d is not one in unix seconds; give seconds, not milliseconds", now).At(p.now.where())
	}
	bound.Now = &now
	return nil
}
