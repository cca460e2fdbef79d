package filter_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// plainRow is a row as the naive evaluator sees it: an absent field is nil.
type plainRow [5]any

var fields = []schema.Field{name, count, price, sold, tags}

func (r plainRow) values() []schema.Value {
	values := make([]schema.Value, len(r))
	for i, value := range r {
		switch v := value.(type) {
		case string:
			values[i] = schema.TextValue(v)
		case int64:
			values[i] = schema.IntegerValue(v)
		case float64:
			values[i] = schema.FloatValue(v)
		case bool:
			values[i] = schema.BooleanValue(v)
		case []string:
			values[i] = schema.TextListValue(v)
		}
	}
	return values
}

func randomRow(rng *rand.Rand) (r plainRow) {
	for i := range r {
		if rng.IntN(4) > 0 {
			r[i] = randomValue(rng, i)
		}
	}
	return r
}

func randomValue(rng *rand.Rand, field int) any {
	word := func() string { return []string{"", "a", "b", "c"}[rng.IntN(4)] }
	switch field {
	case 0:
		return word()
	case 1:
		return int64(rng.IntN(5) - 2)
	case 2:
		return float64(rng.IntN(5)-2) / 2
	case 3:
		return rng.IntN(2) == 0
	}
	list := make([]string, rng.IntN(4))
	for i := range list {
		list[i] = word()
	}
	return list
}

// naive says by the reference's rules, written down one by one, whether a value passes.
func naive(operator filter.Operator, value, operand any) bool {
	order := func() int {
		switch v := value.(type) {
		case int64:
			return int(v - operand.(int64))
		case float64:
			return int(2 * (v - operand.(float64)))
		}
		panic(fmt.Sprintf("%T has no order", value))
	}
	in := func(list any) bool {
		return slices.ContainsFunc(anys(list), func(item any) bool { return item == value })
	}
	has := func(item any) bool { return slices.Contains(value.([]string), item.(string)) }
	if value == nil {
		return operator == filter.NotEqual || operator == filter.NotIn || operator == filter.ContainsAll
	}
	switch operator {
	case filter.Equal:
		return value == operand
	case filter.NotEqual:
		return value != operand
	case filter.Greater:
		return order() > 0
	case filter.GreaterEqual:
		return order() >= 0
	case filter.Less:
		return order() < 0
	case filter.LessEqual:
		return order() <= 0
	case filter.In:
		return in(operand)
	case filter.NotIn:
		return !in(operand)
	case filter.Contains:
		return slices.ContainsFunc(anys(operand), has)
	case filter.NotContains:
		return !slices.ContainsFunc(anys(operand), has)
	}
	return !slices.ContainsFunc(anys(operand), func(item any) bool { return !has(item) })
}

func anys(list any) (items []any) {
	switch l := list.(type) {
	case []string:
		for _, item := range l {
			items = append(items, item)
		}
	case []int64:
		for _, item := range l {
			items = append(items, item)
		}
	case []bool:
		for _, item := range l {
			items = append(items, item)
		}
	}
	return items
}

type plainCondition struct {
	field    int
	operator filter.Operator
	operand  any
}

func randomCondition(rng *rand.Rand) plainCondition {
	operators := []filter.Operator{
		filter.Equal, filter.NotEqual, filter.Greater, filter.Less, filter.GreaterEqual, filter.LessEqual,
		filter.In, filter.NotIn, filter.Contains, filter.NotContains, filter.ContainsAll,
	}
	for {
		c := plainCondition{field: rng.IntN(len(fields)), operator: operators[rng.IntN(len(operators))]}
		if c.operator.Check(fields[c.field]) != nil {
			continue
		}
		c.operand = randomValue(rng, c.field)
		if c.operator.TakesList() {
			switch c.field {
			case 0:
				c.operand = randomValue(rng, 4)
			case 1:
				c.operand = []int64{int64(rng.IntN(5) - 2), int64(rng.IntN(5) - 2)}[rng.IntN(3)%2:]
			case 3:
				c.operand = []bool{rng.IntN(2) == 0}[rng.IntN(2):]
			}
		}
		return c
	}
}

// rowsOf gives rows by number; every third number is free.
type rowsOf []plainRow

func (r rowsOf) Live() vector.Bitmap {
	live := vector.NewBitmap(len(r))
	for i := range r {
		if i%3 != 0 {
			live.Add(i)
		}
	}
	return live
}

func (r rowsOf) Values(row int) []schema.Value { return r[row].values() }

func TestSelectEqualsANaiveEvaluation(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for round := range 400 {
		rows := make(rowsOf, rng.IntN(200))
		if round%100 == 0 {
			rows = make(rowsOf, 40_000) // more than one goroutine's
		}
		for i := range rows {
			rows[i] = randomRow(rng)
		}
		made := filter.Filter{}
		var plain [][]plainCondition
		for range 1 + rng.IntN(3) {
			var group []filter.Condition
			var plainGroup []plainCondition
			for range 1 + rng.IntN(3) {
				c := randomCondition(rng)
				test, err := filter.Compile(fields[c.field], c.operator, c.operand)
				require.NoError(t, err)
				group = append(group, filter.Condition{Field: c.field, Test: test})
				plainGroup = append(plainGroup, c)
			}
			made, plain = append(made, group), append(plain, plainGroup)
		}
		selected, err := made.Select(rows, 2)
		require.NoError(t, err)
		require.NotNil(t, selected)
		for i, row := range rows {
			want := i%3 != 0
			for _, group := range plain {
				want = want && slices.ContainsFunc(group, func(c plainCondition) bool { return naive(c.operator, row[c.field], c.operand) })
			}
			require.Equal(t, want, selected.Has(i), "round %d, row %v, filter %+v", round, row, plain)
		}
	}
}

func TestNoFilterSelectsEverything(t *testing.T) {
	selected, err := filter.Filter(nil).Select(rowsOf{{}, {}}, 1)
	require.NoError(t, err)
	assert.Nil(t, selected)
	assert.True(t, filter.Filter(nil).Matches(nil))
}

func TestAPanicOfATestIsAnError(t *testing.T) {
	_, err := filter.Filter{{{Field: 9}}}.Select(rowsOf{{}, {}, {}}, 2)
	require.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.ErrorContains(t, err, "filtering the rows failed")
}
