package space_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/vector"
)

var itemSchema = &schema.Schema{Name: "Item", Fields: []schema.Field{
	{Name: "id", Type: schema.ID}, {Name: "price", Type: schema.Float}, {Name: "count", Type: schema.Integer}, {Name: "made", Type: schema.Timestamp},
	{Name: "colour", Type: schema.String}, {Name: "tags", Type: schema.StringList}, {Name: "taste", Type: schema.FloatList},
}}

// values are rows by field, with values of the Go types that space.Rows gives.
type values struct {
	rows []map[string]any
	now  int64
}

func (v values) Len() int { return len(v.rows) }

func (v values) Now() int64 { return v.now }

func (v values) Text(row int, field string) (string, bool) {
	text, ok := v.rows[row][field].(string)
	return text, ok
}

func (v values) Texts(row int, field string) ([]string, bool) {
	if text, ok := v.Text(row, field); ok {
		return []string{text}, true
	}
	texts, ok := v.rows[row][field].([]string)
	return texts, ok
}

func (v values) Number(row int, field string) (float64, bool) {
	x, ok := v.rows[row][field].(float64)
	return x, ok
}

func (v values) Numbers(row int, field string) ([]float64, bool) {
	numbers, ok := v.rows[row][field].([]float64)
	return numbers, ok
}

func (v values) Image(int, string) (blob.Content, bool) { return blob.Content{}, false }

func readItem(t testing.TB, text string) (space.Definition, error) {
	parsed, err := document.Parse([]byte(text), 1<<20)
	require.NoError(t, err)
	definition := space.Read(parsed.Root(), func(name string) (*schema.Schema, bool) { return itemSchema, name == "Item" })
	return definition, parsed.Err()
}

// spaceOf builds a space of a type over a field of Item; more are further members of its definition.
func spaceOf(t testing.TB, kind, target, field, more string) space.Space {
	definition, err := readItem(t, `{"type": "`+kind+`", "name": "s", "fields": [{"schema": "Item", "`+target+`": "`+field+`"}]`+more+`}`)
	require.NoError(t, err)
	built, err := definition.Build(nil, embed.Info{})
	require.NoError(t, err)
	return built
}

func encodeOne(t testing.TB, s space.Space, field string, value any, now int64) (vector.Vector, []space.Failure) {
	row := map[string]any{}
	if value != nil {
		row[field] = value
	}
	steps := 0
	encoding, err := s.Encode(context.Background(), "Item", values{[]map[string]any{row}, now}, func(n int) { steps += n })
	require.NoError(t, err)
	require.Len(t, encoding.Vectors, 1)
	return encoding.Vectors[0], encoding.Failures
}

func numberSpaceOf(t testing.TB, more string) space.Space {
	return spaceOf(t, "number_space", "number", "price", more)
}

func TestNumbersAtTheirBounds(t *testing.T) {
	half := float32(math.Sqrt(.5))
	for name, c := range map[string]struct {
		more  string
		value any
		want  []float32
	}{
		"maximum, the lower bound":    {`, "mode": "maximum", "negative_filter": -2`, 10.0, []float32{0, 1, 0}},
		"maximum, below":              {`, "mode": "maximum", "negative_filter": -2`, 9.99, []float32{0, 0, -2}},
		"maximum, above":              {`, "mode": "maximum", "negative_filter": -2`, 1e300, []float32{1, 0, 0}},
		"minimum, below":              {`, "mode": "minimum", "negative_filter": -2`, -1e300, []float32{0, 1, 0}},
		"minimum, above":              {`, "mode": "minimum", "negative_filter": -2`, 20.01, []float32{0, 0, -2}},
		"similar, the middle":         {`, "mode": "similar"`, 15.0, []float32{half, half, 0}},
		"similar, above":              {`, "mode": "similar", "negative_filter": -2`, 21.0, []float32{0, 0, -2}},
		"missing":                     {`, "mode": "similar", "negative_filter": -2`, nil, []float32{0, 0, 0}},
		"logarithmic, the upper edge": {`, "mode": "minimum", "scale": "logarithmic"`, 20.0, []float32{1, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got, failures := encodeOne(t, numberSpaceOf(t, `, "min_value": 10, "max_value": 20`+c.more), "price", c.value, 0)
			assert.Empty(t, failures)
			inDelta(t, c.want, got.Values, 1e-7, "vector")
			assert.Equal(t, []bool{false, false, true}, got.Protected)
		})
	}
	_, failures := encodeOne(t, numberSpaceOf(t, `, "min_value": 0, "max_value": 20, "mode": "minimum", "scale": "logarithmic"`), "price", -1.0, 0)
	require.Len(t, failures, 1)
	assert.EqualError(t, failures[0].Err, "the number -1.0 has no place on a logarithmic scale, which begins above -1")
}

