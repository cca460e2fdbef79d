package query

import (
	"slices"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// withVector is the clause that asks for rows like a stored one.
type withVector struct {
	schema  string
	id      *Operand
	weight  *Operand   // for all spaces; nil: 1
	weights []*Operand // by space of the index; nil, or nil in it: 1
}

// WithVector is a `.with_vector` clause with its values.
type WithVector struct {
	Schema string
	ID     string // "" with Given false: no id was given
	Given  bool
	Param  string // of the id; "" for a literal
	Where  string // names the id in messages
	// Weights has one weight a space of the index.
	Weights []float64
}

// Active says whether the clause takes part.
func (w *WithVector) Active() bool {
	return w != nil && w.Given && slices.ContainsFunc(w.Weights, func(weight float64) bool { return weight != 0 })
}

func (p *Plan) readWithVector(item document.Node) {
	object := item.Object("type", "schema", "id", "weight", "weights")
	if p.withVector != nil {
		item.Fail("Query cannot have more than one BaseLooksLikeFilterClause, got 2.")
		return
	}
	read := &withVector{}
	p.withVector = read
	name := object.Need("schema")
	read.schema = name.Text()
	if !slices.ContainsFunc(p.schemas, func(s *schema.Schema) bool { return s.Name == read.schema }) {
		name.FailWith(errs.New(errs.NotFound, "the index %s has no rows of a schema %q", p.Index.Name, read.schema))
	}
	read.id = p.readOperand(object.Need("id"))
	if weight, ok := object.Get("weight"); ok && !weight.IsNull() {
		read.weight = p.readOperand(weight)
	}
	list, ok := object.Get("weights")
	if !ok || list.IsNull() {
		return
	}
	if read.weight != nil {
		list.Fail(`has no place beside "weight": give one for all spaces, or one for each`)
	}
	read.weights = make([]*Operand, len(p.Index.Spaces))
	p.readSpaceWeights(list, read.weights)
}

func (p *Plan) bindWithVector(bound *Bound, values Values) error {
	clause := p.withVector
	if clause == nil {
		return nil
	}
	made := &WithVector{Schema: clause.schema, Param: clause.id.param, Where: clause.id.where()}
	value, err := clause.id.get(values)
	if err != nil {
		return err
	}
	if value != nil {
		if made.ID, made.Given = value.(string); !made.Given {
			return valueError(value, "'A single str'").At(made.Where)
		}
	}
	bound.note(clause.id, value)
	for i := range p.Index.Spaces {
		operand := clause.weight
		if clause.weights != nil {
			operand = clause.weights[i]
		}
		weight, err := bound.weight(operand, values)
		if err != nil {
			return err
		}
		made.Weights = append(made.Weights, weight)
	}
	bound.WithVector = made
	return nil
}

// weight is the weight of a clause, 1 where it has none.
func (b *Bound) weight(operand *Operand, values Values) (float64, error) {
	if operand == nil {
		return 1, nil
	}
	weight, given, err := operand.number(values)
	if err != nil {
		return 0, err
	}
	if !given {
		weight = 1
	}
	b.note(operand, weight)
	return weight, nil
}
