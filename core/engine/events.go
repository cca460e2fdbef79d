package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

const missingCreatedAt = "The mandatory created_at field has missing or has invalid type values in the input object."

// demandOfEvents refuses events without a time, and takes out references that name nothing.
func (p *putting) demandOfEvents(rows []*stagedRow) {
	if !p.table.schema.Event {
		return
	}
	for position, field := range p.table.schema.Fields {
		for _, row := range rows {
			value := row.given[position]
			switch {
			case field.Type == schema.Reference && strings.TrimSpace(value.Text) == "":
				row.take(position)
			case field.Type != schema.CreatedAt || row.id == "":
			case !value.Present:
				p.refuse(row, field.Name, errs.InvalidInput, missingCreatedAt)
			case value.Integer() < -maxNow || value.Integer() > maxNow:
				p.refuse(row, field.Name, errs.InvalidInput,
					fmt.Sprintf("the time %d is not one in unix seconds; give seconds, not milliseconds", value.Integer()))
			}
		}
	}
}

// commitEvents applies events in their order, and stores what they change as one for each schema. The events
// themselves are not kept.
func (p *putting) commitEvents(ctx context.Context, events []*stagedRow, batches int) error {
	p.engine.histories.Lock()
	defer p.engine.histories.Unlock()
	applying := applying{engine: p.engine, now: p.now, changed: map[entity]*entityChange{}}
	created := slices.IndexFunc(p.table.schema.Fields, func(field schema.Field) bool { return field.Type == schema.CreatedAt })
	for _, event := range events {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range p.engine.effects {
			in := &p.engine.effects[i]
			for g := range in.groups {
				if in.groups[g].Event != p.table.schema.Name {
					continue
				}
				if err := applying.apply(in, g, event.given, event.given[created].Integer()); err != nil {
					return errs.From(err).At(fmt.Sprintf("rows[%d]", event.position))
				}
			}
		}
	}
	if err := applying.commit(); err != nil {
		return err
	}
	p.found.report.Batches += batches
	p.found.report.Stored += len(events)
	return nil
}

// entity names a row of any schema.
type entity struct{ schema, id string }

// entityChange is what the events of a put make of a row.
type entityChange struct {
	vectors map[string][]float32 // by index, with the events before the put
	history history
}

// applying is the application of a put's events.
type applying struct {
	engine  *Engine
	now     int64
	changed map[entity]*entityChange
	order   []entity // of changed, as the events came
}

// apply applies an event to the row that it affects by a group of an index.
func (a *applying) apply(in *indexEffects, g int, values []schema.Value, created int64) error {
	group := &in.groups[g]
	multipliers := group.Multipliers(values)
	if len(multipliers) == 0 {
		return nil
	}
	name := func(reference effect.Reference) entity {
		return entity{reference.Schema, values[reference.Field].Text}
	}
	affecting, err := a.own(in, group.Space, name(group.Affecting))
	if err != nil {
		return err
	}
	past, err := a.past(in, name(group.Affected))
	if err != nil {
		return err
	}
	past.pasts[g], err = in.settings.After(past.pasts[g], in.index.Spaces[group.Space], affecting, multipliers, created, a.now)
	return err
}

// own gives a row's own vector in a space, without events; that of a row that is not there is missing.
func (a *applying) own(in *indexEffects, position int, of entity) (own vector.Vector, err error) {
	own = in.index.Spaces[position].Missing()
	if change, ok := a.changed[of]; ok && change.history[in.index.Name] != nil {
		if kept, ok := change.history[in.index.Name].own[position]; ok {
			return kept, nil
		}
	}
	err = a.engine.store.Read(of.schema, func(snapshot store.Snapshot) error {
		row, ok := snapshot.Find(of.id)
		if !ok || !a.engine.searches(of.schema, in.index) {
			return nil
		}
		kept, err := historyOf(row)
		if err != nil {
			return err
		}
		if past := kept[in.index.Name]; past != nil {
			if kept, ok := past.own[position]; ok {
				own = kept
				return nil
			}
		}
		number, _ := snapshot.Number(of.id)
		own = in.index.Stored(slices.Clone(snapshot.Vector(in.index.Name, number)), position)
		return nil
	})
	return own, err
}

// searches says whether rows of a schema have vectors in an index.
func (e *Engine) searches(schema string, index *space.Index) bool {
	t, err := e.table(schema)
	return err == nil && t.parts[index] != nil
}

// past gives the history of a row in an index, for writing. A row that is not there begins with nothing of its own.
func (a *applying) past(in *indexEffects, of entity) (*indexHistory, error) {
	change, ok := a.changed[of]
	if !ok {
		change = &entityChange{vectors: map[string][]float32{}, history: history{}}
		a.changed[of], a.order = change, append(a.order, of)
	}
	name := in.index.Name
	if change.vectors[name] != nil {
		return change.history[name], nil
	}
	err := a.engine.store.Read(of.schema, func(snapshot store.Snapshot) error {
		row, found := snapshot.Find(of.id)
		values := make([]float32, in.index.Dimension())
		if found {
			number, _ := snapshot.Number(of.id)
			copy(values, snapshot.Vector(name, number))
		} else {
			for i, s := range in.index.Spaces {
				in.index.ComposePart(s.Missing(), i, values)
			}
		}
		change.vectors[name] = values
		history, err := historyOf(row)
		if err != nil {
			return err
		}
		if kept := history[name]; kept != nil {
			change.history[name] = kept.clone()
		} else {
			change.history[name] = in.newHistory(of.schema, values)
		}
		// What other indices keep of the row stays with it.
		for other, kept := range history {
			if change.history[other] == nil {
				change.history[other] = kept
			}
		}
		return nil
	})
	return change.history[name], err
}

// commit stores the changed rows, schema by schema.
func (a *applying) commit() error {
	changes := map[string][]store.Change{}
	var schemas []string
	for _, of := range a.order {
		change := a.changed[of]
		for i := range a.engine.effects {
			in := &a.engine.effects[i]
			if values := change.vectors[in.index.Name]; values != nil {
				if err := change.history[in.index.Name].write(in, values, a.now); err != nil {
					return err
				}
			}
		}
		t, err := a.engine.table(of.schema)
		if err != nil {
			return err
		}
		values := make([]schema.Value, len(t.schema.Fields))
		values[t.schema.IDPosition()] = schema.TextValue(of.id)
		if changes[of.schema] == nil {
			schemas = append(schemas, of.schema)
		}
		changes[of.schema] = append(changes[of.schema], store.Change{
			ID: of.id, Values: values, Vectors: change.vectors, History: change.history, KeepChunks: true,
		})
	}
	for _, name := range schemas {
		if _, err := a.engine.store.Commit(name, changes[name]); err != nil {
			return err
		}
	}
	return nil
}
