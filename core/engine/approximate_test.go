package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store/approximate"
)

// tasted has two spaces of vectors in two indices, one of which is searched approximately, and narrowly, so that it can be told.
const tasted = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Dish", "fields": [{"name": "id", "type": "id"}, {"name": "sort", "type": "integer"},
   {"name": "first", "type": "float_list"}, {"name": "second", "type": "float_list"}]}],
 "spaces": [{"type": "custom_space", "name": "first", "length": 12, "fields": [{"schema": "Dish", "vector": "first"}]},
  {"type": "custom_space", "name": "second", "length": 12, "fields": [{"schema": "Dish", "vector": "second"}]}],
 "indices": [{"type": "index", "name": "graph", "spaces": ["first", "second"], "fields": ["Dish.sort"], "approximate": {"width": 12}},
  {"type": "index", "name": "exact", "spaces": ["first", "second"], "fields": ["Dish.sort"]}]}`

func dishes(rng *rand.Rand, from, to int) *schema.Batch {
	batch := &schema.Batch{Rows: to - from, Columns: []schema.Column{{Name: "id"}, {Name: "sort"}, {Name: "first"}, {Name: "second"}}}
	for i := range batch.Columns {
		batch.Columns[i].Null = make([]bool, batch.Rows)
	}
	taste := func() []float64 {
		values := make([]float64, 12)
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		return values
	}
	for row := from; row < to; row++ {
		batch.Columns[0].Texts = append(batch.Columns[0].Texts, fmt.Sprintf("dish%06d", row))
		batch.Columns[1].Integers = append(batch.Columns[1].Integers, int64(row%100))
		batch.Columns[2].FloatLists = append(batch.Columns[2].FloatLists, taste())
		batch.Columns[3].FloatLists = append(batch.Columns[3].FloatLists, taste())
	}
	return batch
}

func tasteQuery(index, filter string) string {
	return fmt.Sprintf(`{"version": 1, "type": "query", "index": %q, "schema": "Dish", "limit": {"value": 10},
  "space_weights": [{"space": "first", "weight": {"param": "a"}}, {"space": "second", "weight": {"param": "b"}}],
  "clauses": [{"type": "with_vector", "schema": "Dish", "id": {"param": "id"}, "weight": {"value": 1.0}}]%s}`, index, filter)
}

// TestApproximateIndex: the same query through both indices finds nearly the same rows, with the same scores, in a filter only rows that
// pass it, and what was put or deleted a moment ago at once.
func TestApproximateIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	e, _ := open(t, tasted)
	put := func(batch *schema.Batch) {
		_, err := e.Put(context.Background(), stream(batch), engine.PutOptions{Schema: "Dish"}, nil)
		require.NoError(t, err)
	}
	request := engine.RecallRequest{Schema: "Dish", Index: "graph", Queries: 40}
	recall := func() engine.RecallReport {
		report, err := e.Recall(context.Background(), request)
		require.NoError(t, err)
		return report
	}
	put(dishes(rng, 0, approximate.MinimumRows-1))
	few := recall()
	assert.Equal(t, []any{approximate.MinimumRows - 1, 0, 1.0}, []any{few.Rows, few.GraphRows, few.Recall}, "few rows are all scored")

	put(dishes(rng, approximate.MinimumRows-1, approximate.MinimumRows+500))
	report := recall()
	assert.Equal(t, approximate.MinimumRows+500, report.GraphRows)
	assert.Equal(t, []int{40, 10, 12}, []int{report.Queries, report.Limit, report.Width})
	assert.Less(t, report.Recall, 1.0)
	assert.Greater(t, report.Recall, 0.4)
	require.Len(t, report.Spaces, 2)
	assert.Equal(t, "first", report.Spaces[0].Space)

	const filter = `, "filters": [{"any": [{"field": "sort", "operator": "ge", "value": {"value": 30}}]}]`
	found, searches := 0, 0
	for _, weights := range [][2]float64{{1, 1}, {1, 0}, {0.2, 1}} {
		for row := 0; row < 20000; row += 2000 {
			params := engine.Params{Scalars: map[string]any{"a": weights[0], "b": weights[1], "id": fmt.Sprintf("dish%06d", row)}}
			for _, kept := range []string{"", filter} {
				exact := scores(run(t, e, tasteQuery("exact", kept), params))
				result := run(t, e, tasteQuery("graph", kept), params)
				require.Len(t, result.Rows, 10)
				searches++
				for _, hit := range result.Rows {
					if score, ok := exact[hit.ID]; ok {
						found++
						assert.Equal(t, score, hit.Score)
					}
					if kept != "" {
						var sort int
						_, err := fmt.Sscanf(hit.ID, "dish%d", &sort)
						require.NoError(t, err)
						assert.GreaterOrEqual(t, sort%100, 30)
					}
				}
			}
		}
	}
	assert.Greater(t, float64(found)/float64(10*searches), 0.4)

	put(dishes(rng, 500, 510)) // other vectors
	params := engine.Params{Scalars: map[string]any{"a": 1.0, "b": 1.0, "id": "dish000505"}}
	assert.Equal(t, "dish000505", run(t, e, tasteQuery("graph", ""), params).Rows[0].ID)
	_, _, err := e.Delete(context.Background(), "Dish", []string{"dish000506"})
	require.NoError(t, err)
	all := ids(run(t, e, tasteQuery("graph", ""), params))
	assert.False(t, slices.Contains(all, "dish000506"))
	assert.Equal(t, approximate.MinimumRows+499, recall().GraphRows)
}

func TestApproximateRefusals(t *testing.T) {
	for name, c := range map[string]struct{ from, to, message string }{
		"an unknown key": {`"width": 12`, `"depth": 12`, `$.indices[0].approximate.depth: unknown key; known are width, recall, neighbours, build_width`},
		"a large width":  {`"width": 12`, `"width": 100000`, "$.indices[0].approximate.width: must be a whole number from 1 to 16384, got 100000"},
		"one neighbour":  {`"width": 12`, `"neighbours": 1`, "$.indices[0].approximate.neighbours: must be a whole number from 4 to 64, got 1"},
		"all rows":       {`"width": 12`, `"recall": 1`, "$.indices[0].approximate.recall: must be a number from 0.5 to below 1, got 1"},
		"few rows":       {`"width": 12`, `"recall": 0.4`, "$.indices[0].approximate.recall: must be a number from 0.5 to below 1, got 0.4"},
		"both": {`"width": 12`, `"width": 12, "recall": 0.9`,
			"$.indices[0].approximate.recall: a width was given too; which width finds that share is measured: leave one of them out"},
		"long vectors": {`"length": 12`, `"length": 40000`,
			"$.indices[0].approximate: the approximate search takes vectors of up to 65536 numbers, those of the index graph have 80000"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(tasted, c.from, c.to)
			require.NotEqual(t, tasted, text)
			_, err := engine.Open(context.Background(), []byte(text))
			assert.EqualError(t, err, c.message)
		})
	}
	e, _ := open(t, strings.Replace(tasted, `"approximate": {"width": 12}`, `"approximate": null`, 1))
	for name, c := range map[string]struct {
		request engine.RecallRequest
		message string
	}{
		"not approximate": {engine.RecallRequest{Schema: "Dish", Index: "graph"}, "the index graph is not approximate"},
		"no such index":   {engine.RecallRequest{Schema: "Dish", Index: "none"}, `there is no index "none"; the engine has ["graph" "exact"]`},
		"no such schema":  {engine.RecallRequest{Schema: "None", Index: "graph"}, `there is no schema "None"; the engine has ["Dish"]`},
		"many queries":    {engine.RecallRequest{Schema: "Dish", Index: "graph", Queries: 1e6}, "recall takes from 1 to 10000 queries, got 1000000"},
		"a large limit":   {engine.RecallRequest{Schema: "Dish", Index: "graph", Limit: 1e6}, "recall takes limits from 1 to 1000, got 1000000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.Recall(context.Background(), c.request)
			assert.EqualError(t, err, c.message)
		})
	}
	other, _ := open(t, tasted)
	_, err := other.Recall(context.Background(), engine.RecallRequest{Schema: "Dish", Index: "exact"})
	assert.EqualError(t, err, "the index exact is not approximate")
	require.NoError(t, other.Close())
	_, err = other.Recall(context.Background(), engine.RecallRequest{Schema: "Dish", Index: "graph"})
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
}
