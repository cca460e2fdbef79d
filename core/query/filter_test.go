package query_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/schema"
)

// typedItem has a field of each kind that can be filtered by, and some that cannot.
var typedItem = &schema.Schema{Name: "Item", Fields: []schema.Field{
	{Name: "key", Type: schema.ID}, {Name: "name", Type: schema.String}, {Name: "n", Type: schema.Integer},
	{Name: "x", Type: schema.Float}, {Name: "b", Type: schema.Boolean}, {Name: "t", Type: schema.Timestamp},
	{Name: "c", Type: schema.StringList}, {Name: "v", Type: schema.FloatList}, {Name: "other", Type: schema.String},
}}

// filterCatalog is newCatalog with typedItem, all fields of which but other are listed.
type filterCatalog struct{ catalog }

func (c filterCatalog) Index(name string) (query.Searched, bool) {
	listed := map[string]bool{}
	for _, field := range typedItem.Fields[1:8] {
		listed[field.Name] = true
	}
	return query.Searched{Index: c.index, Schemas: []*schema.Schema{typedItem}, Listed: map[string]map[string]bool{"Item": listed}}, true
}

// where writes filters: groups of conditions, each a field, an operator and an operand.
func where(groups ...string) string { return q(`"filters": [` + strings.Join(groups, ",") + `]`) }

func anyOf(conditions ...string) string { return `{"any": [` + strings.Join(conditions, ",") + `]}` }

func is(field, operator, operand string) string {
	return `{"field": "` + field + `", "operator": "` + operator + `", "value": ` + operand + `}`
}

func only(field, operator, operand string) string { return where(anyOf(is(field, operator, operand))) }

func TestMistakesInFiltersAreRefused(t *testing.T) {
	for text, message := range map[string]string{
		q(`"filters": {}`):   "$.filters: must be a list, got an object",
		where(`{"all": []}`): "$.filters[0].all: unknown key; known are any",
		where(anyOf()):       "$.filters[0].any: needs at least one condition",
		where(anyOf(`{"field": "n", "value": {}}`)):        `$.filters[0].any[0]: the key "operator" is missing`,
		only("n", "=", `{"value": 1}`):                     `$.filters[0].any[0].operator: unknown operator "="; known are eq, ne, gt, lt, ge, le, in, not_in, contains, not_contains, contains_all`,
		only("nope", "eq", `{"value": 1}`):                 `$.filters[0].any[0].field: the schema Item has no field "nope"`,
		only("U.x", "eq", `{"value": 1}`):                  `$.filters[0].any[0].field: U.x is not part of the Item schema.`,
		only("x", "eq", `{"value": 1.0}`):                  "$.filters[0].any[0].operator: Field x doesn't support be_equal_to operation.",
		only("v", "contains", `{"value": [1.0]}`):          "$.filters[0].any[0].operator: Field v doesn't support contain operation.",
		only("n", "eq", `{"value": "x"}`):                  "$.filters[0].any[0].value: Unsupported filter operand type: str, expected int or Param.",
		only("n", "gt", `{"value": 1.0}`):                  "$.filters[0].any[0].value: Unsupported filter operand type: float, expected int or Param.",
		only("n", "eq", `{"value": null}`):                 "$.filters[0].any[0].value: Unsupported filter operand type: NoneType, expected int or Param.",
		only("t", "ge", `{"value": [1]}`):                  "$.filters[0].any[0].value: Unsupported filter operand type: list, expected int or Param.",
		only("n", "eq", `{"value": 99999999999999999999}`): "$.filters[0].any[0].value: the number 99999999999999999999 is beyond the whole numbers of 64 bits",
		only("x", "gt", `{"value": "a"}`):                  "$.filters[0].any[0].value: Unsupported filter operand type: str, expected float or Param.",
		only("x", "gt", `{"value": 1e999}`):                "$.filters[0].any[0].value: the value +Inf is not a finite number",
		only("b", "eq", `{"value": 1}`):                    "$.filters[0].any[0].value: Unsupported filter operand type: int, expected bool or Param.",
		only("name", "eq", `{"value": true}`):              "$.filters[0].any[0].value: Unsupported filter operand type: bool, expected str or Param.",
		only("name", "in", `{"value": ["a", 1]}`):          "$.filters[0].any[0].value: Value ([a 1]) is of wrong type. Allowed types are: ['A list of str(s)']",
		only("n", "in", `{"value": [2.0]}`):                "$.filters[0].any[0].value: Value ([2.0]) is of wrong type. Allowed types are: ['A list of int(s)']",
		only("b", "not_in", `{"value": [1]}`):              "$.filters[0].any[0].value: Value ([1]) is of wrong type. Allowed types are: ['A list of bool(s)']",
		only("c", "contains", `{"value": 7}`):              "$.filters[0].any[0].value: Value (7) is of wrong type. Allowed types are: ['A list of str(s)']",
		only("n", "eq", `{"param": "p", "default": 2.5}`):  "params.p: Value (2.5) is of wrong type. Allowed types are: ['A single int']",
		where(anyOf(is("other", "eq", `{"value": "a"}`), is("n", "eq", `{"value": 1}`)), anyOf(is("other", "ne", `{"value": "b"}`))): "Unindexed fields with filter found: ['__schema_field__Item_other', '__schema_field__Item_other']",
	} {
		_, err := query.Compile([]byte(text), filterCatalog{newCatalog(t)})
		require.Equal(t, errs.InvalidInput, errs.StatusOf(err), text)
		assert.EqualError(t, err, message)
	}
}

