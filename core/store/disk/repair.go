package disk

import (
	"context"
	"errors"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
)

// errCatalogue says that the catalogue has to be made anew before anything else can be repaired.
var errCatalogue = errors.New("the catalogue is damaged")

// repair removes what is damaged.
func (s *Store) repair(ctx context.Context) (Report, error) {
	x, err := s.examine(ctx)
	if err != nil {
		return x.report, err
	}
	for _, damage := range x.report.Damage {
		if damage.Kind == "catalogue" {
			return x.report, errs.Wrap(errCatalogue, errs.InvalidInput, "the catalogue of the store %s is damaged: %s", s.path, damage.Message)
		}
	}
	x.report.Dropped = map[string][]string{}
	if err := s.exclusively(func() error { return s.writer.changeDurably(x.drop) }); err != nil {
		return x.report, err
	}
	var done Compacted
	return x.report, s.compactSpans(ctx, &done, func(sp *span, _ int) bool { return x.spans[sp.id] })
}

// drop deletes the rows that are not whole.
func (x *examination) drop(ch *changing) error {
	changed := false
	for _, t := range ch.state.tables {
		for number := range x.rows[t.id] {
			id, err := ch.drop(t, number)
			if err != nil {
				return err
			}
			if id != "" {
				x.report.Dropped[t.name] = append(x.report.Dropped[t.name], id)
				changed = true
			}
		}
		slices.Sort(x.report.Dropped[t.name])
		if err := ch.count(t); err != nil {
			return err
		}
	}
	lost, err := x.keep(ch)
	if err != nil {
		return err
	}
	for _, index := range x.graphs {
		if err := ch.forgetGraph(index); err != nil {
			return err
		}
	}
	changed = changed || lost || len(x.graphs) > 0
	if !changed {
		return errUnchanged
	}
	return nil
}

// keep takes damaged vectors out of rows that stay, and says whether there are any.
func (x *examination) keep(ch *changing) (bool, error) {
	x.report.Lost = map[string][]string{}
	for _, t := range ch.state.tables {
		ids := map[string]bool{}
		for _, i := range t.indices {
			for number := range x.lost[i.id] {
				if x.rows[t.id][number] || !ch.has(t, i, number) {
					continue // it is gone altogether
				}
				ch.set(t, i, number, false)
				id, err := ch.connection.bytes(t.sql.origin, number)
				if err == nil && len(id) == 0 {
					id, err = ch.connection.bytes(t.sql.id, number)
				}
				if err != nil {
					return false, err
				}
				ids[string(id)] = true
			}
		}
		if len(ids) > 0 {
			x.report.Lost[t.name] = sortedNames(ids)
		}
	}
	if len(x.report.Lost) == 0 {
		return false, nil
	}
	metadata, err := ch.connection.metadata()
	if err != nil {
		return false, err
	}
	if metadata, err = x.store.options.Lost(x.report.Lost, metadata); err != nil {
		return false, err
	}
	return true, ch.connection.setMetadata(metadata)
}
