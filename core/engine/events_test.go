package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// reading has items and users in a custom space, and events that move users toward items. The index plain has no effects.
const reading = `{"version": 1,
 "schemas": [
  {"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "v", "type": "float_list"}]},
  {"type": "schema", "name": "User", "fields": [{"name": "id", "type": "id"}, {"name": "taste", "type": "float_list"},
   {"name": "age", "type": "integer", "optional": true}, {"name": "name", "type": "string", "optional": true}]},
  {"type": "event_schema", "name": "Event", "fields": [{"name": "id", "type": "id"}, {"name": "created_at", "type": "created_at"},
   {"name": "item", "type": "schema_reference", "references": "Item"}, {"name": "user", "type": "schema_reference", "references": "User"},
   {"name": "kind", "type": "string"}, {"name": "note", "type": "string"}]}],
 "spaces": [
  {"type": "custom_space", "name": "look", "length": 2, "fields": [{"schema": "Item", "vector": "v"}, {"schema": "User", "vector": "taste"}]},
  {"type": "number_space", "name": "age", "fields": [{"schema": "User", "number": "age"}], "min_value": 0, "max_value": 100, "mode": "similar"}],
 "indices": [{"type": "index", "name": "moved", "spaces": ["look", "age"], "fields": ["User.name"], "effects": [
   {"space": "look", "affected": "Event.user", "affecting": "Event.item", "multiplier": 1,
    "filter": {"any": [{"field": "kind", "operator": "in", "value": {"value": ["read", "like"]}}]}}]},
  {"type": "index", "name": "plain", "spaces": ["look"]}],
 "options": {"now": 1000}}`

func openReading(t testing.TB) *engine.Engine {
	e, err := engine.Open(context.Background(), []byte(reading))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	mustPut(t, e, "Item", row{"id": "east", "v": numbers(1, 0)}, row{"id": "north", "v": numbers(0, 1)})
	return e
}

func numbers(list ...float64) (items []any) {
	for _, x := range list {
		items = append(items, json.Number(fmt.Sprint(x)))
	}
	return items
}

func putRows(t testing.TB, e *engine.Engine, options engine.PutOptions, rows ...row) (*engine.Report, error) {
	of, err := e.Schema(options.Schema)
	require.NoError(t, err)
	types := map[string]string{}
	for _, field := range of.Fields {
		types[field.Name] = string(field.Type)
	}
	return e.Put(context.Background(), stream(typedBatch(t, types, rows)), options, nil)
}

func mustPut(t testing.TB, e *engine.Engine, schema string, rows ...row) *engine.Report {
	report, err := putRows(t, e, engine.PutOptions{Schema: schema}, rows...)
	require.NoError(t, err)
	return report
}

func read(id, user, item string) row {
	return row{"id": id, "created_at": json.Number("900"), "user": user, "item": item, "kind": "read"}
}

// tastes are the users' directions in the index moved.
func tastes(t testing.TB, e *engine.Engine) map[string][]float32 {
	vectors, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: "User", Index: "moved"})
	require.NoError(t, err)
	byID := map[string][]float32{}
	for _, v := range vectors {
		byID[v.ID] = v.Vector[:2]
	}
	return byID
}

func assertToward(t *testing.T, x, y float64, got []float32) {
	require.Len(t, got, 2)
	const half = 0.70710678 // of an index of two spaces
	assert.InDelta(t, x*half, got[0], 1e-6)
	assert.InDelta(t, y*half, got[1], 1e-6)
}