// TestNumbersComeBack: what is embedded and turned back is the number, on every scale and in every mode.
func TestNumbersComeBack(t *testing.T) {
	for _, scale := range []string{"linear", "logarithmic"} {
		s := numberSpaceOf(t, `, "min_value": 0, "max_value": 1000, "mode": "similar", "scale": "`+scale+`"`)
		for _, x := range []float64{0, 0.5, 1, 10, 123.456, 999, 1000} {
			query := ask(t, s, []space.Input{{Target: "number", Number: x, Weight: -3}})
			stored, _ := encodeOne(t, s, "price", x, 0)
			inDelta(t, stored.Values, query.Vector.Values, 1e-6, "query")
		}
	}
}

func TestNumberAggregation(t *testing.T) {
	inputs := func(pairs ...float64) (list []space.Input) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, space.Input{Target: "number", Number: pairs[i], Weight: pairs[i+1]})
		}
		return list
	}
	similar := `, "min_value": 0, "max_value": 100, "mode": "similar", "aggregation": `
	for name, c := range map[string]struct {
		aggregation string
		inputs      []space.Input
		want        float64
	}{
		"average":          {`"average"`, inputs(10, 1, 40, 3), 32.5},
		"average of huge":  {`"average"`, inputs(10, 1e308, 40, 1e308), 25},
		"negative weights": {`"average"`, inputs(10, -1, 40, -3), 32.5},
		"minimum":          {`"minimum"`, inputs(10, 1, 40, 3, 20, 9), 10},
		"maximum":          {`"maximum"`, inputs(10, 1, 40, 3, 20, 9), 40},
	} {
		t.Run(name, func(t *testing.T) {
			s := numberSpaceOf(t, similar+c.aggregation)
			want, _ := encodeOne(t, s, "price", c.want, 0)
			inDelta(t, want.Values, ask(t, s, c.inputs).Vector.Values, 1e-6, "query")
		})
	}
	_, err := numberSpaceOf(t, similar+`"average"`).Query(context.Background(), inputs(10, 1, 20, -1), 0)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "Weights sum to zero, can't be normalized")
}

func TestExtremesIgnoreInputsButAZero(t *testing.T) {
	stored := vector.Vector{Values: []float32{.6, .8, 0}, Protected: []bool{false, false, true}}
	for mode, want := range map[string][]float32{"maximum": {1, 0, 1}, "minimum": {0, 1, 1}} {
		s := numberSpaceOf(t, `, "min_value": 0, "max_value": 1, "mode": "`+mode+`"`)
		for _, c := range []struct {
			inputs []space.Input
			want   []float32
		}{
			{nil, want}, {[]space.Input{{Stored: &stored, Weight: -2}}, want}, {[]space.Input{{Stored: &stored, Weight: 0}}, []float32{0, 0, 0}},
		} {
			query, err := s.Query(context.Background(), c.inputs, 0)
			require.NoError(t, err)
			assert.Equal(t, c.want, query.Vector.Values)
			assert.Len(t, query.Shares, len(c.inputs))
		}
		_, err := s.Target("number")
		assert.EqualError(t, err, "Similar clause is not possible for NumberSpace as the space configuration implies it.")
	}
}

