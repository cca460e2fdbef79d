package engine

import (
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/vector"
)

// calibratedSpace is a space of the index whose model says how its cosines are to be read.
type calibratedSpace struct {
	position int
	curve    *embed.Curve
}

// calibratedSpaces are those of the index that the query asks something of, in order. A query of texts alone is read as texts,
// any other as pictures where the space has pictures: a stored row that is asked with is one more of them.
func (r *running) calibratedSpaces() []calibratedSpace {
	var found []calibratedSpace
	for i, s := range r.plan.Index.Spaces {
		reference, ok := s.Model()
		if !ok {
			continue
		}
		calibration := r.engine.models[reference].Info().Calibration
		if calibration == nil || !r.asks(i, func(input) bool { return true }) {
			continue
		}
		curve := calibration.TextToText
		if target, err := s.Target("image"); err == nil && target.Kind == space.ImageValue {
			curve = calibration.TextToImage
			if r.asks(i, func(in input) bool { return in.clause == nil || in.clause.Target.Kind == space.ImageValue }) {
				curve = calibration.ImageToImage
			}
		}
		if curve != nil {
			found = append(found, calibratedSpace{i, curve})
		}
	}
	return found
}

// asks tells whether an active input of a space is such.
func (r *running) asks(position int, such func(input) bool) bool {
	for _, in := range r.inputs {
		if in.space == position && in.info.Active && such(in) {
			return true
		}
	}
	return false
}

// calibrated returns a score for each calibrated space: what its curve says of the cosine between the row's part and the query's.
// A row without a vector there is like nothing: it has what the curve gives a cosine of 0.
func (r *running) calibrated(stored []float32) []float64 {
	scores := make([]float64, len(r.scales))
	for i, s := range r.scales {
		row, asked := r.plan.Index.Part(stored, s.position), r.plan.Index.Part(r.query.Vector, s.position)
		cosine := 0.0
		if lengths := vector.Norm(row) * vector.Norm(asked); lengths > 0 {
			cosine = float64(vector.Dot(row, asked)) / lengths
		}
		scores[i] = s.curve.Score(cosine)
	}
	return scores
}