func TestEventsMoveRows(t *testing.T) {
	e := openReading(t)
	mustPut(t, e, "User", row{"id": "u", "taste": numbers(1, 0), "age": json.Number("30"), "name": "Ada"}, row{"id": "w", "taste": numbers(1, 0)})
	report := mustPut(t, e, "Event", read("1", "u", "north"))
	assert.Equal(t, 1, report.Stored)
	assertToward(t, 0.70710678, 0.70710678, tastes(t, e)["u"])
	assertToward(t, 1, 0, tastes(t, e)["w"])

	plain, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: "User", Index: "plain", IDs: []string{"u"}})
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 0}, plain[0].Vector, "an index without effects stays as it is")
	ignored := read("2", "u", "north")
	ignored["kind"] = "seen"
	mustPut(t, e, "Event", ignored)
	assertToward(t, 0.70710678, 0.70710678, tastes(t, e)["u"])

	// Events stay with a row that is put again, however it is.
	mustPut(t, e, "User", row{"id": "u", "taste": numbers(-1, 0)})
	assertToward(t, -0.70710678, 0.70710678, tastes(t, e)["u"])
	_, err = putRows(t, e, engine.PutOptions{Schema: "User", Partial: engine.Merge}, row{"id": "u", "age": json.Number("31")})
	require.NoError(t, err)
	assertToward(t, -0.70710678, 0.70710678, tastes(t, e)["u"])
	result := run(t, e, strings.Replace(ask("moved", `"select": {"type": "all"}, "filters": [{"any": [{"field": "name", "operator": "eq", "value": {"value": "Ada"}}]}]`),
		`"Item"`, `"User"`, 1), scalars())
	assert.Equal(t, []string{"u"}, ids(result), "fields stay as well")

	// And go with one that is deleted.
	_, _, err = e.Delete(context.Background(), "User", []string{"u"})
	require.NoError(t, err)
	mustPut(t, e, "User", row{"id": "u", "taste": numbers(1, 0)})
	assertToward(t, 1, 0, tastes(t, e)["u"])
}

func TestEventsForRowsThatAreNotThere(t *testing.T) {
	e := openReading(t)
	mustPut(t, e, "User", row{"id": "u", "taste": numbers(1, 0)})
	mustPut(t, e, "Event", read("1", "ghost", "north"), read("2", "u", "nothing"))
	assertToward(t, 0, 1, tastes(t, e)["ghost"])
	assertToward(t, 1, 0, tastes(t, e)["u"])
	ignored := read("3", "unmoved", "north")
	ignored["kind"] = "seen"
	mustPut(t, e, "Event", ignored)
	assert.NotContains(t, tastes(t, e), "unmoved", "an event without effect says nothing of a row")
	ghost := strings.Replace(ask("moved", `"select": {"type": "all"}, "filters": [{"any": [{"field": "id", "operator": "eq", "value": {"value": "ghost"}}]}]`), `"Item"`, `"User"`, 1)
	assert.Equal(t, []string{"ghost"}, ids(run(t, e, ghost, scalars())))
	elsewhere := strings.Replace(ask("plain", `"limit": null`), `"Item"`, `"User"`, 1)
	assert.Equal(t, []string{"u"}, ids(run(t, e, elsewhere, scalars())), "where events do nothing the ghost has no vector")
	mustPut(t, e, "User", row{"id": "ghost", "taste": numbers(1, 0)})
	assertToward(t, 0.70710678, 0.70710678, tastes(t, e)["ghost"])
}

// The weight of a space with effects counts in a query for the rows that they change.
func TestWeightsCountWhereEventsDo(t *testing.T) {
	e := openReading(t)
	mustPut(t, e, "User", row{"id": "u", "taste": numbers(1, 0), "age": json.Number("50")})
	score := func(weight string) float64 {
		text := ask("moved", `"space_weights": [{"space": "look", "weight": {"value": `+weight+`}}],
			"clauses": [{"type": "similar", "space": "look", "field": "vector", "value": {"value": [1, 0]}}]`)
		return scores(run(t, e, strings.Replace(text, `"Item"`, `"User"`, 1), scalars()))["u"]
	}
	assert.InDelta(t, 1, score("1"), 1e-6)
	assert.InDelta(t, -1, score("-1"), 1e-6)
	assert.Zero(t, score("0"))
}

func TestEventsOfOnePutAreAppliedInOrder(t *testing.T) {
	one, several := openReading(t), openReading(t)
	events := []row{read("1", "u", "north"), read("2", "u", "east"), read("3", "w", "north"), read("4", "u", "east"), read("5", "w", "east")}
	for _, event := range events {
		mustPut(t, one, "Event", event)
	}
	mustPut(t, several, "Event", events...)
	assert.Equal(t, tastes(t, one), tastes(t, several))
}

