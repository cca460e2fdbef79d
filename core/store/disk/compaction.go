package disk

import (
	"context"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
)

// Compacted says what a compaction did.
type Compacted struct {
	Spans   int   // that were rewritten or removed
	Moved   int   // rows that live elsewhere now
	Removed int   // rows of which the bytes are gone
	Bytes   int64 // size of the segments that were removed, without holes counted apart
}

// Compact removes the bytes of rows that were deleted or replaced: it writes what lives of each span that has such rows elsewhere, span by
// span, and removes the span's segments. Reads go on meanwhile, and commits between two spans. Processes that read have removed files open
// until their next read. Spans whose codes an earlier version made are rewritten too. Spans of which half is gone are compacted without being
// asked, in the background.
func (s *Store) Compact(ctx context.Context) (Compacted, error) {
	var done Compacted
	outdated, err := s.outdated()
	if err != nil {
		return done, err
	}
	if err := s.compactSpans(ctx, &done, func(sp *span, live int) bool { return live < sp.used || outdated[sp.id] }); err != nil {
		return done, err
	}
	return done, s.exclusively(func() error { return s.writer.shrink() })
}

// outdated returns the spans that have a segment with codes of another format.
func (s *Store) outdated() (map[int64]bool, error) {
	spans := map[int64]bool{}
	err := s.latest(func(r reading) error {
		for _, t := range r.state.tables {
			for _, i := range t.indices {
				for at, opened := range i.segments {
					if opened != nil && opened.Outdated() {
						spans[t.spans[at].id] = true
					}
				}
			}
		}
		return nil
	})
	return spans, err
}

// compact rewrites the spans that are asked for by how many rows were given out and are there, of those that there are now.
func (s *Store) compact(ctx context.Context, done *Compacted, wanted func(used, live int) bool) error {
	return s.compactSpans(ctx, done, func(sp *span, live int) bool { return wanted(sp.used, live) })
}

func (s *Store) compactSpans(ctx context.Context, done *Compacted, wanted func(sp *span, live int) bool) error {
	seen := map[int64]bool{}
	for {
		if err := ctx.Err(); err != nil {
			return errs.From(err)
		}
		finished := false
		err := s.exclusively(func() error {
			return s.writer.changeDurably(func(ch *changing) error {
				t, at := ch.next(seen, wanted)
				if t == nil {
					finished = true
					return errUnchanged
				}
				return ch.rewrite(t, at, seen, done)
			})
		})
		if err != nil || finished {
			return err
		}
	}
}

// next finds a span to be compacted; none where all are done. Spans made by the compaction itself are newer than any that it has seen.
func (ch *changing) next(seen map[int64]bool, wanted func(sp *span, live int) bool) (*tableState, int) {
	if len(seen) == 0 {
		for _, t := range ch.state.tables {
			for _, sp := range t.spans {
				seen[sp.id] = false
				if !wanted(sp, wordsOf(t.live, sp.first, sp.capacity).Count()) {
					continue
				}
				ch.writer.full[sp.id] = true // what is moved does not go where it would be moved again
				if tail := ch.writer.tails[t.id]; tail != nil && tail.span.id == sp.id {
					ch.writer.leaveTail(t.id)
				}
			}
		}
	}
	for _, t := range ch.state.tables {
		for at, sp := range t.spans {
			done, known := seen[sp.id]
			if known && !done && wanted(sp, wordsOf(t.live, sp.first, sp.capacity).Count()) {
				return t, at
			}
		}
	}
	return nil, 0
}

// rewrite moves the rows of a span to others and removes it.
func (ch *changing) rewrite(t *tableState, at int, seen map[int64]bool, done *Compacted) error {
	sp := t.spans[at]
	seen[sp.id] = true
	live := wordsOf(t.live, sp.first, sp.capacity)
	ch.expected = live.Count()
	for row := range sp.used {
		if !live.Has(row) {
			continue
		}
		if err := ch.move(t, sp.first+row); err != nil {
			return err
		}
	}
	done.Spans++
	done.Moved += live.Count()
	done.Removed += sp.used - live.Count()
	for _, i := range t.indices {
		if i.segments[at] == nil {
			continue
		}
		id := ch.writer.store.segments.identity(i.segments[at].number, i.dimension, sp.capacity)
		if size, err := id.Size(); err == nil {
			done.Bytes += size
		}
		ch.dropped = append(ch.dropped, i.segments[at].number)
	}
	ch.writer.spent[t.id] = append(ch.writer.spent[t.id], sp)
	if err := ch.connection.exec("DELETE FROM segments WHERE span_id=?", sp.id); err != nil {
		return err
	}
	if err := ch.connection.exec("DELETE FROM spans WHERE id=?", sp.id); err != nil {
		return err
	}
	return ch.count(t)
}

// move gives a row another number, with the vectors that it has.
func (ch *changing) move(t *tableState, number int) error {
	vectors := make(map[string][]float32, len(t.indices))
	for name := range t.indices {
		var err error
		if vectors[name], err = ch.vectorOf(t, name, number); err != nil {
			return err
		}
	}
	to, err := ch.add(t, vectors)
	if err != nil {
		return err
	}
	ch.clearBits(t, number)
	return ch.connection.exec(t.sql.move, to, number)
}

// shrink gives pages that the catalogue does not need back to the disk, and empties its log. Where reads hold it up, it leaves what is left to the next.
func (w *writer) shrink() error {
	if w.broken != nil {
		return w.broken
	}
	if err := w.settle(); err != nil {
		return err
	}
	if err := w.connection.sqlite.Exec("PRAGMA incremental_vacuum"); err != nil {
		return err
	}
	if err := w.connection.sqlite.BusyTimeout(time.Second); err != nil {
		return err
	}
	_, _, err := w.connection.sqlite.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	if restored := w.connection.sqlite.BusyTimeout(busyTimeout); restored != nil {
		return restored
	}
	if isBusy(err) {
		return nil
	}
	return err
}

// tidy starts compacting in the background where half of a span is gone.
func (s *Store) tidy() {
	if s.broken != nil {
		return
	}
	latest := s.segments.acquire()
	if latest == nil {
		return
	}
	defer s.segments.leave(latest)
	for _, t := range latest.tables {
		for _, sp := range t.spans {
			if halfGone(sp.used, wordsOf(t.live, sp.first, sp.capacity).Count()) {
				s.tidying.start(func(ctx context.Context) {
					// What fails is tried again after another commit.
					_ = s.compact(ctx, &Compacted{}, halfGone)
				})
				return
			}
		}
	}
}

// halfGone says whether a span is worth compacting by itself. Small ones are not.
func halfGone(used, live int) bool { return used >= smallestSpan && live <= used/2 }
