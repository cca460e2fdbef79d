package engine_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// things has a number, a timestamp and a category, each with a space and all in one index.
const things = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Thing", "fields": [{"name": "id", "type": "id"}, {"name": "price", "type": "float"},
   {"name": "made", "type": "timestamp", "optional": true}, {"name": "colour", "type": "string", "optional": true}]}],
 "spaces": [
  {"type": "number_space", "name": "prices", "fields": [{"schema": "Thing", "number": "price"}], "min_value": 0, "max_value": 10, "mode": "similar"},
  {"type": "recency_space", "name": "ages", "fields": [{"schema": "Thing", "timestamp": "made"}]},
  {"type": "categorical_similarity_space", "name": "colours", "fields": [{"schema": "Thing", "category": "colour"}], "categories": ["red", "blue"]}],
 "indices": [{"type": "index", "name": "index", "spaces": ["prices", "ages", "colours"]}, {"type": "index", "name": "ages", "spaces": ["ages"]}]}`

func putThings(t *testing.T, e *engine.Engine, rows ...row) (*engine.Report, error) {
	types := map[string]string{"id": "id", "price": "float", "made": "timestamp", "colour": "string"}
	return e.Put(context.Background(), stream(typedBatch(t, types, rows)), engine.PutOptions{Schema: "Thing"}, nil)
}

func TestTheClockIsThePresent(t *testing.T) {
	now := time.Date(2024, 8, 10, 15, 0, 0, 0, time.UTC)
	e, err := engine.Open(context.Background(), []byte(things), engine.WithClock(func() time.Time { return now }))
	require.NoError(t, err)
	defer e.Close()
	_, err = putThings(t, e, row{"id": "old", "price": 1.0, "made": now.Add(-100 * time.Hour).Unix()}, row{"id": "new", "price": 1.0, "made": now.Unix()})
	require.NoError(t, err)
	const query = `{"version": 1, "type": "query", "index": "ages", "schema": "Thing"}`
	result := run(t, e, query, engine.Params{})
	assert.Equal(t, []string{"new", "old"}, ids(result))
	before := scores(result)
	now = now.Add(-99 * time.Hour) // queries follow the clock
	assert.Greater(t, scores(run(t, e, query, engine.Params{}))["old"], before["old"])
}

func TestValuesThatASpaceCannotUse(t *testing.T) {
	e, err := engine.Open(context.Background(), []byte(things))
	require.NoError(t, err)
	defer e.Close()
	report, err := putThings(t, e, row{"id": "a"}, row{"id": "b", "price": 1.0})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	require.Len(t, report.Errors, 1)
	assert.Equal(t, "The SchemaField Thing.price was not supplied in the input data. If you want to ingest missing data for this field, make it optional.",
		report.Errors[0].Reason)
	infinite := typedBatch(t, map[string]string{"id": "id", "price": "float"}, []row{{"id": "a", "price": 1.0}})
	for i := range infinite.Columns {
		if infinite.Columns[i].Name == "price" {
			infinite.Columns[i].Floats[0] = math.Inf(1)
		}
	}
	report, err = e.Put(context.Background(), stream(infinite), engine.PutOptions{Schema: "Thing"}, nil)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.Equal(t, "the value +Inf is not a finite number; leave it out where there is none", report.Errors[0].Reason)
}

func TestWeightsBeyondFloat32AreRefused(t *testing.T) {
	e, err := engine.Open(context.Background(), []byte(things))
	require.NoError(t, err)
	defer e.Close()
	_, err = putThings(t, e, row{"id": "a", "price": 1.0, "colour": "red"})
	require.NoError(t, err)
	prepared, err := e.Prepare([]byte(`{"version": 1, "type": "query", "index": "index", "schema": "Thing", "clauses": [
		{"type": "similar", "space": "colours", "field": "category", "value": {"value": "red"}, "weight": {"param": "w"}}]}`))
	require.NoError(t, err)
	_, err = prepared.Run(context.Background(), scalars("w", -1e300))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%v", err)
	result, err := prepared.Run(context.Background(), scalars("w", -2))
	require.NoError(t, err)
	assert.Negative(t, result.Rows[0].Score)
}

func TestMistakesInValuesOfClauses(t *testing.T) {
	e, err := engine.Open(context.Background(), []byte(things))
	require.NoError(t, err)
	defer e.Close()
	for _, c := range []struct {
		space, field string
		value        any
		message      string
	}{
		{"prices", "number", "7", "params.v: Value (7) is of wrong type. Allowed types are: ['A single float|int']"},
		{"prices", "number", []any{1.0}, "params.v: Value ([1]) is of wrong type. Allowed types are: ['A single float|int']"},
		{"colours", "category", 7, "params.v: Value (7) is of wrong type. Allowed types are: ['A single str', 'A list of str(s)']"},
		{"colours", "category", []any{"red", 7}, "params.v: Value ([red 7]) is of wrong type. Allowed types are: ['A single str', 'A list of str(s)']"},
	} {
		prepared, err := e.Prepare([]byte(`{"version": 1, "type": "query", "index": "index", "schema": "Thing", "clauses": [
			{"type": "similar", "space": "` + c.space + `", "field": "` + c.field + `", "value": {"param": "v"}}]}`))
		require.NoError(t, err)
		_, err = prepared.Run(context.Background(), scalars("v", c.value))
		assert.EqualError(t, err, c.message)
	}
	_, err = e.Prepare([]byte(`{"version": 1, "type": "query", "index": "index", "schema": "Thing", "clauses": [
		{"type": "similar", "space": "ages", "field": "timestamp", "value": {"value": 1}}]}`))
	assert.ErrorContains(t, err, "Similar clause is not possible for RecencySpace as the space configuration implies it.")
}