func TestRecency(t *testing.T) {
	const day, now = 86400, 1723303545 // 2024-08-10 15:25:45 UTC, whose day ends at 1723334400
	s := spaceOf(t, "recency_space", "timestamp", "made", `, "negative_filter": -1,
		"periods": [{"seconds": 864000, "weight": 2}, {"seconds": 86400, "weight": 1}]`)
	const end = 1723334400
	k := float32(math.Sqrt(5))
	for name, c := range map[string]struct {
		made any
		want []float32
	}{
		"the end":          {float64(end), []float32{0, 1 / k, 0, 2 / k, 0}},
		"past the end":     {float64(end + 1), []float32{0, 0, 0, 0, -1}},
		"the short start":  {float64(end - day), []float32{1 / k, 0, 2 / k * float32(math.Cos(.45*math.Pi)), 2 / k * float32(math.Sin(.45*math.Pi)), 0}},
		"the long start":   {float64(end - 10*day), []float32{0, 0, 2 / k, 0, 0}},
		"before the start": {float64(end - 10*day - 1), []float32{0, 0, 0, 0, -1}},
		"missing":          {nil, []float32{0, 0, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := encodeOne(t, s, "made", c.made, now)
			inDelta(t, c.want, got.Values, 1e-6, "vector")
			assert.Equal(t, []bool{false, false, false, false, true}, got.Protected)
		})
	}
	query, err := s.Query(context.Background(), nil, now)
	require.NoError(t, err)
	present, _ := encodeOne(t, s, "made", float64(now), now)
	inDelta(t, present.Values[:4], query.Vector.Values[:4], 1e-6, "the present")
	assert.EqualValues(t, 1, query.Vector.Values[4])

	old, _ := encodeOne(t, s, "made", float64(now-4*day), now)
	query, err = s.Query(context.Background(), []space.Input{{Stored: &old, Weight: 3}, {Stored: &old, Weight: 0}}, now)
	require.NoError(t, err)
	between, _ := encodeOne(t, s, "made", float64(now-3*day), now)
	inDelta(t, between.Values[:4], query.Vector.Values[:4], 1e-4, "a quarter of the present and three of a stored one")
	_, err = s.Query(context.Background(), []space.Input{{Stored: &old, Weight: -1}}, now)
	assert.ErrorContains(t, err, "Weights sum to zero")
	_, err = s.Target("timestamp")
	assert.EqualError(t, err, "Similar clause is not possible for RecencySpace as the space configuration implies it.")
}

func TestRecencyBeforeTheEpoch(t *testing.T) {
	s := spaceOf(t, "recency_space", "timestamp", "made", `, "periods": [{"seconds": 86400}]`)
	got, _ := encodeOne(t, s, "made", -1.0, -1) // 1969-12-31 ends at 0
	inDelta(t, []float32{1.8e-5, 1, 0}, got.Values, 1e-6, "vector")
}

func TestCategories(t *testing.T) {
	const two = `, "categories": ["red", "blue", "green", "gold"]`
	encode := func(more string, value any) []float32 {
		got, _ := encodeOne(t, spaceOf(t, "categorical_similarity_space", "category", "tags", two+more), "tags", value, 0)
		return got.Values
	}
	assert.Equal(t, []float32{0, .5, 0, 0, .5}, encode("", []string{"blue", "violet", "blue", "Red"}))
	assert.Equal(t, []float32{-1, .5, -1, -1, -1}, encode(`, "negative_filter": -1, "uncategorized_as_category": false`, []string{"blue", "violet"}))
	assert.Equal(t, []float32{-1, -1, -1, -1, -1}, encode(`, "negative_filter": -1, "uncategorized_as_category": false`, []string{"violet"}))
	assert.Equal(t, []float32{0, 0, 0, 0, 0}, encode(`, "negative_filter": -1`, []string{}))
	assert.Equal(t, []float32{0, 0, 0, 0, 0}, encode(`, "negative_filter": -1`, nil))

	s := spaceOf(t, "categorical_similarity_space", "category", "colour", two)
	query := func(inputs ...space.Input) []float32 { return ask(t, s, inputs).Vector.Values }
	want := func(weight float64, names ...string) space.Input {
		return space.Input{Target: "category", Categories: names, Weight: weight}
	}
	assert.Equal(t, []float32{0, 2, 0, 0, 0}, query(want(.1, "blue")))
	assert.Equal(t, []float32{1, 1, 0, 0, 0}, query(want(7, "blue", "red")))
	inDelta(t, []float32{1.5, .5, 0, 0, 0}, query(want(3, "red"), want(1, "blue")), 1e-6, "in proportion")
	inDelta(t, []float32{2, -1, 0, 0, 0}, query(want(1, "red"), want(-.5, "blue")), 1e-6, "a negative one scales along")
	assert.Equal(t, []float32{0, 0, 0, 0, 0}, query(want(1)))
	assert.Equal(t, []float32{0, 0, 0, 0, 2}, query(want(1, "violet")))
	assert.Less(t, query(want(-1, "red"))[0], float32(0))
}

