package engine

import (
	"context"
	"slices"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/facet"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// searchedTogether is the number of runs whose filters are kept at a time, and after which a call sees that it was cancelled.
const searchedTogether = 64

// search scores the stored rows for runs of one query, all against one state of the rows, and builds their results.
func (p *Prepared) search(ctx context.Context, runs []*running) ([]*Result, error) {
	results := make([]*Result, len(runs))
	for i, r := range runs {
		results[i] = r.result()
	}
	err := p.engine.store.Read(p.plan.Schema.Name, func(snapshot store.Snapshot) error {
		for first := 0; first < len(runs); first += searchedTogether {
			if err := ctx.Err(); err != nil {
				return err
			}
			end := min(first+searchedTogether, len(runs))
			if err := p.searchTogether(snapshot, runs[first:end], results[first:end]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errs.From(err)
	}
	return results, nil
}

// result is one without rows.
func (r *running) result() *Result {
	result := &Result{
		Fields: make([]schema.Field, len(r.bound.Fields)), Rows: []ResultRow{},
		HasPartialScores: r.bound.PartialScores, HasVectorParts: len(r.bound.VectorParts) > 0,
		HasContributions: r.bound.ContributionRows > 0 && len(r.shares) > 0,
		Info:             r.info(),
	}
	for i, position := range r.bound.Fields {
		result.Fields[i] = r.plan.Schema.Fields[position]
	}
	if r.bound.PartialScores {
		r.scales = r.calibratedSpaces()
		for _, s := range r.scales {
			result.Info.CalibratedSpaces = append(result.Info.CalibratedSpaces, r.plan.Index.Spaces[s.position].Name())
		}
	}
	return result
}

// searchTogether fills the results of runs from a snapshot.
func (p *Prepared) searchTogether(snapshot store.Snapshot, runs []*running, results []*Result) error {
	index := p.plan.Index.Name
	searches := make([]vector.Search, len(runs))
	for i, r := range runs {
		allowed, err := r.bound.Filter.Select(snapshot, p.engine.workers())
		if err != nil {
			return err
		}
		results[i].Info.RowsSearched = snapshot.Rows()
		if allowed != nil {
			results[i].Info.RowsSearched = allowed.Count()
		}
		results[i].Info.Facets = r.facets(snapshot, allowed)
		searches[i] = vector.Search{
			Query: r.query.Vector, Limit: r.bound.Limit, Floor: r.floor(), Allowed: allowed, ID: snapshot.ID, Workers: p.engine.workers(),
		}
	}
	found, err := p.engine.best(snapshot, p.plan.Schema.Name, index, searches)
	if err != nil {
		return err
	}
	for i, r := range runs {
		result := results[i]
		result.Rows = make([]ResultRow, len(found[i]))
		for rank, hit := range found[i] {
			r.describe(&result.Rows[rank], snapshot, hit, result.HasContributions && rank < r.bound.ContributionRows)
			result.HasOrigins = result.HasOrigins || result.Rows[rank].Origin != ""
		}
	}
	return nil
}

// facets describes the rows that pass the filter, in the fields that the query asks for.
func (r *running) facets(snapshot store.Snapshot, allowed vector.Bitmap) (facets []facet.Facet) {
	for _, position := range r.bound.Facets.Fields {
		field := r.plan.Schema.Fields[position]
		values := snapshot.Column(position, field.Type)
		if values == nil {
			values = column.Of(position, field.Type, snapshot)
		}
		facets = append(facets, facet.Of(field, values, allowed, r.bound.Facets.Limit))
	}
	return facets
}

// describe fills a row of the result. What it keeps is the row's own: the snapshot ends with the read.
func (r *running) describe(row *ResultRow, snapshot store.Snapshot, hit vector.Hit, contributions bool) {
	row.ID, row.Origin, row.Score = snapshot.ID(hit.Row), snapshot.Origin(hit.Row), float64(hit.Score)
	row.Values = store.Selected(snapshot, hit.Row, r.bound.Fields)
	index := r.plan.Index
	if !r.bound.PartialScores && len(r.bound.VectorParts) == 0 && !contributions {
		return
	}
	stored := snapshot.Vector(index.Name, hit.Row)
	if r.bound.PartialScores {
		row.PartialScores = make([]float64, len(index.Spaces))
		for i := range index.Spaces {
			row.PartialScores[i] = float64(vector.Dot(index.Part(stored, i), index.Part(r.query.Vector, i)))
		}
		row.CalibratedScores = r.calibrated(stored)
	}
	for _, i := range r.bound.VectorParts {
		row.VectorParts = append(row.VectorParts, slices.Clone(index.Part(stored, i)))
	}
	if contributions {
		row.Contributions = r.contributions(stored)
	}
}

func (r *running) info() ResultInfo {
	index := r.plan.Index
	info := ResultInfo{
		SchemaName: r.plan.Schema.Name, SearchVector: r.query.Vector, SearchParams: map[string]any{}, Index: index.Name,
		Clauses: make([]ClauseInfo, len(r.inputs)), Explain: r.explain(), Models: r.engine.modelsOf(index.Spaces), Truncated: []TruncatedInput{},
	}
	info.Truncated = append(info.Truncated, r.truncated...)
	for name, value := range r.bound.Params {
		if image, ok := value.(blob.Value); ok {
			value = nameImage(image)
		}
		info.SearchParams[name] = value
	}
	for _, s := range index.Spaces {
		info.Spaces = append(info.Spaces, s.Name())
	}
	for _, i := range r.bound.VectorParts {
		info.VectorParts = append(info.VectorParts, index.Spaces[i].Name())
	}
	for i, in := range r.inputs {
		info.Clauses[i] = in.info
	}
	return info
}

// explain says which weight each space got and why.
func (r *running) explain() Explanation {
	index := r.plan.Index
	explanation := Explanation{WeightsIgnored: len(index.Spaces) == 1}
	for i, s := range index.Spaces {
		counts := func(x float32) bool { return x != 0 }
		explanation.Spaces = append(explanation.Spaces, SpaceExplanation{
			Space: s.Name(), Weight: r.bound.Weights[i], Source: r.bound.Reasons[i].Source, Param: r.bound.Reasons[i].Param,
			Active: slices.ContainsFunc(index.Part(r.query.Vector, i), counts),
		})
	}
	return explanation
}

// nameImage says in a word what a parameter's image was given as: its text or path, cut where it is long (base64), or its kind.
func nameImage(image blob.Value) string {
	const most = 200
	switch image.Kind {
	case blob.Text, blob.Path:
		text := []rune(string(image.Data[:min(len(image.Data), 4*most)]))
		if len(text) > most {
			return string(text[:most]) + "…"
		}
		return string(text)
	case blob.Raw:
		return image.Mode + " pixels"
	}
	return "bytes"
}

// modelsOf lists the distinct models of spaces.
func (e *Engine) modelsOf(spaces []space.Space) []ModelInfo {
	models := []ModelInfo{}
	for _, s := range spaces {
		reference, ok := s.Model()
		if !ok {
			continue
		}
		info := e.models[reference].Info()
		model := ModelInfo{Name: info.Name, Fingerprint: info.Fingerprint, Dimension: info.Dimension}
		if !slices.Contains(models, model) {
			models = append(models, model)
		}
	}
	return models
}
