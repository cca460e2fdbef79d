package engine

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
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
	r, err := p.start(ctx, params)
	if err != nil {
		return nil, err
	}
	results, err := p.search(ctx, []*running{r})
	if err != nil {
		return nil, err
	}
	if err := p.engine.fetchImages(ctx, results[0]); err != nil {
		return nil, errs.From(err)
	}
	return results[0], nil
}

// start makes the query vector of a run.
func (p *Prepared) start(ctx context.Context, params Params) (*running, error) {
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
	return r, nil
}

// running is one run of a query.
type running struct {
	engine *Engine
	plan   *query.Plan
	bound  *query.Bound
	query  *space.Query
	inputs []input // of all clauses, in the order of ResultInfo.Clauses
	// shares has the part of the query vector of its space that each active input makes, and is nil where a space cannot tell.
	shares    [][]float32
	truncated []TruncatedInput
	scales    []calibratedSpace // where partial scores are asked for
}

// input is what one clause asks of one space.
type input struct {
	space  int // position in the index
	info   ClauseInfo
	where  string // names the value in messages
	clause *query.Clause
	stored *vector.Vector // in place of a clause's value
}

// compose makes the query vector.
func (r *running) compose(ctx context.Context) error {
	if err := r.collectInputs(); err != nil {
		return err
	}
	index := r.plan.Index
	inputs := make([][]space.Input, len(index.Spaces))
	origins := make([][]int, len(index.Spaces)) // positions of the inputs in r.inputs
	for i, in := range r.inputs {
		// A stored row that is to weigh nothing in a space is no input like none: it turns extremes off.
		if !in.info.Active && in.stored == nil {
			continue
		}
		made, err := r.spaceInput(ctx, in)
		if err != nil {
			return errs.From(err).At(in.where)
		}
		inputs[in.space], origins[in.space] = append(inputs[in.space], made), append(origins[in.space], i)
	}
	vectors := make([]*space.QueryVector, len(index.Spaces))
	now := r.now()
	for i, s := range index.Spaces {
		made, err := s.Query(ctx, inputs[i], now)
		var bad *space.InputError
		if errors.As(err, &bad) {
			return errs.From(bad.Err).At(r.inputs[origins[i][bad.Input]].where)
		}
		if err != nil {
			return err
		}
		vectors[i] = made
		for _, cut := range made.Truncated {
			param := r.inputs[origins[i][cut.Input]].info.Param
			r.truncated = append(r.truncated, TruncatedInput{Param: param, Tokens: cut.Tokens, Limit: cut.Limit})
		}
	}
	r.query = index.ComposeQuery(vectors, r.bound.Weights)
	if !vector.Finite(r.query.Vector) {
		return errs.New(errs.InvalidInput, "the weights of the query are too large: its vector is out of the range of float32")
	}
	r.collectShares(origins)
	return nil
}

// now is the moment that counts as the present: the query's, else the engine's.
func (r *running) now() int64 {
	if r.bound.Now != nil {
		return *r.bound.Now
	}
	return r.engine.now()
}

// collectInputs lists what the clauses ask of the spaces. An input is active where it has a value and a weight, and
// so has its space where weights count.
func (r *running) collectInputs() error {
	index := r.plan.Index
	weighs := func(space int) bool { return len(r.bound.Weights) == 1 || r.bound.Weights[space] != 0 }
	for i := range r.bound.Clauses {
		c := &r.bound.Clauses[i]
		r.inputs = append(r.inputs, input{space: c.Space, where: c.Where, clause: c, info: ClauseInfo{
			Type: "similar", Space: index.Spaces[c.Space].Name(), Field: c.Target.Name, Param: c.Param, Weight: c.Weight,
			Active: c.Active() && weighs(c.Space),
		}})
	}
	like := r.bound.WithVector
	if like == nil {
		return nil
	}
	var stored []vector.Vector
	if like.Active() {
		var err error
		if stored, err = r.stored(like); err != nil {
			return err
		}
	}
	for i, s := range index.Spaces {
		in := input{space: i, where: like.Where, info: ClauseInfo{
			Type: "with_vector", Space: s.Name(), Field: "with_vector", Param: like.Param, Weight: like.Weights[i],
			Active: stored != nil && like.Weights[i] != 0 && weighs(i),
		}}
		if stored != nil {
			in.stored = &stored[i]
		}
		r.inputs = append(r.inputs, in)
	}
	return nil
}

// stored gives the vectors that the spaces made of the row that a clause names.
func (r *running) stored(like *query.WithVector) (parts []vector.Vector, err error) {
	index := r.plan.Index
	err = r.engine.store.Read(like.Schema, func(snapshot store.Snapshot) error {
		number, ok := snapshot.Number(like.ID)
		if !ok {
			return errs.New(errs.NotFound, "Entity not found for object_id: %s; the schema %s has no row with that id", like.ID, like.Schema).At(like.Where)
		}
		values := slices.Clone(snapshot.Vector(index.Name, number)) // which is the store's own after the read
		for i := range index.Spaces {
			parts = append(parts, index.Stored(values, i))
		}
		return nil
	})
	return parts, err
}

func (r *running) spaceInput(ctx context.Context, in input) (space.Input, error) {
	made := space.Input{Weight: in.info.Weight, Stored: in.stored}
	if in.stored != nil {
		return made, nil
	}
	var err error
	c := in.clause
	made.Target = c.Target.Name
	switch c.Target.Kind {
	case space.TextValue:
		made.Text = c.Value.(string)
	case space.ImageValue:
		made.Image, err = r.engine.resolver.Resolve(ctx, c.Value.(blob.Value))
	case space.NumberValue:
		made.Number = c.Value.(float64)
	case space.CategoriesValue:
		made.Categories = c.Value.([]string)
	case space.NumbersValue:
		made.Numbers = c.Value.([]float64)
	}
	return made, err
}

// collectShares orders the shares of the active inputs as r.inputs does.
func (r *running) collectShares(origins [][]int) {
	shares := map[int][]float32{}
	for i, ofSpace := range origins {
		for j, origin := range ofSpace {
			if r.query.Shares[i] == nil {
				return
			}
			shares[origin] = r.query.Shares[i][j]
		}
	}
	for i, in := range r.inputs {
		if in.info.Active {
			r.shares = append(r.shares, shares[i])
		}
	}
}

// floor is the lowest score that the radius lets through.
func (r *running) floor() float64 {
	if r.bound.Radius == nil {
		return math.Inf(-1)
	}
	return 1 - *r.bound.Radius
}

// contributions tells the shares of the active inputs of a row's score apart.
func (r *running) contributions(values []float32) []float64 {
	shares := make([]float64, 0, len(r.shares))
	for _, in := range r.inputs {
		if in.info.Active {
			part := r.plan.Index.Part(values, in.space)
			shares = append(shares, float64(vector.Dot(part, r.shares[len(shares)])))
		}
	}
	return shares
}
