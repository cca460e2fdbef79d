package query_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
)

// like writes a with_vector clause with further members.
func like(id, members string) string {
	if members != "" {
		members = ", " + members
	}
	return `{"type": "with_vector", "schema": "Item", "id": ` + id + members + `}`
}

func clauses(list ...string) string { return `"clauses": [` + strings.Join(list, ",") + `]` }

func TestMistakesInWithVectorAreRefused(t *testing.T) {
	weights := `"weights": [{"space": "one", "weight": {"value": 1}}]`
	for text, message := range map[string]string{
		clauses(`7`):                      `$.clauses[0]: must be an object with a "type"`,
		clauses(like(`{}`, "")):           `$.clauses[0].id: the key "value" is missing`,
		clauses(like(`{"value": 7}`, "")): "$.clauses[0].id: Value (7) is of wrong type. Allowed types are: ['A single str']",
		clauses(like(`{"value": "a"}`, ""), like(`{"value": "b"}`, "")):             "$.clauses[1]: Query cannot have more than one BaseLooksLikeFilterClause, got 2.",
		clauses(like(`{"value": "a"}`, `"weight": {"value": "x"}`)):                 "$.clauses[0].weight: Value (x) is of wrong type. Allowed types are: ['A single float|int']",
		clauses(like(`{"value": "a"}`, `"weight": {"value": 1}, `+weights)):         `$.clauses[0].weights: has no place beside "weight": give one for all spaces, or one for each`,
		clauses(like(`{"value": "a"}`, strings.Replace(weights, "one", "none", 1))): "$.clauses[0].weights[0].space: Space isn't present in the index: none.",
		clauses(like(`{"value": "a"}`, `"space": "one"`)):                           "$.clauses[0].space: unknown key; known are type, schema, id, weight, weights",
		clauses(strings.Replace(like(`{"value": "a"}`, ""), "Item", "U", 1)):        `$.clauses[0].schema: the index index has no rows of a schema "U"`,
		`"override_now": {"value": 1.5}`:                                            "$.override_now: Value (1.5) is of wrong type. Allowed types are: ['A single int']",
		`"override_now": {"param": "now", "default": "x"}`:                          "params.now: Value (x) is of wrong type. Allowed types are: ['A single int']",
		`"override_now": {"value": 1723303545000}`:                                  "$.override_now: the time 1723303545000 is not one in unix seconds; give seconds, not milliseconds",
		`"override_now": {"value": 99999999999999999999}`:                           "$.override_now: the number 99999999999999999999 is beyond the whole numbers of 64 bits",
	} {
		_, err := query.Compile([]byte(q(text)), newCatalog(t))
		require.Error(t, err, text)
		assert.EqualError(t, err, message)
	}
	_, err := query.Compile([]byte(q(clauses(strings.Replace(like(`{"value": "a"}`, ""), "Item", "U", 1)))), newCatalog(t))
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
}

func TestWithVector(t *testing.T) {
	both := `"weights": [{"space": "two", "weight": {"param": "w"}}]`
	for name, c := range map[string]struct {
		clause  string
		values  query.Values
		weights []float64
		given   bool
		active  bool
	}{
		"a literal":           {like(`{"value": "a"}`, ""), given(), []float64{1, 1}, true, true},
		"a weight":            {like(`{"value": "a"}`, `"weight": {"value": -2}`), given(), []float64{-2, -2}, true, true},
		"weight 0":            {like(`{"value": "a"}`, `"weight": {"value": 0}`), given(), []float64{0, 0}, true, false},
		"an unset weight":     {like(`{"value": "a"}`, `"weight": {"param": "w"}`), given(), []float64{1, 1}, true, true},
		"a space's weight":    {like(`{"value": "a"}`, both), given("w", 0), []float64{1, 0}, true, true},
		"no id":               {like(`{"param": "id"}`, ""), given(), []float64{1, 1}, false, false},
		"the id is null":      {like(`{"param": "id"}`, ""), given("id", nil), []float64{1, 1}, false, false},
		"an empty id":         {like(`{"param": "id"}`, ""), given("id", ""), []float64{1, 1}, true, true},
		"a default id":        {like(`{"param": "id", "default": "a"}`, ""), given(), []float64{1, 1}, true, true},
		"a null for a weight": {like(`{"value": "a"}`, `"weight": null, "weights": null`), given(), []float64{1, 1}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := bind(t, q(clauses(c.clause)), c.values)
			require.NoError(t, err)
			assert.Equal(t, c.weights, bound.WithVector.Weights)
			assert.Equal(t, c.given, bound.WithVector.Given)
			assert.Equal(t, c.active, bound.WithVector.Active())
			assert.Equal(t, []float64{1, 1}, bound.Weights, "the clause alone makes all spaces count")
		})
	}
	var none *query.WithVector
	assert.False(t, none.Active())
}

func TestReasonsOfWeights(t *testing.T) {
	weights := `"space_weights": [{"space": "one", "weight": {"param": "a"}}, {"space": "two", "weight": {"param": "b", "default": 3}}]`
	named := clauses(similar("image", `{"param": "v"}`, ""))
	for name, c := range map[string]struct {
		text    string
		values  query.Values
		reasons []query.Reason
	}{
		"nothing":         {"", given(), []query.Reason{{Source: query.Unmentioned}, {Source: query.Unmentioned}}},
		"a clause":        {named, given(), []query.Reason{{Source: query.FromSimilar}, {Source: query.Unmentioned}}},
		"a stored row":    {clauses(like(`{"param": "id"}`, "")), given(), []query.Reason{{Source: query.FromVector}, {Source: query.FromVector}}},
		"both":            {clauses(similar("image", `{"param": "v"}`, ""), like(`{"param": "id"}`, "")), given(), []query.Reason{{Source: query.FromSimilar}, {Source: query.FromVector}}},
		"parameters":      {weights, given("a", 2), []query.Reason{{Source: query.FromParam, Param: "a"}, {Source: query.FromDefault, Param: "b"}}},
		"unset":           {weights, given("b", 0), []query.Reason{{Source: query.Unmentioned, Param: "a"}, {Source: query.FromParam, Param: "b"}}},
		"unset, a clause": {named + "," + weights, given(), []query.Reason{{Source: query.FromSimilar, Param: "a"}, {Source: query.FromDefault, Param: "b"}}},
		"a literal":       {strings.Replace(weights, `"param": "a"`, `"value": 0`, 1), given(), []query.Reason{{Source: query.FromQuery}, {Source: query.FromDefault, Param: "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := bind(t, q(c.text), c.values)
			require.NoError(t, err)
			assert.Equal(t, c.reasons, bound.Reasons)
		})
	}
}

func TestOverrideNow(t *testing.T) {
	for text, want := range map[string]any{
		``:                                 nil,
		`"override_now": null`:             nil,
		`"override_now": {"param": "now"}`: nil,
		`"override_now": {"value": 0}`:     int64(0),
		`"override_now": {"value": -5}`:    int64(-5),
		`"override_now": {"param": "n"}`:   int64(7),
		`"override_now": {"param": "now", "default": 9}`: int64(9),
	} {
		values := given()
		if strings.Contains(text, `"n"`) {
			values = given("n", json.Number("7"))
		}
		bound, err := bind(t, q(text), values)
		require.NoError(t, err)
		if want == nil {
			assert.Nil(t, bound.Now, text)
			continue
		}
		require.NotNil(t, bound.Now, text)
		assert.Equal(t, want, *bound.Now, text)
	}
}
