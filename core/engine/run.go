package engine

import (
	"context"
	"errors"
	"math"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/vector"
)

// Prepared is a compiled query of an engine. It is safe for concurrent use.
type Prepared struct {
	engine *Engine
	plan   *query.Plan
}

// Prepare compiles a JSON query (docs/architecture.md). A mistake is InvalidInput with the path of the place.
func (e *Engine) Prepare(document []byte) (*Prepared, error) {
	if err := e.calls.enter(); err != nil {
		return nil, err
	}
	defer e.calls.leave()
	plan, err := query.Compile(document, catalog{e})
	if err != nil {
		return nil, err
	}
	return &Prepared{engine: e, plan: plan}, nil
}

// catalog shows a query what the engine has.
type catalog struct{ engine *Engine }

func (c catalog) Index(name string) (query.Searched, bool) {
	for _, searched := range c.engine.searched {
		if searched.Index.Name == name {
			return searched, true
		}
	}
	return query.Searched{}, false
}

func (c catalog) IndexNames() []string {
	names := make([]string, len(c.engine.indices))
	for i, index := range c.engine.indices {
		names[i] = index.Name
	}
	return names
}

// Run runs the query with values for its parameters. A mistake in them is InvalidInput and names the parameter as
// "params.name"; an image that cannot be had fails with the status of core/blob or core/imaging. Before any put the
// result is empty, with its fields.
func (p *Prepared) Run(ctx context.Context, params Params) (*Result, error) {
	if err := p.engine.calls.enter(); err != nil {
		return nil, err
	}
	defer p.engine.calls.leave()
	bound, err := p.plan.Bind(query.Values{Scalars: params.Scalars, Images: params.Images})
	if err != nil {
		return nil, err
	}
	r := &running{engine: p.engine, plan: p.plan, bound: bound}
	if err := r.compose(ctx); err != nil {
		return nil, errs.From(err)
	}
	if err := ctx.Err(); err != nil {
		return nil, errs.From(err)
	}
	return r.search()
}

// running is one run of a query.
type running struct {
	engine *Engine
	plan   *query.Plan
	bound  *query.Bound
	query  *space.Query
	// active are the positions of the clauses that take part; shares has each one's part of the query vector of its
	// space, and is nil where a space cannot tell.
	active    []int
	shares    [][]float32
	truncated []TruncatedInput
}

// counts says whether a clause takes part: it has a value and a weight, and so has its space where weights count.
func (r *running) counts(c query.Clause) bool {
	return c.Active() && (len(r.bound.Weights) == 1 || r.bound.Weights[c.Space] != 0)
}

// compose makes the query vector.
func (r *running) compose(ctx context.Context) error {
	index := r.plan.Index
	inputs := make([][]space.Input, len(index.Spaces))
	clauses := make([][]int, len(index.Spaces)) // of the inputs
	for i, c := range r.bound.Clauses {
		if !r.counts(c) {
			continue
		}
		input, err := r.input(ctx, c)
		if err != nil {
			return errs.From(err).At(clausePath(c, i))
		}
		inputs[c.Space], clauses[c.Space] = append(inputs[c.Space], input), append(clauses[c.Space], i)
		r.active = append(r.active, i)
	}
	vectors := make([]*space.QueryVector, len(index.Spaces))
	now := r.engine.now()
	for i, s := range index.Spaces {
		made, err := s.Query(ctx, inputs[i], now)
		var bad *space.InputError
		if errors.As(err, &bad) {
			at := clauses[i][bad.Input]
			return errs.From(bad.Err).At(clausePath(r.bound.Clauses[at], at))
		}
		if err != nil {
			return err
		}
		vectors[i] = made
		for _, cut := range made.Truncated {
			param := r.bound.Clauses[clauses[i][cut.Input]].Param
			r.truncated = append(r.truncated, TruncatedInput{Param: param, Tokens: cut.Tokens, Limit: cut.Limit})
		}
	}
	r.query = index.ComposeQuery(vectors, r.bound.Weights)
	r.collectShares(clauses)
	return nil
}

func (r *running) input(ctx context.Context, c query.Clause) (space.Input, error) {
	input := space.Input{Target: c.Target.Name, Weight: c.Weight}
	var err error
	switch c.Target.Kind {
	case space.TextValue:
		input.Text = c.Value.(string)
	case space.ImageValue:
		input.Image, err = r.engine.resolver.Resolve(ctx, c.Value.(blob.Value))
	case space.NumberValue:
		input.Number = c.Value.(float64)
	case space.CategoriesValue:
		input.Categories = c.Value.([]string)
	case space.NumbersValue:
		input.Numbers = c.Value.([]float64)
	}
	return input, err
}

// collectShares orders the shares of the spaces' inputs by clause.
func (r *running) collectShares(clauses [][]int) {
	shares := map[int][]float32{}
	for i, ofSpace := range clauses {
		for j, clause := range ofSpace {
			if r.query.Shares[i] == nil {
				return
			}
			shares[clause] = r.query.Shares[i][j]
		}
	}
	for _, clause := range r.active {
		r.shares = append(r.shares, shares[clause])
	}
}

// floor is the lowest score that the radius lets through.
func (r *running) floor() float64 {
	if r.bound.Radius == nil {
		return math.Inf(-1)
	}
	return 1 - *r.bound.Radius
}

// contributions tells the clauses' shares of a row's score apart.
func (r *running) contributions(values []float32) []float64 {
	shares := make([]float64, len(r.active))
	for i, clause := range r.active {
		part := r.plan.Index.Part(values, r.bound.Clauses[clause].Space)
		shares[i] = float64(vector.Dot(part, r.shares[i]))
	}
	return shares
}

func clausePath(c query.Clause, position int) string {
	if c.Param != "" {
		return "params." + c.Param
	}
	return itemPath("$.clauses", position) + ".value"
}
