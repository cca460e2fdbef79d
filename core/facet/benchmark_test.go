package facet_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/innerspace/innerspace/core/facet"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// BenchmarkOf describes 100,000 rows, of which a filter passes half: texts of which there are 10, 100 and 10,000, and numbers.
func BenchmarkOf(b *testing.B) {
	const rows = 100_000
	rng := rand.New(rand.NewPCG(1, 1))
	within := vector.NewBitmap(rows)
	for row := range rows {
		if rng.IntN(2) == 0 {
			within.Add(row)
		}
	}
	run := func(name string, kind schema.Type, value func() schema.Value) {
		values := make([]schema.Value, rows)
		for row := range values {
			values[row] = value()
		}
		c := columnOf(kind, values)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				facet.Of(field(kind), c, within, 10)
			}
		})
	}
	for _, distinct := range []int{10, 100, 10_000} {
		run(fmt.Sprint(distinct, " texts"), schema.String, func() schema.Value { return schema.TextValue(fmt.Sprint(rng.IntN(distinct))) })
	}
	run("numbers", schema.Float, func() schema.Value { return schema.FloatValue(rng.Float64()) })
}
