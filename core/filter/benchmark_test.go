package filter_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// storedRows are rows as a store has them.
type storedRows struct {
	values  [][]schema.Value
	live    vector.Bitmap
	columns *column.Columns // nil: none
}

func (r storedRows) Live() vector.Bitmap           { return r.live }
func (r storedRows) Values(row int) []schema.Value { return r.values[row] }
func (r storedRows) Number(string) (int, bool)     { return 0, false }
func (r storedRows) Column(field int, kind schema.Type) *column.Column {
	if r.columns == nil {
		return nil
	}
	return r.columns.Get(field, kind, r)
}

func BenchmarkSelect(b *testing.B) {
	const rows = 100_000
	rng := rand.New(rand.NewPCG(3, 4))
	stored := storedRows{live: vector.NewBitmap(rows)}
	for i := range rows {
		stored.values = append(stored.values, randomRow(rng, i).values())
		stored.live.Add(i)
	}
	for _, c := range []struct {
		name     string
		field    int
		operator filter.Operator
		operand  any
	}{
		{"text", 0, filter.Equal, "a"}, {"texts", 0, filter.In, []string{"a", "b"}}, {"other texts", 0, filter.NotIn, []string{"a", "b"}},
		{"number", 1, filter.GreaterEqual, int64(0)}, {"numbers", 1, filter.In, []int64{math.MinInt64, 0, 1, 7}}, {"near numbers", 1, filter.In, []int64{0, 1, 7}}, {"float", 2, filter.Less, 0.25},
		{"truth", 3, filter.Equal, true}, {"list", 4, filter.Contains, []string{"a"}}, {"list of all", 4, filter.ContainsAll, []string{"a", "b"}},
	} {
		compiled, err := filter.Compile(c.field, fields[c.field], c.operator, c.operand)
		if err != nil {
			b.Fatal(err)
		}
		f := filter.Filter{{compiled}}
		for _, how := range []string{"columns", "row by row"} {
			of := stored
			if how == "columns" {
				of.columns = &column.Columns{}
				of.Column(c.field, fields[c.field].Type) // not what is measured
			}
			b.Run(c.name+"/"+how, func(b *testing.B) {
				for b.Loop() {
					if _, err := f.Select(of, 1); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			})
		}
	}
}
