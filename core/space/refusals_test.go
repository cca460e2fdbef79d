package space_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

const (
	prices  = `{"type": "number_space", "name": "s", "fields": [{"schema": "Item", "number": "price"}]`
	dates   = `{"type": "recency_space", "name": "s", "fields": [{"schema": "Item", "timestamp": "made"}]`
	colours = `{"type": "categorical_similarity_space", "name": "s", "fields": [{"schema": "Item", "category": "colour"}]`
	tastes  = `{"type": "custom_space", "name": "s", "fields": [{"schema": "Item", "vector": "taste"}]`
)

func TestRefusedDefinitions(t *testing.T) {
	for definition, message := range map[string]string{
		prices + `, "min_value": 5, "max_value": 5, "mode": "maximum"}`:                                                                                                                      "$.max_value: The maximum value (5.0) should be greater than the minimum value (5.0).",
		prices + `, "min_value": -1, "max_value": 5, "mode": "maximum", "scale": "logarithmic"}`:                                                                                             "$.min_value: Min value must be 0 or higher when using logarithmic scale.",
		prices + `, "min_value": 0, "max_value": 5, "mode": "maximum", "negative_filter": 0.5}`:                                                                                              "$.negative_filter: The negative filter value should not be more than 0. Value is: 0.5",
		prices + `, "min_value": 0, "max_value": 5, "mode": "largest"}`:                                                                                                                      `$.mode: unknown mode "largest"; known are maximum, minimum, similar`,
		prices + `, "min_value": 0, "max_value": 5, "mode": "maximum", "scale": "log"}`:                                                                                                      `$.scale: unknown scale "log"; known are linear, logarithmic`,
		prices + `, "min_value": 0, "max_value": 5, "mode": "similar", "aggregation": "sum"}`:                                                                                                `$.aggregation: unknown aggregation "sum"; known are average, minimum, maximum`,
		prices + `, "min_value": 0, "max_value": 1e999, "mode": "similar"}`:                                                                                                                  "$.max_value: the number 1e999 is out of range",
		prices + `, "min_value": -1e308, "max_value": 1e308, "mode": "similar"}`:                                                                                                             "$.max_value: the values from -1e+308 to 1e+308 cannot be told apart in float64",
		prices + `, "min_value": "0", "max_value": 1, "mode": "similar"}`:                                                                                                                    `$.min_value: must be a number, got the string "0"`,
		`{"type": "number_space", "name": "s", "fields": [], "min_value": 0, "max_value": 1, "mode": "minimum"}`:                                                                             "$.fields: NumberSpace field input must not be empty.",
		`{"type": "number_space", "name": "s", "fields": [{"schema": "Item", "number": "colour"}], "min_value": 0, "max_value": 1, "mode": "minimum"}`:                                       "$.fields[0].number: the field Item.colour is of type string; a float or integer is needed here",
		`{"type": "number_space", "name": "s", "fields": [{"schema": "Item", "number": "price"}, {"schema": "Item", "number": "count"}], "min_value": 0, "max_value": 1, "mode": "minimum"}`: "$.fields[1].schema: Duplicates schemas in the same space are not allowed: ['Item']",
		`{"type": "number_space", "name": "s", "fields": [{"schema": "Nope", "number": "price"}], "min_value": 0, "max_value": 1, "mode": "minimum"}`:                                        `$.fields[0].schema: there is no schema "Nope"`,
		dates + `, "offset_seconds": 86400}`:                                                                                                                                                 "$.offset_seconds: Time period hour offset must be less than a day.",
		dates + `, "periods": [{"seconds": 0}]}`:                                                                                                                                             "$.periods[0].seconds: Period_time parameter must be a positive time period, at least 1 seconds. Got 0 seconds.",
		dates + `, "periods": [{"seconds": -86400}]}`:                                                                                                                                        "$.periods[0].seconds: Period_time parameter must be a positive time period, at least 1 seconds. Got -86400 seconds.",
		dates + `, "periods": [{"seconds": 60, "weight": 0}]}`:                                                                                                                               "$.periods: Normalization length cannot be zero.",
		dates + `, "negative_filter": 1e39}`:                                                                                                                                                 "$.negative_filter: the number 1e+39 is too large; it may be from -1e+15 to 1e+15",
		colours + `, "categories": []}`:                                                                                                                                                      "$.categories: a categorical space needs at least one category",
		colours + `, "categories": "red"}`:                                                                                                                                                   `$.categories: must be a list, got the string "red"`,
		tastes + `, "length": 0}`:                                                                                                                                                            "$.length: must be a whole number from 1 to 1048576, got 0",
		tastes + `}`:                                                                                                                                                                         `$: the key "length" is missing`,
	} {
		_, err := readItem(t, definition)
		assert.EqualError(t, err, message, "%s", definition)
	}
	empty, err := readItem(t, `{"type": "number_space", "name": "s", "fields": [], "min_value": 0, "max_value": 1, "mode": "similar"}`)
	require.NoError(t, err)
	assert.Empty(t, empty.Uses("Item"))
	_, err = readItem(t, `{"type": "recency_space", "name": "s", "fields": []}`)
	require.NoError(t, err)
}

func TestIdentitiesOfKinds(t *testing.T) {
	identity := func(definition string) string {
		read, err := readItem(t, definition)
		require.NoError(t, err)
		return read.Identity()
	}
	const range10 = `, "min_value": 0, "max_value": 10, "mode": "maximum"`
	assert.Equal(t, identity(prices+range10+`}`), identity(prices+range10+`, "scale": "linear", "negative_filter": 0}`))
	for _, other := range []string{`, "salt": "x"`, `, "negative_filter": -1`, `, "scale": "logarithmic"`, `, "aggregation": "minimum"`} {
		assert.NotEqual(t, identity(prices+range10+`}`), identity(prices+range10+other+`}`), other)
	}
	assert.NotEqual(t, identity(colours+`, "categories": ["a", "b"]}`), identity(colours+`, "categories": ["b", "a"]}`))
	assert.NotEqual(t, identity(dates+`}`), identity(dates+`, "periods": [{"seconds": 60}]}`))
	assert.NotEqual(t, identity(tastes+`, "length": 2}`), identity(tastes+`, "length": 3}`))
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		prices + `, "min_value": 0, "max_value": 5, "mode": "similar"}`, dates + `, "periods": [{"seconds": 60, "weight": 2}]}`,
		colours + `, "categories": ["a", "b"]}`, tastes + `, "length": 3}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := document.Parse(data, 1<<16)
		if err != nil {
			return
		}
		definition := space.Read(parsed.Root(), func(string) (*schema.Schema, bool) { return itemSchema, true })
		if parsed.Err() == nil {
			assert.NotEmpty(t, definition.Name())
			assert.NotEmpty(t, definition.Identity())
		}
	})
}
