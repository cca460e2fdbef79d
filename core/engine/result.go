package engine

import (
	"github.com/innerspace/innerspace/core/facet"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/schema"
)

// Result is the answer to a query: rows in order of rank.
type Result struct {
	// Fields are the selected fields in the order asked for; never the id field. They are
	// there for an empty result too.
	Fields []schema.Field
	// Rows are ordered by score, highest first, then by id (code points). A row's rank is its position.
	Rows []ResultRow
	// HasPartialScores, HasVectorParts and HasContributions say which of the optional
	// parts of the rows are filled, for an empty result too.
	HasPartialScores, HasVectorParts, HasContributions bool
	// HasOrigins says whether there are chunks among the rows.
	HasOrigins bool
	Info       ResultInfo
}

// ResultRow is one row found.
type ResultRow struct {
	ID string
	// Origin is the id of the row that a chunk is a piece of; "" for a row that is no chunk.
	Origin string
	Score  float64
	// Values has one value a field of Result.Fields, in their order.
	Values []schema.Value
	// PartialScores has one score a space of the index, in the index' order; they add up to Score.
	PartialScores []float64
	// CalibratedScores has a score from 0 to 1 for each of Info.CalibratedSpaces: how likely the row belongs to what was
	// asked of the space, where as many do as do not. They come with PartialScores and decide nothing.
	CalibratedScores []float64
	// VectorParts has the slices of the stored index vector of the spaces in Info.VectorParts.
	VectorParts [][]float32
	// Contributions has each active clause's share of Score, in the order of the active clauses in
	// Info.Clauses; nil for rows past the query's contribution_rows.
	Contributions []float64
}

// ResultInfo describes a result. Its JSON is the innerspace.result metadata of docs/architecture.md.
type ResultInfo struct {
	SchemaName   string         `json:"schema_name"`
	SearchVector []float32      `json:"search_vector"`
	SearchParams map[string]any `json:"search_params"` // every parameter's value as used; an image stands as what it was given as
	Index        string         `json:"index"`
	Spaces       []string       `json:"spaces"` // of the index, in order
	VectorParts  []string       `json:"vector_parts,omitempty"`
	// CalibratedSpaces are those with calibrated scores: their model has a calibration and the query asks something of them.
	CalibratedSpaces []string         `json:"calibrated_spaces,omitempty"`
	Clauses          []ClauseInfo     `json:"clauses"`
	Explain          Explanation      `json:"explain"`
	Models           []ModelInfo      `json:"models"`
	Truncated        []TruncatedInput `json:"truncated"`
	RowsSearched     int              `json:"rows_searched"` // those that the filters let through
	// Facets describe those rows, in the fields that the query asked for.
	Facets []facet.Facet `json:"facets,omitempty"`
	// Unreachable are selected pictures that the store keeps where they came from, and that are not there.
	Unreachable []UnreachableImage `json:"unreachable,omitempty"`
}

// ClauseInfo says what a clause of the query did in a run. A with_vector clause has one for each space of the index.
type ClauseInfo struct {
	Type   string  `json:"type"` // similar or with_vector
	Space  string  `json:"space"`
	Field  string  `json:"field"` // of the space, "with_vector" where the clause names a stored row
	Param  string  `json:"param"` // of the value; "" for a literal
	Weight float64 `json:"weight"`
	Active bool    `json:"active"` // false: no value, or weight 0
}

// Explanation says which weight each space of the index got in a run, and why.
type Explanation struct {
	// WeightsIgnored: the index has one space, and scores do not depend on its weight.
	WeightsIgnored bool               `json:"weights_ignored"`
	Spaces         []SpaceExplanation `json:"spaces"` // in the order of the index
}

// SpaceExplanation says what a space counted.
type SpaceExplanation struct {
	Space  string       `json:"space"`
	Weight float64      `json:"weight"`
	Source query.Source `json:"source"`
	Param  string       `json:"param"`  // that the query has for the weight, given or not; "" for none
	Active bool         `json:"active"` // false: the space has no part in any score
}

// ModelInfo names a model that made the vectors of an index or an engine.
type ModelInfo struct {
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"`
	Dimension   int    `json:"dimension"`
}

// TruncatedInput is a query text of which only the beginning was embedded.
type TruncatedInput struct {
	Param  string `json:"param"` // "" for a literal
	Tokens int    `json:"tokens"`
	Limit  int    `json:"limit"`
}
