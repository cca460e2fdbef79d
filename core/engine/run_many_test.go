package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store/approximate"
)

// wide has vectors long enough for their codes to be scanned, several queries in one go.
const wide = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "sort", "type": "integer"},
   {"name": "first", "type": "float_list"}, {"name": "second", "type": "float_list"}]}],
 "spaces": [{"type": "custom_space", "name": "first", "length": 192, "fields": [{"schema": "Item", "vector": "first"}]},
  {"type": "custom_space", "name": "second", "length": 64, "fields": [{"schema": "Item", "vector": "second"}]}],
 "indices": [{"type": "index", "name": "index", "spaces": ["first", "second"], "fields": ["Item.sort"]}]}`

const wideQuery = `{"version": 1, "type": "query", "index": "index", "schema": "Item",
 "limit": {"param": "limit", "default": 10}, "radius": {"param": "radius"}, "select": {"type": "fields", "fields": {"value": ["sort"]}},
 "partial_scores": true, "contribution_rows": 3, "facets": {"fields": ["sort"], "limit": 3},
 "space_weights": [{"space": "first", "weight": {"param": "a"}}, {"space": "second", "weight": {"param": "b"}}],
 "filters": [{"any": [{"field": "sort", "operator": "ge", "value": {"param": "least"}}]}],
 "clauses": [{"type": "similar", "space": "first", "field": "vector", "value": {"param": "x"}, "weight": {"value": 1.0}},
  {"type": "similar", "space": "second", "field": "vector", "value": {"param": "y"}, "weight": {"value": 1.0}},
  {"type": "with_vector", "schema": "Item", "id": {"param": "id"}, "weight": {"value": 0.5}}]}`

func randomFloats(rng *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	return values
}

func wideItems(rng *rand.Rand, rows int) *schema.Batch {
	batch := &schema.Batch{Rows: rows, Columns: []schema.Column{{Name: "id"}, {Name: "sort"}, {Name: "first"}, {Name: "second"}}}
	for i := range batch.Columns {
		batch.Columns[i].Null = make([]bool, rows)
	}
	for row := range rows {
		batch.Columns[0].Texts = append(batch.Columns[0].Texts, fmt.Sprint("item", row))
		batch.Columns[1].Integers = append(batch.Columns[1].Integers, int64(row%50))
		batch.Columns[2].FloatLists = append(batch.Columns[2].FloatLists, randomFloats(rng, 192))
		batch.Columns[3].FloatLists = append(batch.Columns[3].FloatLists, randomFloats(rng, 64))
	}
	return batch
}

func asList(values []float64) []any {
	items := make([]any, len(values))
	for i, value := range values {
		items[i] = value
	}
	return items
}

// sameAsOneByOne runs a query in both ways, and compares all that the results have.
func sameAsOneByOne(t *testing.T, prepared *engine.Prepared, params []engine.Params) []*engine.Result {
	t.Helper()
	together, err := prepared.RunMany(context.Background(), params)
	require.NoError(t, err)
	require.Len(t, together, len(params))
	for i := range params {
		alone, err := prepared.Run(context.Background(), params[i])
		require.NoError(t, err)
		require.Equal(t, alone, together[i], "run %d", i)
	}
	return together
}

func TestRunsTogetherAreThoseOneByOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	e, _ := open(t, wide)
	prepared, err := e.Prepare([]byte(wideQuery))
	require.NoError(t, err)
	sameAsOneByOne(t, prepared, []engine.Params{{}, scalars("id", nil)}) // before any put
	_, err = e.Put(context.Background(), stream(wideItems(rng, 3000)), engine.PutOptions{Schema: "Item"}, nil)
	require.NoError(t, err)

	var params []engine.Params
	for range 150 { // more than are searched together
		p := scalars("x", asList(randomFloats(rng, 192)))
		add := func(name string, value any) {
			if rng.IntN(3) == 0 {
				p.Scalars[name] = value
			}
		}
		add("y", asList(randomFloats(rng, 64)))
		add("id", fmt.Sprint("item", rng.IntN(3000)))
		add("a", rng.Float64())
		add("b", -rng.Float64())
		add("limit", []int{-1, 0, 1, 500}[rng.IntN(4)])
		add("radius", 0.9)
		if rng.IntN(4) == 0 {
			add("least", rng.IntN(55))
		}
		params = append(params, p)
	}
	rows := map[int]bool{}
	for _, result := range sameAsOneByOne(t, prepared, params) {
		rows[len(result.Rows)] = true
	}
	for _, count := range []int{0, 1, 10, 500, 3000} {
		assert.True(t, rows[count], "a result of %d rows", count)
	}
	none, err := prepared.RunMany(context.Background(), nil)
	require.NoError(t, err)
	assert.Equal(t, []*engine.Result{}, none)
}

func TestPicturesOfRunsTogether(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "a", "image": picture(red), "description": "x"}, row{"id": "b", "image": picture(green, blue)})
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	results := sameAsOneByOne(t, prepared, []engine.Params{
		imageParam("image", picture(red)), imageParam("image", picture(green, blue)), scalars("text", "x"), {},
	})
	assert.Equal(t, []string{"a", "b"}, []string{results[0].Rows[0].ID, results[1].Rows[0].ID})
}

func TestApproximateRunsTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	e, _ := open(t, tasted)
	_, err := e.Put(context.Background(), stream(dishes(rng, 0, approximate.MinimumRows+10)), engine.PutOptions{Schema: "Dish"}, nil)
	require.NoError(t, err)
	report, err := e.Recall(context.Background(), engine.RecallRequest{Schema: "Dish", Index: "graph", Queries: 1}) // waits for the graph
	require.NoError(t, err)
	require.NotZero(t, report.GraphRows)
	for _, index := range []string{"graph", "exact"} {
		prepared, err := e.Prepare([]byte(tasteQuery(index, "")))
		require.NoError(t, err)
		var params []engine.Params
		for i := range 20 {
			params = append(params, scalars("a", 1, "b", 1-0.05*float64(i), "id", fmt.Sprintf("dish%06d", 900*i)))
		}
		sameAsOneByOne(t, prepared, params)
	}
}

func TestMistakesOfRunsTogether(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "a", "description": "x"})
	good := scalars("text", "x")
	for name, c := range map[string]struct {
		query   string
		bad     engine.Params
		status  errs.Status
		message string
	}{
		"unknown":   {byImageAndText, scalars("zzz", 1), errs.InvalidInput, "params[2]: Unknown query parameters: zzz."},
		"no number": {byImageAndText, scalars("text_weight", "heavy"), errs.InvalidInput, "params[2].text_weight: "},
		"no image":  {byImageAndText, imageParam("image", []byte("no picture")), errs.InvalidInput, "params[2].image: "},
		"no row": {`{"version": 1, "type": "query", "index": "index", "schema": "Image",
			"clauses": [{"type": "with_vector", "schema": "Image", "id": {"param": "id", "default": "a"}, "weight": {"value": 1.0}},
			 {"type": "similar", "space": "space", "field": "description", "value": {"param": "text"}, "weight": {"value": 1.0}}]}`,
			scalars("id", "nobody"), errs.NotFound, "params[2].id: Entity not found"},
		"the query's own": {strings.Replace(byImageAndText, `{"param": "image"}`, `{"value": "/no/such/picture.png"}`, 1),
			good, errs.NotFound, "$.clauses[0].value"},
	} {
		t.Run(name, func(t *testing.T) {
			prepared, err := e.Prepare([]byte(c.query))
			require.NoError(t, err)
			results, err := prepared.RunMany(context.Background(), []engine.Params{good, good, c.bad, good})
			assert.Nil(t, results)
			assert.Equal(t, c.status, errs.StatusOf(err), "%v", err)
			assert.True(t, strings.HasPrefix(err.Error(), c.message), "%v", err)
		})
	}

	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	_, err = prepared.RunMany(context.Background(), make([]engine.Params, engine.MaxRuns+1))
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = prepared.RunMany(cancelled, []engine.Params{good})
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
	assert.NotContains(t, err.Error(), "params", "no run is to blame")
	require.NoError(t, e.Close())
	_, err = prepared.RunMany(context.Background(), nil)
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
}
