// Package query compiles a JSON query into a plan and binds the plan to parameter
// values: which spaces, which inputs and weights, how many rows, which fields. It
// embeds nothing and scores nothing.
package query

import (
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// Caps on a query document.
const (
	MaxBytes   = 1 << 20
	maxClauses = 256
	maxOptions = 4096
	maxNow     = 1 << 40 // unix seconds, some thirty thousand years; a count of milliseconds is beyond it
)

// Catalog finds what a query names.
type Catalog interface {
	// Index returns an index by name.
	Index(name string) (Searched, bool)
	// IndexNames lists the indices, for messages.
	IndexNames() []string
}

// Searched is an index as queries see it.
type Searched struct {
	Index   *space.Index
	Schemas []*schema.Schema // those that can be queried in it
	// Listed are the fields of each schema that can be filtered by, Excluded those that cannot be selected.
	Listed, Excluded map[string]map[string]bool
}

// Plan is a compiled query. It is read-only and safe for concurrent use.
type Plan struct {
	Index  *space.Index
	Schema *schema.Schema

	excluded, listed map[string]bool  // fields of the schema that cannot be selected, and that can be filtered by
	spaceWeights     []*Operand       // by space of the index; nil: not named
	schemas          []*schema.Schema // of the index
	clauses          []clause
	withVector       *withVector   // nil: none
	filters          [][]condition // an AND of ORs
	facets           Facets
	selection        *Operand // list of names; nil with selectAll or for nothing
	selectAll        bool
	limit, radius    *Operand
	now              *Operand // what counts as the present; nil: the engine's
	partialScores    bool
	vectorParts      []int
	contributionRows int
	params           map[string][]*Operand
}

type clause struct {
	space  int
	target space.Target
	value  *Operand
	weight *Operand // nil: 1
}

// Bound is a plan with parameter values.
type Bound struct {
	// Weights has one weight a space of the index.
	Weights []float64
	// Reasons says where each of the weights comes from.
	Reasons []Reason
	Clauses []Clause
	// WithVector is the clause that names a stored row; nil: there is none.
	WithVector *WithVector
	// Now is what counts as the present, in unix seconds; nil: the query does not say.
	Now *int64
	// Filter says which rows may be found.
	Filter filter.Filter
	// Facets are what to count among these rows.
	Facets Facets
	// Limit is the most rows to return; negative for all.
	Limit int
	// Radius keeps rows with a score of at least 1 - *Radius; nil for all.
	Radius *float64
	// Fields are positions in the schema, in the order asked for.
	Fields           []int
	PartialScores    bool
	VectorParts      []int // spaces of the index, ascending
	ContributionRows int
	// Params are the values used of all named parameters. One without a value is nil; one that weighs is its weight in effect.
	Params map[string]any
}

// Clause is a `.similar` clause with its values.
type Clause struct {
	Space  int
	Target space.Target
	Param  string // of the value; "" for a literal
	Where  string // names the value in messages
	Value  any    // string, blob.Value, float64, []string or []float64, by Target.Kind; nil where not given
	Weight float64
}

// Active says whether the clause takes part.
func (c Clause) Active() bool { return c.Value != nil && c.Weight != 0 }

// valueError is the reference's message for a value of the wrong type.
func valueError(value any, allowed string) *errs.Error {
	return errs.New(errs.InvalidInput, "Value (%s) is of wrong type. Allowed types are: [%s]", show(value), allowed)
}
