package filter_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// plainRow is a row as the naive evaluator sees it: an absent field is nil.
type plainRow [6]any

var fields = []schema.Field{name, count, price, sold, tags, id}

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

// randomRow has the id that its number says, or as a chunk none.
func randomRow(rng *rand.Rand, number int) (r plainRow) {
	for i := range fields[:5] {
		if rng.IntN(4) > 0 {
			r[i] = randomValue(rng, i)
		}
	}
	if rng.IntN(10) > 0 {
		r[5] = fmt.Sprint(number)
	}
	return r
}

// words are texts of which some are in many rows and some in few.
func randomWord(rng *rand.Rand) string {
	if rng.IntN(3) == 0 {
		return fmt.Sprint("rare ", rng.IntN(2000))
	}
	return []string{"", "a", "b", "c"}[rng.IntN(4)]
}

func randomValue(rng *rand.Rand, field int) any {
	switch field {
	case 0:
		return randomWord(rng)
	case 1:
		return []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, 7, math.MaxInt64 - 1, math.MaxInt64}[rng.IntN(8)]
	case 2:
		return []float64{-math.MaxFloat64, -0.5, math.Copysign(0, -1), 0, math.SmallestNonzeroFloat64, 0.5, math.MaxFloat64}[rng.IntN(7)]
	case 3:
		return rng.IntN(2) == 0
	case 5:
		return fmt.Sprint(rng.IntN(250))
	}
	list := make([]string, rng.IntN(4))
	for i := range list {
		list[i] = randomWord(rng)
	}
	return list
}

// naive says by the reference's rules, written down one by one, whether a value passes.
func naive(operator filter.Operator, value, operand any) bool {
	order := func() int {
		switch v := value.(type) {
		case int64:
			return cmp.Compare(v, operand.(int64))
		case float64:
			return cmp.Compare(v, operand.(float64))
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
				list := make([]int64, []int{rng.IntN(6), 120}[rng.IntN(6)/5])
				for i := range list {
					list[i] = randomValue(rng, 1).(int64)
					switch rng.IntN(3) {
					case 0:
						list[i] %= 1000 // near the others
					case 1:
						list[i] = rng.Int64() // which few rows have
					}
				}
				c.operand = list
			case 5:
				list := make([]string, rng.IntN(6))
				for i := range list {
					list[i] = randomValue(rng, 5).(string)
				}
				c.operand = list
			case 3:
				c.operand = []bool{rng.IntN(2) == 0}[rng.IntN(2):]
			}
		}
		return c
	}
}

// rowsOf are rows by number, as a store has them; every third number is free.
type rowsOf struct {
	rows    []plainRow
	columns *column.Columns // nil: a store without columns
}

func (r rowsOf) Live() vector.Bitmap {
	live := vector.NewBitmap(len(r.rows))
	for i := range r.rows {
		if i%3 != 0 {
			live.Add(i)
		}
	}
	return live
}

func (r rowsOf) Values(row int) []schema.Value { return r.rows[row].values() }

func (r rowsOf) Number(id string) (int, bool) {
	number, err := strconv.Atoi(id)
	return number, err == nil && number%3 != 0 && number < len(r.rows)
}

func (r rowsOf) Column(field int, kind schema.Type) *column.Column {
	if r.columns == nil {
		return nil
	}
	return r.columns.Get(field, kind, r)
}

// randomFilter makes a filter and what it is made of.
func randomFilter(t *testing.T, rng *rand.Rand) (made filter.Filter, plain [][]plainCondition) {
	for range 1 + rng.IntN(3) {
		var group []filter.Condition
		var plainGroup []plainCondition
		for range 1 + rng.IntN(3) {
			c := randomCondition(rng)
			compiled, err := filter.Compile(c.field, fields[c.field], c.operator, c.operand)
			require.NoError(t, err)
			group, plainGroup = append(group, compiled), append(plainGroup, c)
		}
		made, plain = append(made, group), append(plain, plainGroup)
	}
	return made, plain
}

// TestSelectAgainstANaiveEvaluator compares random filters over random rows, which change between the filters, with one
// written down rule by rule: tested on columns, and row by row.
func TestSelectAgainstANaiveEvaluator(t *testing.T) { filter.EachPath(t, selectAgainstANaiveEvaluator) }

func selectAgainstANaiveEvaluator(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for round := range 12 {
		rows := rowsOf{rows: make([]plainRow, rng.IntN(400)), columns: &column.Columns{}}
		if round%12 == 0 {
			rows.rows = make([]plainRow, 40_000) // more than one goroutine's
		}
		for i := range rows.rows {
			rows.rows[i] = randomRow(rng, i)
		}
		for range 12 {
			made, plain := randomFilter(t, rng)
			selected, err := made.Select(rows, 2)
			require.NoError(t, err)
			require.NotNil(t, selected)
			one, err := made.Select(rowsOf{rows: rows.rows}, 1)
			require.NoError(t, err)
			require.Equal(t, one, selected, "on columns, and row by row: %+v", plain)
			for i, row := range rows.rows {
				want := i%3 != 0
				for _, group := range plain {
					want = want && slices.ContainsFunc(group, func(c plainCondition) bool { return naive(c.operator, row[c.field], c.operand) })
				}
				if want != selected.Has(i) {
					require.FailNow(t, "another answer", "round %d, row %d %v, filter %+v: want %t", round, i, row, plain, want)
				}
			}
			for range rng.IntN(1 + len(rows.rows)/4) {
				at := rng.IntN(len(rows.rows))
				fresh := randomRow(rng, at)
				if at%3 != 0 {
					rows.columns.Set(at, rows.rows[at].values(), fresh.values())
				}
				rows.rows[at] = fresh
			}
		}
	}
}

func TestNoFilterSelectsEverything(t *testing.T) {
	selected, err := filter.Filter(nil).Select(rowsOf{rows: make([]plainRow, 2)}, 1)
	require.NoError(t, err)
	assert.Nil(t, selected)
	assert.True(t, filter.Filter(nil).Matches(nil))
}

func TestAPanicOfATestIsAnError(t *testing.T) {
	_, err := filter.Filter{{{Field: 9}}}.Select(rowsOf{rows: make([]plainRow, 3)}, 2)
	require.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.ErrorContains(t, err, "filtering the rows failed")
}
