package engine_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// leavingOut has two indices; the field v is left out by both, b by one, n by both but listed by one.
const leavingOut = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "v", "type": "float_list", "optional": true},
   {"name": "b", "type": "boolean", "optional": true}, {"name": "n", "type": "integer", "optional": true}]}],
 "spaces": [{"type": "custom_space", "name": "look", "length": 2, "fields": [{"schema": "Item", "vector": "v"}]},
            {"type": "number_space", "name": "count", "fields": [{"schema": "Item", "number": "n"}], "min_value": 0, "max_value": 10, "mode": "similar"}],
 "indices": [{"type": "index", "name": "one", "spaces": ["look"], "fields_to_exclude": ["Item.v", "Item.b", "Item.n"]},
             {"type": "index", "name": "both", "spaces": ["look", "count"], "fields": ["Item.n"], "fields_to_exclude": ["Item.v", "Item.n"]}]}`

func TestFieldsThatAllIndicesLeaveOutAreNotStored(t *testing.T) {
	e, err := engine.Open(context.Background(), []byte(leavingOut))
	require.NoError(t, err)
	defer e.Close()
	mustPut(t, e, "Item", row{"id": "a", "v": numbers(1, 0), "b": true, "n": json.Number("3")})

	similar := `"clauses": [{"type": "similar", "space": "look", "field": "vector", "value": {"value": [1, 0]}}], "select": {"type": "all"}`
	result := run(t, e, ask("one", similar), scalars())
	assert.Empty(t, result.Fields)
	assert.InDelta(t, 1, scores(result)["a"], 1e-6, "what is not stored is embedded")
	result = run(t, e, ask("both", similar+`, "filters": [{"any": [{"field": "n", "operator": "eq", "value": {"value": 3}}]}]`), scalars())
	require.Len(t, result.Rows, 1, "what is listed can be filtered by")
	require.Len(t, result.Fields, 1)
	assert.Equal(t, "b", result.Fields[0].Name)
	_, err = e.Prepare([]byte(strings.Replace(ask("both", similar), `{"type": "all"}`, `{"type": "fields", "fields": {"value": ["v", "b", "n"]}}`, 1)))
	assert.ErrorContains(t, err, "Fields ['v', 'n'] cannot be selected as they are not stored.")

	merge := engine.PutOptions{Schema: "Item", Partial: engine.Merge}
	_, err = putRows(t, e, merge, row{"id": "a", "n": json.Number("4")})
	require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "the field is not stored, so it cannot be merged")
	_, err = putRows(t, e, merge, row{"id": "a", "v": numbers(0, 1)}, row{"id": "new", "n": json.Number("4")})
	require.NoError(t, err)
	assert.InDelta(t, 0, scores(run(t, e, ask("one", similar), scalars()))["a"], 1e-6)
}
