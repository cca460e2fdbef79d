package filter_test

import (
	"math/rand/v2"
	"testing"

	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// storedRows are rows as a store has them.
type storedRows [][]schema.Value

func (r storedRows) Live() vector.Bitmap {
	live := vector.NewBitmap(len(r))
	for i := range r {
		live.Add(i)
	}
	return live
}

func (r storedRows) Values(row int) []schema.Value { return r[row] }

func BenchmarkSelect(b *testing.B) {
	const rows = 100_000
	rng := rand.New(rand.NewPCG(3, 4))
	stored := make(storedRows, rows)
	for i := range stored {
		stored[i] = randomRow(rng).values()
	}
	for _, c := range []struct {
		name     string
		field    int
		operator filter.Operator
		operand  any
	}{{"text", 0, filter.Equal, "a"}, {"number", 1, filter.GreaterEqual, int64(0)}, {"texts", 0, filter.In, []string{"a", "b"}}, {"list", 4, filter.Contains, []string{"a"}}} {
		test, err := filter.Compile(fields[c.field], c.operator, c.operand)
		if err != nil {
			b.Fatal(err)
		}
		f := filter.Filter{{{Field: c.field, Test: test}}}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Select(stored, 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
