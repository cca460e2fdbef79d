package column_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

var kinds = []schema.Type{schema.String, schema.StringList, schema.Integer, schema.Timestamp, schema.Float, schema.Boolean}

// randomValue draws from few texts and many: some are in most rows and some in one.
func randomValue(rng *rand.Rand, kind schema.Type) schema.Value {
	text := func() string { return strings.Repeat("x", min(rng.IntN(4)*rng.IntN(40), 30)) }
	switch {
	case rng.IntN(5) == 0:
		return schema.Value{}
	case kind == schema.String:
		return schema.TextValue(text())
	case kind == schema.StringList:
		list := make([]string, rng.IntN(4))
		for i := range list {
			list[i] = text()
		}
		return schema.TextListValue(list)
	case kind == schema.Float:
		return schema.FloatValue(rng.NormFloat64())
	case kind == schema.Boolean:
		return schema.BooleanValue(rng.IntN(2) == 0)
	}
	return schema.IntegerValue(rng.Int64N(100) - 50)
}

// rowsOf are the rows of a set.
func rowsOf(s *column.RowSet, words int) (rows []int) {
	into := vector.NewBitmap(words * 64)
	for from := 0; from < words; from += 7 { // in parts, as goroutines do
		s.AddTo(into, from, min(from+7, words))
	}
	for row := range words * 64 {
		if into.Has(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// check compares a column with the values that it should have.
func check(t *testing.T, kind schema.Type, c *column.Column, want []schema.Value) {
	t.Helper()
	words := len(want)/64 + 2
	texts := map[string][]int{}
	for row, value := range want {
		require.Equal(t, value.Present, c.Present().Has(row), "row %d", row)
		list := value.Texts()
		switch {
		case !value.Present:
			continue
		case kind == schema.Integer || kind == schema.Timestamp:
			require.Equal(t, value.Integer(), c.Numbers()[row])
		case kind == schema.Float:
			require.Equal(t, value.Float(), column.Float(c.Numbers()[row]))
		case kind == schema.Boolean:
			require.Equal(t, value.Boolean(), c.Truths().Has(row))
		case kind == schema.String:
			list = []string{value.Text}
		}
		for _, text := range list {
			if rows := texts[text]; len(rows) == 0 || rows[len(rows)-1] != row {
				texts[text] = append(rows, row)
			}
		}
	}
	within := vector.NewBitmap(words * 64)
	for row := range words * 64 {
		if row%3 == 0 {
			within.Add(row)
		}
	}
	seen := 0
	for text, rows := range c.Texts() {
		seen++
		require.Equal(t, texts[text], rowsOf(rows, words), "the rows of %q", text)
		require.Equal(t, len(texts[text]), rows.Count())
		require.Same(t, rows, c.Rows(text))
		third := slices.DeleteFunc(slices.Clone(texts[text]), func(row int) bool { return row%3 != 0 })
		require.Equal(t, len(third), rows.CountIn(within))
	}
	require.Len(t, texts, seen, "texts that no row has are forgotten")
}

// TestAgainstPlainValues changes rows at random, from a few rows to thousands and back.
func TestAgainstPlainValues(t *testing.T) {
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			c := column.New(kind)
			assert.Equal(t, kind, c.Kind())
			values := make([]schema.Value, 6000)
			set := func(row int, value schema.Value) {
				c.Set(row, values[row], value)
				values[row] = value
			}
			for row := range 3000 {
				set(row, randomValue(rng, kind))
			}
			check(t, kind, c, values)
			for range 3000 {
				set(rng.IntN(len(values)), randomValue(rng, kind))
			}
			check(t, kind, c, values)
			for _, row := range rng.Perm(len(values)) {
				if row%97 != 0 {
					set(row, schema.Value{})
				}
			}
			check(t, kind, c, values)
			for row := range values {
				set(row, schema.Value{})
			}
			check(t, kind, c, values)
		})
	}
}

// table is a table of one field.
type table []schema.Value

func (t table) Live() vector.Bitmap {
	live := vector.NewBitmap(len(t))
	for row := range t {
		if row%5 != 0 {
			live.Add(row)
		}
	}
	return live
}

func (t table) Values(row int) []schema.Value { return t[row : row+1] }

func TestColumnsAreMadeOnceAndThenKeptUpToDate(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, kind := range kinds {
		rows := make(table, 500)
		for i := range rows {
			rows[i] = randomValue(rng, kind)
		}
		var columns column.Columns
		columns.Set(1, nil, []schema.Value{randomValue(rng, kind)}) // nobody has asked for a column yet
		var group sync.WaitGroup
		got := make([]*column.Column, 4)
		for i := range got {
			group.Go(func() { got[i] = columns.Get(0, kind, rows) })
		}
		group.Wait()
		want := slices.Clone(rows)
		for row := range want {
			if row%5 == 0 {
				want[row] = schema.Value{} // rows that are not there
			}
		}
		for _, c := range got {
			require.Same(t, got[0], c)
		}
		check(t, kind, got[0], want)

		fresh := randomValue(rng, kind)
		columns.Set(600, nil, []schema.Value{fresh})
		columns.Set(7, want[7:8], nil)
		want = append(want, make([]schema.Value, 101)...)
		want[600], want[7] = fresh, schema.Value{}
		check(t, kind, got[0], want)
	}
}

func TestWhichTypesHaveColumns(t *testing.T) {
	for _, kind := range schema.Types {
		assert.Equal(t, slices.Contains(kinds, kind), column.Has(kind), fmt.Sprint(kind))
	}
}

func TestOrderedNumbersHaveTheOrderOfTheirFloats(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	list := []float64{math.Inf(-1), -math.MaxFloat64, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64, 1, math.MaxFloat64, math.Inf(1)}
	for range 200 {
		if x := math.Float64frombits(rng.Uint64()); !math.IsNaN(x) {
			list = append(list, x)
		}
	}
	for _, x := range list {
		assert.Equal(t, x, column.Float(column.Ordered(x)))
		for _, y := range list {
			require.Equal(t, cmp.Compare(x, y), cmp.Compare(column.Ordered(x), column.Ordered(y)), "%g %g", x, y)
		}
	}
	assert.Equal(t, column.Ordered(0), column.Ordered(math.Copysign(0, -1)))
}
