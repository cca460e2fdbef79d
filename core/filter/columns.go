package filter

import (
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// ColumnTest is the test of a condition on a column.
type ColumnTest struct {
	matcher matcher
	passes  passing
}

// passing says which rows pass, in terms of those whose value matches; an absent value never does.
type passing int

const (
	matches       passing = iota
	matchesNot            // an absent value passes
	presentButNot         // an absent value does not pass
	matchesOrAbsent
)

// span is a part of the rows: words from up to to, of 64 rows each.
type span struct{ from, to int }

// matcher finds values in a column.
type matcher interface {
	// match puts into a bitmap the rows of a span whose value matches. It may leave out those that are not needed or there already.
	match(c *column.Column, need, into vector.Bitmap, in span)
	cost() cost
}

// cost is about how long a row takes, compared with others.
type cost int

const (
	ofLists    cost = 0 // rows are not even looked at
	ofNumbers  cost = 1
	ofTable    cost = 8
	ofSet      cost = 20
	rowByRow   cost = 100
	costlyWork cost = 1 << 13 // from so much a second goroutine pays: a word counts for one row
)

// onColumn makes the test of a column of a field by an operator with an operand of the field's type.
func onColumn(field schema.Field, operator Operator, operand any) *ColumnTest {
	test := &ColumnTest{}
	switch operator {
	case NotEqual, NotIn:
		test.passes = matchesNot
	case NotContains:
		test.passes = presentButNot
	case ContainsAll:
		test.passes = matchesOrAbsent
	}
	switch field.Type {
	case schema.ID, schema.String:
		test.matcher = anyText(listOf[string](operand))
	case schema.StringList:
		if test.matcher = anyText(listOf[string](operand)); operator == ContainsAll {
			test.matcher = allTexts(listOf[string](operand))
		}
	case schema.Integer, schema.Timestamp:
		test.matcher = numbers(operator, listOf[int64](operand))
	case schema.Float:
		ordered := []int64{}
		for _, x := range listOf[float64](operand) {
			if math.IsNaN(x) {
				return nil // which has no place in an order
			}
			ordered = append(ordered, column.Ordered(x))
		}
		test.matcher = numbers(operator, ordered)
	case schema.Boolean:
		truths := listOf[bool](operand)
		test.matcher = truth{wanted: slices.Contains(truths, true), unwanted: slices.Contains(truths, false)}
	default:
		return nil
	}
	return test
}

// listOf gives an operand as a list.
func listOf[T any](operand any) []T {
	if list, ok := operand.([]T); ok {
		return list
	}
	return []T{operand.(T)}
}

// anyText matches rows that have one of the texts.
type anyText []string

func (m anyText) match(c *column.Column, _, into vector.Bitmap, in span) {
	for _, text := range m {
		c.Rows(text).AddTo(into, in.from, in.to)
	}
}

func (anyText) cost() cost { return ofLists }

// allTexts matches rows that have all the texts.
type allTexts []string

func (m allTexts) match(c *column.Column, _, into vector.Bitmap, in span) {
	all := make(vector.Bitmap, in.to)
	copy(all[in.from:], c.Present()[min(in.from, len(c.Present())):])
	for _, text := range m {
		c.Rows(text).Keep(all, in.from, in.to)
	}
	for at := in.from; at < in.to; at++ {
		into[at] |= all[at]
	}
}

func (allTexts) cost() cost { return ofLists }

// truth matches rows whose value is true, false or either.
type truth struct{ wanted, unwanted bool }

func (m truth) match(c *column.Column, _, into vector.Bitmap, in span) {
	present, truths := c.Present(), c.Truths()
	for at := in.from; at < min(in.to, len(present)); at++ {
		if m.wanted {
			into[at] |= truths[at]
		}
		if m.unwanted {
			into[at] |= present[at] &^ truths[at]
		}
	}
}

func (truth) cost() cost { return ofLists }

// numbers makes the matcher of an operator with operands, which are one where it takes no list.
func numbers(operator Operator, operands []int64) matcher {
	switch operator {
	case Greater:
		if operands[0] == math.MaxInt64 {
			return none{}
		}
		return between{operands[0] + 1, math.MaxInt64}
	case GreaterEqual:
		return between{operands[0], math.MaxInt64}
	case Less:
		if operands[0] == math.MinInt64 {
			return none{}
		}
		return between{math.MinInt64, operands[0] - 1}
	case LessEqual:
		return between{math.MinInt64, operands[0]}
	case Equal, NotEqual:
		return between{operands[0], operands[0]}
	}
	return oneOf(operands)
}
