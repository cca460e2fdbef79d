package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

const maxWarningIDs = 20

// findings gathers what a put's report will say.
type findings struct {
	schema    *schema.Schema
	report    Report
	seen      map[place]bool // of report.Errors
	ignored   map[string]bool
	repeated  idList
	emptied   idList
	emptiedOf map[string]bool // fields
}

type place struct {
	row   int
	field string
}

// idList counts ids and keeps the first few.
type idList struct {
	ids   []string
	count int
}

func (l *idList) add(id string) {
	l.count++
	if len(l.ids) < maxWarningIDs && !slices.Contains(l.ids, id) {
		l.ids = append(l.ids, id)
	}
}

func newFindings(s *schema.Schema) *findings {
	return &findings{
		schema: s, seen: map[place]bool{}, ignored: map[string]bool{}, emptiedOf: map[string]bool{},
		report: Report{Schema: s.Name, Errors: []RowError{}, Truncated: []TruncatedText{}, Warnings: []Warning{}},
	}
}

// refuse takes note of a value that cannot be used; of two findings on one value the first stands.
func (f *findings) refuse(failure RowError) {
	at := place{failure.Row, failure.Field}
	if f.seen[at] {
		return
	}
	f.seen[at] = true
	if failure.Status == errs.OK {
		failure.Status = errs.InvalidInput
	}
	f.report.Errors = append(f.report.Errors, failure)
}

// finish sorts what was found and adds the warnings.
func (f *findings) finish() *Report {
	r := &f.report
	slices.SortStableFunc(r.Errors, func(a, b RowError) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(f.schema.Position(a.Field), f.schema.Position(b.Field)))
	})
	slices.SortStableFunc(r.Truncated, func(a, b TruncatedText) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(f.schema.Position(a.Field), f.schema.Position(b.Field)))
	})
	r.Truncated = slices.Compact(r.Truncated) // two spaces may read one field with one model
	r.Warnings = []Warning{}
	if names := sortedKeys(f.ignored); len(names) > 0 {
		r.warn("unknown_column", names, idList{}, "the schema %s has no field %s; the values were ignored", f.schema.Name, strings.Join(names, ", "))
	}
	if f.repeated.count > 0 {
		r.warn("duplicate_id", nil, f.repeated, "%d %s an id that comes again later; the last one wins", f.repeated.count, plural(f.repeated.count, "row has", "rows have"))
	}
	if names := sortedKeys(f.emptiedOf); len(names) > 0 {
		r.warn("partial_put", names, f.emptied, "%d %s put again without %s: the stored values stay, but they no longer count in searches; "+
			`put with partial "merge" keeps them`, f.emptied.count, plural(f.emptied.count, "row was", "rows were"), strings.Join(names, ", "))
	}
	if n := len(r.Truncated); n > 0 {
		cut := idList{}
		fields := map[string]bool{}
		for _, text := range r.Truncated {
			cut.add(text.ID)
			fields[text.Field] = true
		}
		r.warn("truncated_text", sortedKeys(fields), cut, "%d %s longer than the model's %d tokens; only the beginning counts in searches",
			n, plural(n, "text is", "texts are"), r.Truncated[0].Limit)
	}
	return r
}

func (r *Report) warn(code string, fields []string, ids idList, format string, args ...any) {
	r.Warnings = append(r.Warnings, Warning{Code: code, Message: fmt.Sprintf(format, args...), Fields: fields, IDs: ids.ids})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func sortedKeys(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// refusal is the error of a put that was refused for its bad values.
func (r *Report) refusal() *errs.Error {
	first := r.Errors[0]
	status := first.Status
	for _, failure := range r.Errors {
		if failure.Status != status {
			status = errs.InvalidInput
		}
	}
	who := fmt.Sprintf("row %d", first.Row)
	if first.ID != "" {
		who += fmt.Sprintf(", id %q", first.ID)
	}
	stored := "nothing was stored"
	if r.Batches > 0 {
		stored = fmt.Sprintf("%d %s before it stored", r.Batches, plural(r.Batches, "batch was", "batches were"))
	}
	message := fmt.Sprintf("%s (%s, field %q; %s)", first.Reason, who, first.Field, stored)
	if more := len(r.Errors) - 1; more > 0 {
		message += fmt.Sprintf(" and %d more bad %s", more, plural(more, "value", "values"))
	}
	return errs.New(status, "%s", message)
}
