package engine

import (
	"maps"
	"slices"

	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// indexEffects are what events do in an index.
type indexEffects struct {
	index *space.Index
	effects
}

// buildEffects tells the tables what events have to do with them.
func (e *Engine) buildEffects(d *definition) error {
	for i, index := range e.indices {
		made := indexEffects{index, d.indices[i].effects}
		if len(made.groups) == 0 {
			continue
		}
		e.effects = append(e.effects, made)
		for _, group := range made.groups {
			events, err := e.table(group.Event)
			if err != nil {
				return err
			}
			affected, err := e.table(group.Affected.Schema)
			if err != nil {
				return err
			}
			affected.affected = true
			events.needs[events.schema.Fields[group.Affected.Field].Name] = true
			events.needs[events.schema.Fields[group.Affecting.Field].Name] = true
			for _, field := range group.Reads() {
				events.needs[events.schema.Fields[field].Name] = true
			}
		}
	}
	return nil
}

// history is what a row keeps of the events that affected it, by the name of the index. It is never written to once
// it is stored.
type history map[string]*indexHistory

type indexHistory struct {
	own   map[int]vector.Vector // by space that a group changes: the row's own vector, without events
	pasts []effect.Past         // by group of the index
}

func (h *indexHistory) clone() *indexHistory {
	return &indexHistory{own: maps.Clone(h.own), pasts: slices.Clone(h.pasts)}
}

// historyOf gives the history of a stored row; nil where events never affected it.
func historyOf(row store.Row) (history, error) {
	if kept, ok := row.History.(keptHistory); ok {
		return kept.arrangement.history(kept.kept)
	}
	kept, _ := row.History.(history)
	return kept, nil
}

// newHistory begins the history of a row with the given index vector.
func (e *indexEffects) newHistory(schema string, values []float32) *indexHistory {
	made := &indexHistory{own: map[int]vector.Vector{}, pasts: make([]effect.Past, len(e.groups))}
	made.setOwn(e, schema, values)
	return made
}

// setOwn takes the row's own vectors out of an index vector without events.
func (h *indexHistory) setOwn(e *indexEffects, schema string, values []float32) {
	values = slices.Clone(values) // which may be the store's, or the part of a put
	for _, group := range e.groups {
		if group.Affected.Schema == schema {
			h.own[group.Space] = e.index.Stored(values, group.Space)
		}
	}
}

// write puts the events into an index vector.
func (h *indexHistory) write(e *indexEffects, into []float32, now int64) error {
	for position, own := range h.own {
		var pasts []effect.Past
		for i, group := range e.groups {
			if group.Space == position {
				pasts = append(pasts, h.pasts[i])
			}
		}
		part, err := e.settings.Apply(own, pasts, e.index.Spaces[position], now)
		if err != nil {
			return err
		}
		e.index.ComposePart(part, position, into)
	}
	return nil
}

// recall puts the events that affected stored rows into the vectors of the rows that are to replace them.
func (p *putting) recall(rows []*stagedRow) error {
	if !p.table.affected {
		return nil
	}
	return p.engine.store.Read(p.table.schema.Name, func(snapshot store.Snapshot) error {
		for _, row := range rows {
			stored, ok := snapshot.Find(row.id)
			if !ok || row.history != nil { // which is there already where a commit is tried again
				continue
			}
			kept, err := historyOf(stored)
			if err != nil {
				return err
			}
			if err := p.engine.recall(p.table.schema, row, kept, p.now); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Engine) recall(of *schema.Schema, row *stagedRow, kept history, now int64) error {
	for i := range e.effects {
		in := &e.effects[i]
		past, ok := kept[in.index.Name]
		if !ok {
			continue
		}
		past = past.clone()
		past.setOwn(in, of.Name, row.vectors[in.index.Name])
		if err := past.write(in, row.vectors[in.index.Name], now); err != nil {
			return errs.From(err)
		}
		if row.history == nil {
			row.history = history{}
		}
		row.history[in.index.Name] = past
	}
	return nil
}

// keeps is the history as the store takes it: nil for none.
func (r *stagedRow) keeps() any {
	if r.history == nil {
		return nil
	}
	return r.history
}