func TestStoredPartsComeBack(t *testing.T) {
	const categories = `, "categories": ["red", "blue"], "negative_filter": -0.5`
	spaces := []space.Space{
		numberSpaceOf(t, `, "min_value": 0, "max_value": 1, "mode": "similar", "negative_filter": -3`),
		spaceOf(t, "categorical_similarity_space", "category", "colour", categories),
		spaceOf(t, "custom_space", "vector", "taste", `, "length": 2`),
	}
	index, err := space.NewIndex("index", spaces)
	require.NoError(t, err)
	for _, row := range []map[string]any{
		{"price": .3, "colour": "red", "taste": []float64{3, -4}}, {"price": 3.0, "colour": "violet"}, {},
	} {
		parts := make([]vector.Vector, len(spaces))
		for i, s := range spaces {
			encoding, err := s.Encode(context.Background(), "Item", values{rows: []map[string]any{row}}, nil)
			require.NoError(t, err)
			parts[i] = encoding.Vectors[0]
		}
		composed := make([]float32, index.Dimension())
		index.Compose(parts, composed)
		for i := range spaces {
			stored := index.Stored(composed, i)
			inDelta(t, parts[i].Values, stored.Values, 1e-6, "part")
			if parts[i].Protected != nil {
				assert.Equal(t, parts[i].Protected, stored.Protected)
			}
		}
	}
}

func TestCustomVectors(t *testing.T) {
	s := spaceOf(t, "custom_space", "vector", "taste", `, "length": 2, "description": "sweet, sour"`)
	for _, scale := range []float64{1, 1e300, 1e-300} {
		got, _ := encodeOne(t, s, "taste", []float64{3 * scale, -4 * scale}, 0)
		inDelta(t, []float32{.6, -.8}, got.Values, 1e-7, "vector")
	}
	_, failures := encodeOne(t, s, "taste", []float64{1}, 0)
	require.Len(t, failures, 1)
	assert.EqualError(t, failures[0].Err, "OnlineCustomVectorEmbeddingNode can only process `Vector` inputs of size 2, got 1")
	right, up := space.Input{Numbers: []float64{9, 0}, Weight: 3}, space.Input{Numbers: []float64{0, .1}, Weight: 4}
	inDelta(t, []float32{.6, .8}, ask(t, s, []space.Input{right, up}).Vector.Values, 1e-6, "each alone first")
	_, err := s.Query(context.Background(), []space.Input{right, {Numbers: []float64{1, 2, 3}, Weight: 1}}, 0)
	var bad *space.InputError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, 1, bad.Input)
	assert.EqualError(t, err, "Wrong dimension of input, expected 2, got 3")
}

func TestTexts(t *testing.T) {
	embedder := &table{dimension: 2, maxTokens: 8,
		texts: map[string][]float32{"up": {0, 8}, " ": {0, -1}, "": {3, 4}, "far too long": {5, 0}}}
	definition, err := readItem(t, `{"type": "text_similarity_space", "name": "s", "fields": [{"schema": "Item", "text": "colour"}],
		"model": {"name": "table", "path": "/table"}, "cache_size": 100}`)
	require.NoError(t, err)
	s, err := definition.Build(embedder, embedder.info())
	require.NoError(t, err)
	rows := values{rows: []map[string]any{
		{"colour": ""}, {"colour": "up"}, {}, {"colour": " "}, {"colour": ""}, {"colour": "far too long"}, {"colour": "broken"},
	}}
	encoding, err := s.Encode(context.Background(), "Item", rows, nil)
	require.NoError(t, err)
	for i, want := range [][]float32{{0, 0}, {0, 1}, {0, 0}, {0, -1}, {0, 0}, {1, 0}, {0, 0}} {
		assert.Equal(t, want, encoding.Vectors[i].Values, "row %d", i) // whatever else is empty in the batch
	}
	assert.Equal(t, []space.Truncation{{Row: 5, Field: "colour", Tokens: 12, Limit: 8}}, encoding.Truncated)
	require.Len(t, encoding.Failures, 1)
	assert.Equal(t, 6, encoding.Failures[0].Row)
	assert.Equal(t, []float32{.6, .8}, ask(t, s, []space.Input{{Target: "text", Text: "", Weight: 1}}).Vector.Values)
	stored := vector.Plain([]float32{1, 0})
	query := ask(t, s, []space.Input{{Stored: &stored, Weight: 3}, {Target: "text", Text: "up", Weight: 4}})
	inDelta(t, []float32{.6, .8}, query.Vector.Values, 1e-6, "with a stored vector")
	_, err = s.Query(context.Background(), []space.Input{{Stored: &stored, Weight: 3}, {Target: "text", Text: "what", Weight: 4}}, 0)
	var bad *space.InputError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, 1, bad.Input)
}
