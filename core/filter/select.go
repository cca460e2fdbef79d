package filter

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Rows are stored rows by number, safe for concurrent reading.
type Rows interface {
	// Live has the numbers of the rows that exist.
	Live() vector.Bitmap
	// Values returns the values of a row.
	Values(row int) []schema.Value
	// Number returns the number of a row by id.
	Number(id string) (int, bool)
	// Column returns the column of a field of a type, nil where there is none: the values are then tested row by row.
	Column(field int, kind schema.Type) *column.Column
}

// Select returns the rows that pass, nil where the filter lets everything through. It uses so many goroutines at most; a
// panic of one comes back as an Internal error.
func (f Filter) Select(rows Rows, workers int) (vector.Bitmap, error) {
	if len(f) == 0 {
		return nil, nil
	}
	s := selection{rows: rows, live: rows.Live()}
	if err := errs.Contain("filtering the rows", func() error { s.prepare(f); return nil }); err != nil {
		return nil, err
	}
	words := len(s.live)
	workers = max(1, min(workers, int(cost(words)*s.cost()/costlyWork)+1))
	failures := make([]error, workers)
	part := func(w int) {
		failures[w] = errs.Contain("filtering the rows", func() error {
			s.run(span{words * w / workers, words * (w + 1) / workers})
			return nil
		})
	}
	var others sync.WaitGroup
	for w := 1; w < workers; w++ {
		others.Go(func() { part(w) })
	}
	part(0)
	others.Wait()
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}
	return s.passing, nil
}

// selection is one run of a filter. Goroutines write to spans of the bitmaps of their own.
type selection struct {
	rows   Rows
	live   vector.Bitmap
	groups []group

	passing  vector.Bitmap
	any      vector.Bitmap // of a group after the first
	matching vector.Bitmap // of a condition whose matching rows are not those that pass
}

// group is alternatives, with what they test.
type group []bound

type bound struct {
	Condition
	column *column.Column // nil: test row by row
}

func (b bound) cost() cost {
	if b.column == nil {
		return rowByRow
	}
	return b.On.matcher.cost()
}

func (g group) cost() (sum cost) {
	for _, b := range g {
		sum += b.cost()
	}
	return sum
}

func (s *selection) cost() (sum cost) {
	for _, g := range s.groups {
		sum += g.cost()
	}
	return sum
}

// prepare finds the columns, and puts last what costs most, so that it need look only at what is left.
func (s *selection) prepare(f Filter) {
	for _, conditions := range f {
		made := make(group, len(conditions))
		for i, condition := range conditions {
			made[i] = bound{Condition: condition, column: s.column(condition)}
		}
		slices.SortStableFunc(made, func(a, b bound) int { return cmp.Compare(a.cost(), b.cost()) })
		s.groups = append(s.groups, made)
	}
	slices.SortStableFunc(s.groups, func(a, b group) int { return cmp.Compare(a.cost(), b.cost()) })
	s.passing = make(vector.Bitmap, len(s.live))
	if len(s.groups) > 1 {
		s.any = make(vector.Bitmap, len(s.live))
	}
	for _, made := range s.groups {
		if slices.ContainsFunc(made, func(b bound) bool { return b.column != nil && b.On.passes != matches }) {
			s.matching = make(vector.Bitmap, len(s.live))
			break
		}
	}
}

// column is the column that a condition tests. That of ids has only those that the condition names.
func (s *selection) column(condition Condition) *column.Column {
	if condition.On == nil {
		return nil
	}
	if condition.Kind != schema.ID {
		return s.rows.Column(condition.Field, condition.Kind)
	}
	ids := column.New(schema.String)
	for _, id := range condition.On.matcher.(anyText) {
		if number, ok := s.rows.Number(id); ok {
			ids.Set(number, schema.Value{}, s.rows.Values(number)[condition.Field])
		}
	}
	return ids
}

// run finds the rows of a span that pass.
func (s *selection) run(in span) {
	for i, group := range s.groups {
		need, into := s.live, s.passing
		if i > 0 {
			need, into = s.passing, s.any
			clear(into[in.from:in.to])
		}
		for _, condition := range group {
			s.add(condition, need, into, in)
		}
		for at := in.from; at < in.to; at++ {
			s.passing[at] = into[at] & need[at]
		}
	}
}

// add puts in the rows that pass a condition; others than the needed ones may be among them.
func (s *selection) add(condition bound, need, into vector.Bitmap, in span) {
	if condition.column == nil {
		s.test(condition.Condition, need, into, in)
		return
	}
	matcher := condition.On.matcher
	if condition.On.passes == matches {
		matcher.match(condition.column, need, into, in)
		return
	}
	clear(s.matching[in.from:in.to])
	matcher.match(condition.column, need, s.matching, in)
	present := condition.column.Present()
	for at := in.from; at < in.to; at++ {
		var there uint64
		if at < len(present) {
			there = present[at]
		}
		switch condition.On.passes {
		case matchesNot:
			into[at] |= ^s.matching[at]
		case presentButNot:
			into[at] |= there &^ s.matching[at]
		case matchesOrAbsent:
			into[at] |= s.matching[at] | ^there
		}
	}
}

// test tests the needed rows one by one.
func (s *selection) test(condition Condition, need, into vector.Bitmap, in span) {
	for at := in.from; at < in.to; at++ {
		for left := need[at] &^ into[at]; left != 0; left &= left - 1 {
			i := bits.TrailingZeros64(left)
			if condition.Test(&s.rows.Values(at*64 + i)[condition.Field]) {
				into[at] |= 1 << i
			}
		}
	}
}
