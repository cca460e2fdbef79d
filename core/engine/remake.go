package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
)

// noteLost writes the rows of which a repair takes vectors into the manifest.
func noteLost(ids map[string][]string, metadata map[string][]byte) (map[string][]byte, error) {
	m, err := readManifest(metadata[manifestName])
	if err != nil {
		return nil, err
	}
	lost := map[string][]string{}
	maps.Copy(lost, m.Lost)
	for of, more := range ids {
		all := slices.Concat(lost[of], more)
		slices.Sort(all)
		lost[of] = slices.Compact(all)
	}
	m.Lost = lost
	text, err := m.write()
	return map[string][]byte{manifestName: text}, err
}

// remake embeds rows anew of which a repair took vectors. Those that cannot be embedded stay noted.
func (o *opening) remake(ctx context.Context, target *manifest) error {
	if len(target.Lost) == 0 {
		return nil
	}
	left := map[string][]string{}
	for _, of := range slices.Sorted(maps.Keys(target.Lost)) {
		failures, made, err := o.engine.remake(ctx, of, target.Lost[of])
		if err != nil {
			return err
		}
		if made > 0 {
			o.engine.durable.added = append(o.engine.durable.added, fmt.Sprintf("the vectors of %d %s of %s were made anew, after a repair", made, plural(made, "row", "rows"), of))
		}
		for _, failure := range failures {
			if !slices.Contains(left[of], failure.ID) {
				left[of] = append(left[of], failure.ID)
			}
		}
		if n := len(left[of]); n > 0 {
			o.engine.durable.removed = append(o.engine.durable.removed, fmt.Sprintf("%d %s of %s cannot be found since a repair, because %s cannot be embedded anew: %q, field %s: %s",
				n, plural(n, "row", "rows"), of, plural(n, "it", "they"), failures[0].ID, failures[0].Field, failures[0].Reason))
		}
	}
	done := *target
	if done.Lost = left; len(left) == 0 {
		done.Lost = nil
	}
	return o.define(&done, done.Tables)
}

// remake puts stored rows again as they are.
func (e *Engine) remake(ctx context.Context, of string, ids []string) (failures []RowError, made int, err error) {
	t, err := e.table(of)
	if err != nil {
		return nil, 0, err
	}
	p := &putting{
		engine: e, table: t, options: PutOptions{Schema: of, OnError: Skip, Partial: Reset}, found: newFindings(t.schema), meter: newMeter(nil, len(ids)),
		rejects: map[int][]RowError{}, seen: map[string]int{}, now: e.now(),
	}
	for batch := range slices.Chunk(ids, extendBatch) {
		rows, err := p.stored(ctx, batch)
		if err != nil {
			return nil, 0, err
		}
		if err := p.encode(ctx, rows); err != nil {
			return nil, 0, errs.From(err)
		}
		if err := p.commit(ctx, kept(rows), 1); err != nil {
			return nil, 0, errs.From(err)
		}
	}
	return p.found.report.Errors, p.found.report.Stored, nil
}

// stored stages rows as they are in the store, with their pictures.
func (p *putting) stored(ctx context.Context, ids []string) (rows []*stagedRow, err error) {
	fields := p.table.schema.Fields
	err = p.engine.store.Read(p.table.schema.Name, func(snapshot store.Snapshot) error {
		for _, id := range ids {
			if found, ok := snapshot.Find(id); ok {
				p.position++
				rows = append(rows, &stagedRow{position: p.position, id: id, given: slices.Clone(found.Values), contents: make([]blob.Content, len(fields))})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var pictures []elsewhere
	for position, field := range fields {
		for _, row := range rows {
			if isElsewhere(row.given[position], field.Type) && p.table.uses[field.Name] {
				pictures = append(pictures, elsewhere{&row.given[position], func(err error) {
					reason := errs.From(err)
					p.refuse(row, field.Name, reason.Status, reason.Error())
				}})
			}
		}
	}
	if err := p.engine.fetchAll(ctx, pictures); err != nil {
		return nil, err
	}
	for position, field := range fields {
		if field.Type == schema.Blob {
			for _, row := range rows {
				row.contents[position] = blob.Content{Encoded: row.given[position].Blob, Origin: "the stored picture"}
			}
		}
	}
	return kept(rows), nil
}
