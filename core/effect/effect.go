// Package effect says how events change the vectors of entities: an event names an entity that it affects and one
// that it takes the direction from. It does the arithmetic of one event and knows nothing of stores, batches or JSON.
package effect

import (
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Settings are those of an index. Temperature, Influence and DecayFloor are between 0 and 1.
type Settings struct {
	MaxAge      int64   // seconds; 0: as old as the oldest event of the entity
	Temperature float64 // how much the latest event counts against those before it
	Influence   float64 // how much events count against the entity's own vector
	DecayFloor  float64 // what is left of past events at the greatest age
}

// DefaultSettings are those of an index that names none.
func DefaultSettings() Settings { return Settings{Temperature: 0.5, Influence: 0.5, DecayFloor: 1} }

// Effect is what events that pass a filter do.
type Effect struct {
	Multiplier float64
	Filter     filter.Filter
}

// Group is all effects in one space of events of one schema with the same two references.
type Group struct {
	Event               string // the schema of the events
	Space               int    // position in the index
	Affected, Affecting Reference
	Effects             []Effect
}

// Reference is a field of an event that names an entity.
type Reference struct {
	Field  int    // position in the event schema
	Schema string // of the entity
}

// Multipliers are those of the effects whose filter an event passes, by the values of its fields.
func (g *Group) Multipliers(values []schema.Value) (multipliers []float64) {
	for _, effect := range g.Effects {
		if effect.Filter.Matches(values) {
			multipliers = append(multipliers, effect.Multiplier)
		}
	}
	return multipliers
}

// Combiner combines vectors of one space; space.Space is one.
type Combiner interface {
	Combine(terms []vector.Weighted, now int64, normalized bool) (vector.Vector, error)
}

// Past is what an entity keeps of the events of a group.
type Past struct {
	Count   int64         // of effects, not of events: an event may have several
	Average int64         // time of the events, in unix seconds, rounded up
	Oldest  int64         // time, in unix seconds
	Vector  vector.Vector // of all events so far, not normalized
}

// After returns the past after one more event at the given time, with the multipliers of its effects, of which there
// is at least one. affecting is the own vector of the entity that the event takes its direction from.
func (s Settings) After(past Past, space Combiner, affecting vector.Vector, multipliers []float64, created, now int64) (Past, error) {
	if len(multipliers) == 0 {
		return past, errs.New(errs.Internal, "an event without an effect has no part in the past")
	}
	mean := 0.0
	for _, m := range multipliers {
		mean += m / float64(len(multipliers))
	}
	latest, err := space.Combine([]vector.Weighted{{Vector: affecting, Weight: mean}}, now, false)
	if err != nil {
		return past, err
	}
	k := int64(len(multipliers))
	next := Past{Count: past.Count + k, Oldest: created}
	if past.Count > 0 {
		next.Oldest = min(past.Oldest, created)
	}
	next.Average = int64(math.Ceil((float64(past.Average)*float64(past.Count) + float64(created)*float64(k)) / float64(next.Count)))
	terms := []vector.Weighted{{Vector: latest, Weight: s.Temperature}}
	if past.Count > 0 {
		weight := s.decay(next, now) * float64(next.Count-1) * (1 - s.Temperature)
		terms = append(terms, vector.Weighted{Vector: past.Vector, Weight: weight})
	}
	next.Vector, err = space.Combine(shares(terms), now, false)
	return next, err
}

// decay is what is left of past events at their average age.
func (s Settings) decay(past Past, now int64) float64 {
	greatest, age := float64(s.MaxAge), float64(now-past.Average)
	if s.MaxAge == 0 {
		greatest = float64(now - past.Oldest)
	}
	switch {
	case greatest == 0:
		return 1
	case greatest < age:
		return 0
	}
	return (1-age/greatest)*(1-s.DecayFloor) + s.DecayFloor
}

// shares divides the weights by the sum of their sizes.
func shares(terms []vector.Weighted) []vector.Weighted {
	sum := 0.0
	for _, term := range terms {
		sum += math.Abs(term.Weight)
	}
	if sum > 0 {
		for i := range terms {
			terms[i].Weight /= sum
		}
	}
	return terms
}

// Apply returns an entity's vector in a space: its own one, moved by the events of the groups of this space. Without
// events it is its own.
func (s Settings) Apply(own vector.Vector, pasts []Past, space Combiner, now int64) (vector.Vector, error) {
	var terms []vector.Weighted
	for _, past := range pasts {
		if past.Count > 0 {
			terms = append(terms, vector.Weighted{Vector: past.Vector, Weight: s.Influence})
		}
	}
	if terms == nil {
		return own, nil
	}
	return space.Combine(append(terms, vector.Weighted{Vector: own, Weight: 1 - s.Influence}), now, true)
}

// Reads are the positions of the fields of an event that the filters read.
func (g *Group) Reads() (fields []int) {
	for _, effect := range g.Effects {
		for _, alternatives := range effect.Filter {
			for _, condition := range alternatives {
				fields = append(fields, condition.Field)
			}
		}
	}
	return fields
}
