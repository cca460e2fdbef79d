package engine

import (
	"context"
	"errors"
	"io"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// putting is one put under way.
type putting struct {
	engine   *Engine
	table    *table
	options  PutOptions
	found    *findings
	meter    *meter
	rejects  map[int][]RowError // of the options, by row
	seen     map[string]int     // ids of good rows so far, by unit
	units    int
	position int   // rows read
	now      int64 // one moment for all rows
}

// Put stores rows: it validates them, fetches and embeds what they hold, and commits them as one, or batch
// by batch with options.PerBatch. Queries see all rows of a commit or none. A row whose id is
// stored already replaces the fields it has and leaves the others; its vectors are made as options.Partial says.
//
// Every bad value is in the report; options.OnError says what happens to its row. Under Raise a put with a bad
// value stores nothing more, and both the report and the error (the status that all bad values share, else InvalidInput) are
// there. With another error (Cancelled, InvalidState, a failing stream or model) nothing of the unit in progress
// is stored; the report is there too where earlier batches were.
func (e *Engine) Put(ctx context.Context, rows Batches, options PutOptions, progress Progress) (*Report, error) {
	if err := e.calls.enter(); err != nil {
		return nil, err
	}
	defer e.calls.leave()
	t, err := e.table(options.Schema)
	if err != nil {
		return nil, err
	}
	if err := checkPutOptions(&options); err != nil {
		return nil, err
	}
	if err := e.checkWritable(); err != nil {
		return nil, err
	}
	p := &putting{
		engine: e, table: t, options: options, found: newFindings(t.schema), meter: newMeter(progress, options.TotalRows),
		rejects: map[int][]RowError{}, seen: map[string]int{}, now: e.now(),
	}
	for _, reject := range options.Rejects {
		p.rejects[reject.Row] = append(p.rejects[reject.Row], reject)
	}
	err = p.run(ctx, rows)
	report := p.found.finish()
	switch {
	case err != nil && report.Batches == 0:
		return nil, errs.From(err)
	case err != nil:
		return report, errs.From(err)
	case options.OnError == Raise && len(report.Errors) > 0:
		return report, report.refusal()
	}
	return report, nil
}

func checkPutOptions(options *PutOptions) error {
	switch options.OnError {
	case "":
		options.OnError = Raise
	case Raise, Skip, Null:
	default:
		return errs.New(errs.InvalidInput, "unknown value %q; known are raise, skip, null", options.OnError).At("on_error")
	}
	switch options.Partial {
	case "":
		options.Partial = Reset
	case Reset, Merge:
	default:
		return errs.New(errs.InvalidInput, "unknown value %q; known are reset, merge", options.Partial).At("partial")
	}
	return nil
}

// run reads, stages and commits batches until the stream ends.
func (p *putting) run(ctx context.Context, rows Batches) error {
	var unit []*stagedRow
	batches := 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, refused, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		staged, err := p.stage(ctx, batch, refused)
		if err != nil {
			return err
		}
		batches++
		if p.stopped() {
			unit, staged = nil, nil // nothing of it will be stored; the other rows are still to be checked
			if p.options.PerBatch {
				return nil
			}
		}
		unit = append(unit, kept(staged)...)
		if !p.options.PerBatch {
			continue
		}
		if err := p.commit(ctx, unit, 1); err != nil {
			return err
		}
		unit = nil
	}
	p.lateRejects()
	if p.options.PerBatch || p.stopped() {
		return nil
	}
	return p.commit(ctx, unit, batches)
}

// stopped says whether a bad value forbids to store more.
func (p *putting) stopped() bool {
	return p.options.OnError == Raise && len(p.found.report.Errors) > 0
}

// lateRejects reports rejects for rows that never came.
func (p *putting) lateRejects() {
	for row, rejects := range p.rejects {
		if row < p.position && row >= 0 {
			continue
		}
		for _, reject := range rejects {
			p.found.refuse(reject)
		}
	}
}

// stage makes the rows of a batch ready to be stored.
func (p *putting) stage(ctx context.Context, batch *schema.Batch, refused []RowError) ([]*stagedRow, error) {
	if batch == nil {
		return nil, errs.New(errs.Internal, "the stream of rows gave no batch and no error")
	}
	if err := batch.Check(p.table.schema); err != nil {
		return nil, err
	}
	rows := p.read(batch, refused)
	p.meter.begin(len(rows), p.steps(batch))
	if err := p.resolve(ctx, batch, rows); err != nil {
		return nil, err
	}
	if p.options.Partial == Merge {
		if err := p.fill(ctx, rows); err != nil {
			return nil, err
		}
		p.demandUnstored(rows)
	}
	p.demandOfEvents(rows)
	p.demand(rows)
	if err := p.encode(ctx, rows); err != nil {
		return nil, err
	}
	if p.options.Partial != Merge {
		for _, row := range rows {
			row.contents = nil // decoded pixels may be large, and only a merge can have to encode again
		}
	}
	p.meter.end()
	return rows, nil
}

// steps counts the work of a batch for the progress: images to fetch, values to embed.
func (p *putting) steps(batch *schema.Batch) int {
	readers := map[string]int{}
	for _, s := range p.table.spaces {
		for _, use := range s.Uses(p.table.schema.Name) {
			readers[use.Field]++
		}
	}
	steps := 0
	for _, column := range batch.Columns {
		position := p.table.schema.Position(column.Name)
		if position < 0 {
			continue
		}
		each := readers[column.Name]
		if p.table.schema.Fields[position].Type == schema.Blob {
			each++
		}
		for _, null := range column.Null {
			if !null {
				steps += each
			}
		}
	}
	return steps
}
