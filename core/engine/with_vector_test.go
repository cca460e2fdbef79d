package engine_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// catalogue has two schemas that share a custom space, a number space of one of them, and no model.
const catalogue = `{"version": 1,
 "schemas": [
  {"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "v", "type": "float_list"},
   {"name": "price", "type": "float", "optional": true}, {"name": "tags", "type": "string_list", "optional": true}]},
  {"type": "schema", "name": "User", "fields": [{"name": "id", "type": "id"}, {"name": "taste", "type": "float_list"}]}],
 "spaces": [
  {"type": "custom_space", "name": "look", "length": 2, "fields": [{"schema": "Item", "vector": "v"}, {"schema": "User", "vector": "taste"}]},
  {"type": "number_space", "name": "cheap", "fields": [{"schema": "Item", "number": "price"}], "min_value": 0, "max_value": 10, "mode": "minimum"}],
 "indices": [{"type": "index", "name": "both", "spaces": ["look", "cheap"], "fields": ["Item.price", "Item.tags"]},
             {"type": "index", "name": "one", "spaces": ["look"]}]}`

// openCatalogue opens it with three items and a user.
func openCatalogue(t testing.TB) *engine.Engine {
	e, err := engine.Open(context.Background(), []byte(catalogue))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	some := func(texts ...string) []string { return texts }
	items := &schema.Batch{Rows: 3, Columns: []schema.Column{
		{Name: "id", Null: make([]bool, 3), Texts: some("a", "b", "c")},
		{Name: "v", Null: make([]bool, 3), FloatLists: [][]float64{{1, 0}, {0, 1}, {1, 1}}},
		{Name: "price", Null: []bool{false, false, true}, Floats: []float64{1, 9, 0}},
		{Name: "tags", Null: make([]bool, 3), TextLists: [][]string{some("new"), some("old", "new"), some()}},
	}}
	users := &schema.Batch{Rows: 1, Columns: []schema.Column{
		{Name: "id", Null: make([]bool, 1), Texts: some("u")}, {Name: "taste", Null: make([]bool, 1), FloatLists: [][]float64{{3, 4}}},
	}}
	for name, batch := range map[string]*schema.Batch{"Item": items, "User": users} {
		_, err := e.Put(context.Background(), stream(batch), engine.PutOptions{Schema: name}, nil)
		require.NoError(t, err)
	}
	return e
}

func ask(index, members string) string {
	return `{"version": 1, "type": "query", "index": "` + index + `", "schema": "Item", ` + members + `}`
}

func TestRowsLikeAStoredOne(t *testing.T) {
	e := openCatalogue(t)
	like := func(schema, id string) string {
		return `"clauses": [{"type": "with_vector", "schema": "` + schema + `", "id": {"param": "id", "default": "` + id + `"}}]`
	}
	alone := run(t, e, ask("one", like("User", "u")), scalars())
	assert.InDeltaMapValues(t, map[string]float64{"a": .6, "b": .8, "c": 1.4 / math.Sqrt2}, scores(alone), 1e-6)
	assert.True(t, alone.Info.Explain.WeightsIgnored)

	result := run(t, e, ask("both", `"partial_scores": true, `+like("Item", "a")), scalars("id", "b"))
	require.True(t, result.HasContributions)
	for _, row := range result.Rows {
		require.Len(t, row.Contributions, 2)
		assert.InDelta(t, row.PartialScores[0], row.Contributions[0], 1e-6)
		assert.Zero(t, row.Contributions[1], "what is cheapest does not depend on the stored row")
	}
	assert.Equal(t, []engine.ClauseInfo{
		{Type: "with_vector", Space: "look", Field: "with_vector", Param: "id", Weight: 1, Active: true},
		{Type: "with_vector", Space: "cheap", Field: "with_vector", Param: "id", Weight: 1, Active: true},
	}, result.Info.Clauses)
	assert.Equal(t, "b", result.Info.SearchParams["id"])

	for _, id := range []string{"nosuch", ""} {
		prepared, err := e.Prepare([]byte(ask("both", like("Item", "a"))))
		require.NoError(t, err)
		_, err = prepared.Run(context.Background(), scalars("id", id))
		require.Equal(t, errs.NotFound, errs.StatusOf(err))
		assert.ErrorContains(t, err, "Entity not found for object_id: "+id)
		assert.Equal(t, "params.id", errs.From(err).Path)
	}
}

func TestTheResultExplainsItsWeights(t *testing.T) {
	e := openCatalogue(t)
	similar := `"clauses": [{"type": "similar", "space": "look", "field": "vector", "value": {"param": "v"}}]`
	for name, c := range map[string]struct {
		members string
		params  engine.Params
		explain string
	}{
		"nothing": {`"radius": null`, scalars(), `[{"space": "look", "weight": 0, "source": "unmentioned", "param": "", "active": false},
			{"space": "cheap", "weight": 0, "source": "unmentioned", "param": "", "active": false}]`},
		"a clause": {similar, scalars("v", []any{1, 0}), `[{"space": "look", "weight": 1, "source": "similar", "param": "", "active": true},
			{"space": "cheap", "weight": 0, "source": "unmentioned", "param": "", "active": false}]`},
		"a clause without a value": {similar, scalars(), `[{"space": "look", "weight": 1, "source": "similar", "param": "", "active": false},
			{"space": "cheap", "weight": 0, "source": "unmentioned", "param": "", "active": false}]`},
		"weights": {`"space_weights": [{"space": "cheap", "weight": {"param": "w", "default": 2}}, {"space": "look", "weight": {"value": 1}}]`, scalars("w", -1),
			`[{"space": "look", "weight": 1, "source": "query", "param": "", "active": false},
			{"space": "cheap", "weight": -1, "source": "param", "param": "w", "active": true}]`},
	} {
		t.Run(name, func(t *testing.T) {
			explain, err := json.Marshal(run(t, e, ask("both", c.members), c.params).Info.Explain)
			require.NoError(t, err)
			assert.JSONEq(t, `{"weights_ignored": false, "spaces": `+c.explain+`}`, string(explain))
		})
	}
}

func TestFiltersComeBeforeTheLimit(t *testing.T) {
	e := openCatalogue(t)
	text := ask("both", `"space_weights": [{"space": "cheap", "weight": {"value": 1}}], "limit": {"value": 1},
		"filters": [{"any": [{"field": "price", "operator": "gt", "value": {"param": "floor"}}]},
		            {"any": [{"field": "tags", "operator": "contains", "value": {"value": ["old", "new"]}}]}]`)
	result := run(t, e, text, scalars())
	assert.Equal(t, []string{"a"}, ids(result))
	assert.Equal(t, 2, result.Info.RowsSearched, "c has no tag")
	result = run(t, e, text, scalars("floor", 5))
	assert.Equal(t, []string{"b"}, ids(result))
	assert.Equal(t, 1, result.Info.RowsSearched)
	deleted, _, err := e.Delete(context.Background(), "Item", []string{"b"})
	require.NoError(t, err)
	assert.Equal(t, 1, deleted)
	assert.Empty(t, ids(run(t, e, text, scalars("floor", 5))))

	_, err = e.Prepare([]byte(strings.Replace(text, `"field": "price"`, `"field": "v"`, 1)))
	assert.ErrorContains(t, err, "Field v doesn't support be_greater_than operation.")
}
