package engine

import (
	"context"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
	"github.com/innerspace/innerspace/core/vector"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// approximateDefinition is how an index is to be searched approximately. What is 0 has its default.
type approximateDefinition struct {
	width, neighbours, buildWidth int
	recall                        float64
}

// Caps on the numbers of an approximate index. More neighbours or width cost time and memory, and find what the exact search finds sooner. All
// of the best rows are found by the exact search; less than half of them is nothing to ask for.
const (
	leastRecall   = 0.5
	maxWidth      = 1 << 14
	minNeighbours = 4
	maxNeighbours = 64
)

func readApproximate(node document.Node) *approximateDefinition {
	object := node.Object("width", "recall", "neighbours", "build_width")
	read := &approximateDefinition{}
	for key, into := range map[string]struct {
		number      *int
		least, most int64
	}{
		"width": {&read.width, 1, maxWidth}, "neighbours": {&read.neighbours, minNeighbours, maxNeighbours}, "build_width": {&read.buildWidth, 1, maxWidth},
	} {
		if value, ok := object.Get(key); ok && !value.IsNull() {
			*into.number = int(value.Integer(into.least, into.most))
		}
	}
	if recall, ok := object.Get("recall"); ok && !recall.IsNull() {
		if read.recall = recall.Number(); !(read.recall >= leastRecall && read.recall < 1) {
			recall.Fail("must be a number from %v to below 1, got %v", leastRecall, read.recall)
		}
		if read.width > 0 {
			recall.Fail("a width was given too; which width finds that share is measured: leave one of them out")
		}
	}
	return read
}

// approximate puts graphs beside the store where indices ask for them.
func (e *Engine) approximate(d *definition) error {
	var wanted []approximate.Index
	for position, definition := range d.indices {
		asked := definition.approximate
		if asked == nil {
			continue
		}
		path := itemPath("$.indices", position) + ".approximate"
		index := e.indices[position]
		if index.Dimension() > graph.MaxDimension {
			return errs.New(errs.Unsupported, "the approximate search takes vectors of up to %d numbers, those of the index %s have %d",
				graph.MaxDimension, index.Name, index.Dimension()).At(path)
		}
		var parts []int
		for _, s := range index.Spaces {
			parts = append(parts, s.Dimension())
		}
		for _, t := range e.tables {
			if t.parts[index] != nil {
				wanted = append(wanted, approximate.Index{
					Schema: t.schema.Name, Name: index.Name, Parts: parts, Width: asked.width, Recall: asked.recall,
					Graph: graph.Options{Neighbours: asked.neighbours, BuildWidth: asked.buildWidth, Workers: e.workers()},
				})
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	beside, err := approximate.New(e.store, wanted)
	if err != nil {
		return err
	}
	e.store, e.graphs = beside, beside
	return nil
}

// best answers searches of a snapshot's index, those that score rows together.
func (e *Engine) best(snapshot store.Snapshot, schema, index string, searches []vector.Search) ([][]vector.Hit, error) {
	if e.graphs == nil {
		return vector.RunMany(searches, snapshot.Blocks(index))
	}
	return e.graphs.Search(snapshot, schema, index, searches)
}

// RecallRequest says which index to measure.
type RecallRequest struct {
	Schema  string
	Index   string
	Queries int // 0: 100
	Limit   int // rows of each query; 0: 10
}

// Caps and defaults of a RecallRequest.
const (
	defaultRecallQueries = 100
	maxRecallQueries     = 10_000
	defaultRecallLimit   = 10
	maxRecallLimit       = 1000
)

// RecallReport is how much an approximate index finds of what the exact search does. Its JSON is what the C ABI gives out.
type RecallReport struct {
	Rows      int     `json:"rows"`       // rows that have a vector
	GraphRows int     `json:"graph_rows"` // of which are in the graph: 0 while there are so few that all are scored
	Queries   int     `json:"queries"`
	Limit     int     `json:"limit"`
	Recall    float64 `json:"recall"` // share of the best rows that is found, all spaces weighing alike
	Width     int     `json:"width"`  // of such searches; 0: all rows are scored
	// Spaces has the same for each space weighing alone, where there are several.
	Spaces []SpaceRecall `json:"spaces"`
	// Medians of the time of a search, in milliseconds.
	Approximate float64 `json:"approximate_milliseconds"`
	Exact       float64 `json:"exact_milliseconds"`
}

// SpaceRecall is the recall of queries that weigh one space only.
type SpaceRecall struct {
	Space  string  `json:"space"`
	Recall float64 `json:"recall"`
}

// Recall waits until an approximate index has caught up with what was put, and measures it on places between rows of its own.
// An index that is not approximate is InvalidInput.
func (e *Engine) Recall(ctx context.Context, request RecallRequest) (RecallReport, error) {
	if err := e.calls.enter(); err != nil {
		return RecallReport{}, err
	}
	defer e.calls.leave()
	if err := e.checkVectors(VectorsRequest{Schema: request.Schema, Index: request.Index}); err != nil {
		return RecallReport{}, err
	}
	queries, limit := request.Queries, request.Limit
	if queries == 0 {
		queries = defaultRecallQueries
	}
	if limit == 0 {
		limit = defaultRecallLimit
	}
	switch {
	case queries < 0 || queries > maxRecallQueries:
		return RecallReport{}, errs.New(errs.InvalidInput, "recall takes from 1 to %d queries, got %d", maxRecallQueries, queries)
	case limit < 0 || limit > maxRecallLimit:
		return RecallReport{}, errs.New(errs.InvalidInput, "recall takes limits from 1 to %d, got %d", maxRecallLimit, limit)
	case e.graphs == nil:
		return RecallReport{}, errs.New(errs.InvalidInput, "the index %s is not approximate", request.Index)
	}
	measured, err := e.graphs.Recall(ctx, request.Schema, request.Index, queries, limit, e.workers())
	if err != nil {
		return RecallReport{}, errs.From(err)
	}
	report := RecallReport{
		Rows: measured.Rows, GraphRows: measured.GraphRows, Queries: measured.Queries, Limit: limit, Recall: measured.Share, Width: measured.Width, Spaces: []SpaceRecall{},
		Approximate: 1000 * measured.Approximate.Seconds(), Exact: 1000 * measured.Exact.Seconds(),
	}
	for _, index := range e.indices {
		if index.Name == request.Index {
			for i, share := range measured.Parts {
				report.Spaces = append(report.Spaces, SpaceRecall{index.Spaces[i].Name(), share})
			}
		}
	}
	return report, nil
}