func TestFiltersAreBoundToParameters(t *testing.T) {
	group := anyOf(is("n", "eq", `{"param": "n"}`), is("Item.name", "in", `{"param": "names"}`))
	plan, err := query.Compile([]byte(where(group, anyOf(is("key", "ne", `{"value": "k"}`)))), filterCatalog{newCatalog(t)})
	require.NoError(t, err)
	row := func(key, name string, n int64) []schema.Value {
		values := make([]schema.Value, len(typedItem.Fields))
		values[0], values[1], values[2] = schema.TextValue(key), schema.TextValue(name), schema.IntegerValue(n)
		return values
	}
	for name, c := range map[string]struct {
		values query.Values
		groups []int // conditions in each
		passes []bool
		params map[string]any
	}{
		"nothing given": {given(), []int{1}, []bool{true, true, false}, map[string]any{"n": nil, "names": nil}},
		"one given":     {given("n", json.Number("2"), "names", nil), []int{1, 1}, []bool{false, true, false}, map[string]any{"n": int64(2), "names": nil}},
		"both given":    {given("n", true, "names", "a"), []int{2, 1}, []bool{true, false, false}, map[string]any{"n": int64(1), "names": []string{"a"}}},
		"an empty list": {given("names", []any{}), []int{1, 1}, []bool{false, false, false}, map[string]any{"n": nil, "names": []string{}}},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := plan.Bind(c.values)
			require.NoError(t, err)
			var groups []int
			for _, conditions := range bound.Filter {
				groups = append(groups, len(conditions))
			}
			assert.Equal(t, c.groups, groups)
			for i, values := range [][]schema.Value{row("1", "a", 1), row("2", "b", 2), row("k", "a", 2)} {
				wanted := c.passes[i]
				assert.Equal(t, wanted, bound.Filter.Matches(values), "row %d", i)
			}
			assert.Equal(t, c.params, bound.Params)
		})
	}
}

// A field that is not listed is only missed where its condition counts.
func TestAnUnlistedFieldIsRefusedWhereItsParameterIsGiven(t *testing.T) {
	plan, err := query.Compile([]byte(only("other", "eq", `{"param": "p"}`)), filterCatalog{newCatalog(t)})
	require.NoError(t, err)
	_, err = plan.Bind(given())
	require.NoError(t, err)
	_, err = plan.Bind(given("p", "a"))
	assert.EqualError(t, err, "Unindexed fields with filter found: ['__schema_field__Item_other']")
}

func FuzzFilters(f *testing.F) {
	f.Add(`{"any": [{"field": "n", "operator": "eq", "value": {"value": 1}}]}`, `2`)
	f.Add(`{"any": [{"field": "name", "operator": "in", "value": {"param": "p", "options": [["a"]]}}]}`, `["a"]`)
	f.Add(`{"any": [{"field": "c", "operator": "contains_all", "value": {"param": "p", "default": "a"}}]}`, `null`)
	f.Add(`{"any": [{"field": "x", "operator": "le", "value": {"param": "p"}}]}`, `1e999`)
	catalog := filterCatalog{newCatalog(f)}
	f.Fuzz(func(t *testing.T, group, value string) {
		plan, err := query.Compile([]byte(where(group)), catalog)
		if err != nil {
			assert.NotEqual(t, errs.Internal, errs.StatusOf(err), "%v", err)
			return
		}
		decoder := json.NewDecoder(strings.NewReader(value))
		decoder.UseNumber()
		var param any
		if decoder.Decode(&param) != nil {
			return
		}
		bound, err := plan.Bind(given("p", param))
		if err != nil {
			assert.NotEqual(t, errs.Internal, errs.StatusOf(err), "%v", err)
			return
		}
		bound.Filter.Matches(make([]schema.Value, len(typedItem.Fields)))
	})
}
