package engine

import (
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

// search scores the stored rows and builds the result.
func (r *running) search() (*Result, error) {
	result := &Result{
		Fields: make([]schema.Field, len(r.bound.Fields)), Rows: []ResultRow{},
		HasPartialScores: r.bound.PartialScores, HasVectorParts: len(r.bound.VectorParts) > 0,
		HasContributions: r.bound.ContributionRows > 0 && len(r.shares) > 0,
		Info:             r.info(),
	}
	for i, position := range r.bound.Fields {
		result.Fields[i] = r.plan.Schema.Fields[position]
	}
	var calibrated []calibratedSpace
	if r.bound.PartialScores {
		calibrated = r.calibratedSpaces()
		for _, s := range calibrated {
			result.Info.CalibratedSpaces = append(result.Info.CalibratedSpaces, r.plan.Index.Spaces[s.position].Name())
		}
	}
	index := r.plan.Index.Name
	err := r.engine.store.Read(r.plan.Schema.Name, func(snapshot store.Snapshot) error {
		allowed, err := r.bound.Filter.Select(snapshot, r.engine.workers())
		if err != nil {
			return err
		}
		result.Info.RowsSearched = snapshot.Rows()
		if allowed != nil {
			result.Info.RowsSearched = allowed.Count()
		}
		result.Info.Facets = r.facets(snapshot, allowed)
		hits, err := r.engine.best(r.plan.Schema.Name, index, vector.Search{
			Query: r.query.Vector, Limit: r.bound.Limit, Floor: r.floor(), Allowed: allowed,
			ID: snapshot.ID, Workers: r.engine.workers(),
		}, snapshot.Blocks(index))
		if err != nil {
			return err
		}
		result.Rows = make([]ResultRow, len(hits))
		for rank, hit := range hits {
			r.describe(&result.Rows[rank], snapshot, hit, calibrated, result.HasContributions && rank < r.bound.ContributionRows)
			result.HasOrigins = result.HasOrigins || result.Rows[rank].Origin != ""
		}
		return nil
	})
	if err != nil {
		return nil, errs.From(err)
	}
	return result, nil
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
func (r *running) describe(row *ResultRow, snapshot store.Snapshot, hit vector.Hit, calibrated []calibratedSpace, contributions bool) {
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
		row.CalibratedScores = r.calibrated(calibrated, stored)
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