func TestBadEvents(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(row)
		message string
	}{
		"no time":     {func(r row) { delete(r, "created_at") }, "The mandatory created_at field has missing or has invalid type values in the input object."},
		"too late":    {func(r row) { r["created_at"] = json.Number("1723303545000") }, "the time 1723303545000 is not one in unix seconds; give seconds, not milliseconds"},
		"no user":     {func(r row) { delete(r, "user") }, "The SchemaField Event.user was not supplied"},
		"a blank one": {func(r row) { r["item"] = " " }, "The SchemaField Event.item was not supplied"},
		"no kind":     {func(r row) { delete(r, "kind") }, "The SchemaField Event.kind was not supplied"},
		"no id":       {func(r row) { delete(r, "id") }, "The mandatory id field has missing"},
	} {
		t.Run(name, func(t *testing.T) {
			e := openReading(t)
			bad := read("2", "u", "north")
			c.change(bad)
			_, err := putRows(t, e, engine.PutOptions{Schema: "Event"}, read("1", "u", "north"), bad)
			require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			assert.ErrorContains(t, err, c.message)
			assert.Empty(t, tastes(t, e), "nothing of the put was applied")
			report, err := putRows(t, e, engine.PutOptions{Schema: "Event", OnError: engine.Skip}, read("1", "u", "north"), bad)
			require.NoError(t, err)
			assert.Equal(t, 1, report.Stored)
			assert.Len(t, tastes(t, e), 1)
		})
	}
}

func TestMistakesInEffects(t *testing.T) {
	for name, c := range map[string]struct{ from, to, message string }{
		"a space":        {`"space": "look"`, `"space": "none"`, "$.indices[0].effects[0].space: Space isn't present in the index: none."},
		"a schema":       {`"Event.user"`, `"Nothing.user"`, `$.indices[0].effects[0].affected: there is no schema "Nothing"`},
		"a field":        {`"Event.item"`, `"Event.kind"`, `$.indices[0].effects[0].affecting: the schema Event has no reference "kind"`},
		"a multiplier":   {`"multiplier": 1`, `"multiplier": 0`, "$.indices[0].effects[0].multiplier: the multiplier of an effect must be a number of 32 bits and not 0"},
		"an operator":    {`"operator": "in"`, `"operator": "gt"`, "$.indices[0].effects[0].filter.any[0].operator: Field kind doesn't support be_greater_than operation."},
		"an operand":     {`{"value": ["read", "like"]}`, `{"value": [1]}`, "$.indices[0].effects[0].filter.any[0].value: Value ([1]) is of wrong type. Allowed types are: ['A list of str(s)']"},
		"a parameter":    {`{"value": ["read", "like"]}`, `{"param": "p"}`, "$.indices[0].effects[0].filter: a filter in a definition has no parameters"},
		"an influence":   {`"effects"`, `"event_influence": -0.1, "effects"`, "$.indices[0].event_influence: event_influence must be between 0 and 1, got -0.1."},
		"an age":         {`"effects"`, `"max_age_seconds": 0, "effects"`, "$.indices[0].max_age_seconds: must be a whole number from 1"},
		"a reference":    {`"references": "User"`, `"references": "Event"`, `$.schemas[2].fields[3].references: there is no schema "Event" to reference`},
		"no such effect": {`"space": "look", "affected": "Event.user"`, `"space": "age", "affected": "Event.item"`, "$.indices[0].effects[0].affected: the space age has no field of the schema Item, whose rows the effect is to change"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, reading, c.from)
			_, err := engine.Open(context.Background(), []byte(strings.Replace(reading, c.from, c.to, 1)))
			require.Error(t, err)
			assert.ErrorContains(t, err, c.message)
		})
	}
}

// Events, puts, deletes and queries at the same time lose no event and leave no torn vector.
func TestEventsBesideOtherCalls(t *testing.T) {
	e := openReading(t)
	const users, rounds = 4, 25
	var group sync.WaitGroup
	for u := range users {
		id := fmt.Sprint("u", u)
		group.Go(func() {
			for i := range rounds {
				_, err := putRows(t, e, engine.PutOptions{Schema: "Event"}, read(fmt.Sprint(u, "-", i), id, "north"))
				assert.NoError(t, err)
			}
		})
		group.Go(func() {
			for range rounds {
				_, err := putRows(t, e, engine.PutOptions{Schema: "User", Partial: engine.Merge}, row{"id": id, "taste": numbers(1, 0)})
				assert.NoError(t, err)
				run(t, e, strings.Replace(ask("moved", `"limit": {"value": 3}`), `"Item"`, `"User"`, 1), scalars())
				_, _, err = e.Delete(context.Background(), "User", []string{"nobody"})
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
	for id, got := range tastes(t, e) {
		assert.True(t, strings.HasPrefix(id, "u"))
		assertToward(t, 0.70710678, 0.70710678, got)
	}
}
