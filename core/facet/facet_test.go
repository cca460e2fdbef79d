package facet_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/facet"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

func field(kind schema.Type) schema.Field { return schema.Field{Name: "f", Type: kind} }

// columnOf has a value a row.
func columnOf(kind schema.Type, values []schema.Value) *column.Column {
	c := column.New(kind)
	for row, value := range values {
		c.Set(row, schema.Value{}, value)
	}
	return c
}

// TestTextsAgainstAMap counts texts, a few of which are frequent, among all rows and among some.
func TestTextsAgainstAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for round := range 60 {
		kind := []schema.Type{schema.String, schema.StringList}[round%2]
		values := make([]schema.Value, rng.IntN(3000))
		var within vector.Bitmap
		if round%3 > 0 {
			within = vector.NewBitmap(rng.IntN(3000))
		}
		counts, rows := map[string]int{}, 0
		for row := range values {
			text := func() string { return fmt.Sprint(rng.IntN(1 + rng.IntN(300))) }
			inside := within == nil
			if within != nil && row < 64*len(within) && rng.IntN(3) == 0 {
				within.Add(row)
				inside = true
			}
			if rng.IntN(5) == 0 {
				continue
			}
			texts := []string{text()}
			values[row] = schema.TextValue(texts[0])
			if kind == schema.StringList {
				texts = []string{text(), text()}
				values[row] = schema.TextListValue(slices.Clone(texts))
			}
			if inside {
				rows++
				slices.Sort(texts)
				for _, text := range slices.Compact(texts) { // twice in a row counts once
					counts[text]++
				}
			}
		}
		limit := 1 + rng.IntN(20)
		want := []facet.Count{}
		for text, count := range counts {
			want = append(want, facet.Count{Value: text, Count: count})
		}
		slices.SortFunc(want, func(a, b facet.Count) int {
			return cmp.Or(b.Count-a.Count, cmp.Compare(a.Value.(string), b.Value.(string)))
		})
		want = want[:min(limit, len(want))]
		got := facet.Of(field(kind), columnOf(kind, values), within, limit)
		require.Equal(t, facet.Facet{Field: "f", Type: kind, Rows: rows, Distinct: len(counts), Values: want}, got, "round %d", round)
	}
}

func TestTruthsAndRanges(t *testing.T) {
	none := schema.Value{}
	some := vector.NewBitmap(4)
	some.Add(1)
	some.Add(2)
	yes, no := schema.BooleanValue(true), schema.BooleanValue(false)
	for _, c := range []struct {
		kind   schema.Type
		values []schema.Value
		within vector.Bitmap
		limit  int
		want   facet.Facet
	}{
		{schema.Boolean, []schema.Value{yes, none, no, yes}, nil, 9, facet.Facet{Rows: 3, Distinct: 2, Values: []facet.Count{{true, 2}, {false, 1}}}},
		{schema.Boolean, []schema.Value{yes, yes, no}, some, 9, facet.Facet{Rows: 2, Distinct: 2, Values: []facet.Count{{false, 1}, {true, 1}}}},
		{schema.Boolean, []schema.Value{yes, yes, no}, some, 1, facet.Facet{Rows: 2, Distinct: 2, Values: []facet.Count{{false, 1}}}},
		{schema.Boolean, []schema.Value{no, yes, none}, some, 9, facet.Facet{Rows: 1, Distinct: 1, Values: []facet.Count{{true, 1}}}},
		{schema.Boolean, []schema.Value{no, none, none}, some, 9, facet.Facet{Values: []facet.Count{}}},
		{schema.Integer, []schema.Value{schema.IntegerValue(-9), schema.IntegerValue(5), schema.IntegerValue(2), none}, some, 9, facet.Facet{Rows: 2, Min: int64(2), Max: int64(5), Values: []facet.Count{}}},
		{schema.Timestamp, []schema.Value{none, none, schema.IntegerValue(7)}, nil, 9, facet.Facet{Rows: 1, Min: int64(7), Max: int64(7), Values: []facet.Count{}}},
		{schema.Float, []schema.Value{schema.FloatValue(-1.5), schema.FloatValue(-2.5), schema.FloatValue(1)}, nil, 9, facet.Facet{Rows: 3, Min: -2.5, Max: 1.0, Values: []facet.Count{}}},
		{schema.Float, []schema.Value{schema.FloatValue(1)}, some, 9, facet.Facet{Values: []facet.Count{}}},
	} {
		c.want.Field, c.want.Type = "f", c.kind
		assert.Equal(t, c.want, facet.Of(field(c.kind), columnOf(c.kind, c.values), c.within, c.limit))
	}
}

func TestWhatHasNoFacet(t *testing.T) {
	for _, kind := range []schema.Type{schema.ID, schema.Blob, schema.FloatList} {
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(facet.Check(field(kind))), kind)
	}
	assert.NoError(t, facet.Check(field(schema.StringList)))
}
