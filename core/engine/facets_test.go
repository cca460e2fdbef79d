package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/schema"
)

// shop has shirts of which colour, sizes and price are listed.
func shop(t *testing.T) *engine.Engine {
	e, err := engine.Open(context.Background(), []byte(`{"version": 1,
	 "schemas": [{"type": "schema", "name": "Shirt", "fields": [{"name": "id", "type": "id"}, {"name": "colour", "type": "string", "optional": true},
	   {"name": "sizes", "type": "string_list"}, {"name": "price", "type": "float"}, {"name": "secret", "type": "string"}, {"name": "look", "type": "float_list"}]}],
	 "spaces": [{"type": "custom_space", "name": "space", "fields": [{"schema": "Shirt", "vector": "look"}], "length": 2}],
	 "indices": [{"type": "index", "name": "index", "spaces": ["space"], "fields": ["Shirt.colour", "Shirt.sizes", "Shirt.price", "Shirt.look"]}]}`))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	given := make([]bool, 4)
	_, err = e.Put(context.Background(), stream(&schema.Batch{Rows: 4, Columns: []schema.Column{
		{Name: "id", Null: given, Texts: []string{"a", "b", "c", "d"}},
		{Name: "colour", Null: []bool{false, false, false, true}, Texts: []string{"red", "blue", "red", ""}},
		{Name: "sizes", Null: given, TextLists: [][]string{{"S", "M"}, {"M"}, {"L", "M"}, {}}},
		{Name: "price", Null: given, Floats: []float64{10, 20, 35, 15}},
		{Name: "look", Null: given, FloatLists: [][]float64{{1, 0}, {0, 1}, {1, 1}, {1, 2}}},
	}}), engine.PutOptions{Schema: "Shirt"}, nil)
	require.NoError(t, err)
	return e
}

func shirts(members string) []byte {
	return fmt.Appendf(nil, `{"version": 1, "type": "query", "index": "index", "schema": "Shirt", "limit": {"value": 1}, %s}`, members)
}

func facetsOf(t *testing.T, e *engine.Engine, members string) string {
	prepared, err := e.Prepare(shirts(members))
	require.NoError(t, err)
	result, err := prepared.Run(context.Background(), engine.Params{})
	require.NoError(t, err)
	require.Len(t, result.Rows, 1)
	text, err := json.Marshal(result.Info.Facets)
	require.NoError(t, err)
	return string(text)
}

func TestFacetsCountAllRowsThatPassTheFilters(t *testing.T) {
	e := shop(t)
	assert.JSONEq(t, `[
	  {"field": "colour", "type": "string", "rows": 3, "distinct": 2, "values": [{"value": "red", "count": 2}, {"value": "blue", "count": 1}], "min": null, "max": null},
	  {"field": "sizes", "type": "string_list", "rows": 4, "distinct": 3, "values": [{"value": "M", "count": 3}, {"value": "L", "count": 1}, {"value": "S", "count": 1}], "min": null, "max": null},
	  {"field": "price", "type": "float", "rows": 4, "distinct": 0, "values": [], "min": 10, "max": 35}]`,
		facetsOf(t, e, `"facets": {"fields": ["colour", "sizes", "price", "colour"]}`))
	assert.JSONEq(t, `[
	  {"field": "sizes", "type": "string_list", "rows": 2, "distinct": 2, "values": [{"value": "M", "count": 2}], "min": null, "max": null},
	  {"field": "price", "type": "float", "rows": 2, "distinct": 0, "values": [], "min": 20, "max": 35}]`,
		facetsOf(t, e, `"facets": {"fields": ["sizes", "price"], "limit": 1}, "filters": [{"any": [{"field": "price", "operator": "gt", "value": {"value": 15}}]}]`))
	assert.Equal(t, "null", facetsOf(t, e, `"facets": null`))

	_, _, err := e.Delete(context.Background(), "Shirt", []string{"a", "c"})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"field": "colour", "type": "string", "rows": 1, "distinct": 1, "values": [{"value": "blue", "count": 1}], "min": null, "max": null}]`,
		facetsOf(t, e, `"facets": {"fields": ["colour"]}`))
}

func TestMistakesInFacets(t *testing.T) {
	e := shop(t)
	for members, message := range map[string]string{
		`"facets": {}`: `$.facets: the key "fields" is missing`,
		`"facets": {"fields": ["colour"], "top": 3}`:   "$.facets.top: unknown key; known are fields, limit",
		`"facets": {"fields": ["color"]}`:              `$.facets.fields[0]: the schema Shirt has no field "color"`,
		`"facets": {"fields": ["colour", "secret"]}`:   "$.facets.fields[1]: the field secret is not listed in the index' fields; only those that are can be counted",
		`"facets": {"fields": ["id"]}`:                 "$.facets.fields[0]: the field id of type id has no facet",
		`"facets": {"fields": ["look"]}`:               "$.facets.fields[0]: the field look of type float_list has no facet",
		`"facets": {"fields": ["colour"], "limit": 0}`: "$.facets.limit: must be a whole number from 1 to 10000, got 0",
		`"facets": ["colour"]`:                         "$.facets: must be an object",
	} {
		_, err := e.Prepare(shirts(members))
		assert.ErrorContains(t, err, message)
	}
}
