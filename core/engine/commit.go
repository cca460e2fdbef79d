package engine

import (
	"context"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
)

// commit stores the good rows of a unit as one.
func (p *putting) commit(ctx context.Context, unit []*stagedRow, batches int) error {
	if p.table.schema.Event {
		return p.commitEvents(ctx, unit, batches)
	}
	rows := p.last(unit)
	if p.table.affected {
		p.engine.histories.Lock()
		defer p.engine.histories.Unlock()
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.recall(rows); err != nil {
			return err
		}
		outcome, err := p.engine.store.Commit(p.table.schema.Name, p.changes(rows))
		if err != nil {
			return err
		}
		if len(outcome.Conflicts) == 0 {
			p.committed(rows, outcome.Before, batches)
			return nil
		}
		// Another put or delete came between reading the stored values and now: merge those rows anew.
		stale := make([]*stagedRow, len(outcome.Conflicts))
		for i, position := range outcome.Conflicts {
			stale[i] = rows[position]
		}
		if err := p.fill(ctx, stale); err != nil {
			return err
		}
		p.demandUnstored(stale)
		p.demand(stale)
		if err := p.encode(ctx, stale); err != nil {
			return err
		}
		if p.stopped() {
			return nil
		}
		rows = kept(rows)
	}
}

// last leaves out rows whose id a later row of the unit has.
func (p *putting) last(unit []*stagedRow) []*stagedRow {
	p.units++
	latest := make(map[string]*stagedRow, len(unit))
	for _, row := range unit {
		if latest[row.id] != nil || p.seen[row.id] != 0 && p.seen[row.id] != p.units {
			p.found.repeated.add(row.id)
		}
		latest[row.id] = row
		if p.options.PerBatch {
			p.seen[row.id] = p.units
		}
	}
	rows := make([]*stagedRow, 0, len(latest))
	for _, row := range unit {
		if latest[row.id] == row {
			rows = append(rows, row)
		}
	}
	return rows
}

func kept(rows []*stagedRow) []*stagedRow {
	var left []*stagedRow
	for _, row := range rows {
		if !row.refused {
			left = append(left, row)
		}
	}
	return left
}

func (p *putting) changes(rows []*stagedRow) []store.Change {
	changes := make([]store.Change, len(rows))
	for i, row := range rows {
		changes[i] = store.Change{ID: row.id, Values: p.table.kept(row.given), Vectors: row.vectors, History: row.keeps(), Chunks: row.chunks}
		if p.options.Partial == Merge {
			changes[i].Expected = &row.version
		}
	}
	return changes
}

// committed takes note of what a commit did to the rows it replaced.
func (p *putting) committed(rows []*stagedRow, before [][]schema.Value, batches int) {
	p.found.report.Batches += batches
	p.found.report.Stored += len(rows)
	if p.options.Partial == Merge {
		return
	}
	for i, row := range rows {
		emptied := false
		for position, field := range p.table.schema.Fields {
			if before[i] == nil || !p.table.uses[field.Name] || row.given[position].Present || !counts(before[i][position], field.Type) {
				continue
			}
			p.found.emptiedOf[field.Name] = true
			emptied = true
		}
		if emptied {
			p.found.emptied.add(row.id)
		}
	}
}

// counts says whether a stored value of a field can have had a part in a vector.
func counts(value schema.Value, kind schema.Type) bool {
	if !value.Present {
		return false
	}
	switch kind {
	case schema.ID, schema.String:
		return value.Text != ""
	case schema.Blob:
		return len(value.Blob) > 0 || value.Text != ""
	case schema.StringList, schema.FloatList:
		return len(value.Texts())+len(value.Floats()) > 0
	}
	return true
}
