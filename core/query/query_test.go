package query_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// catalog has one index of two image spaces over one schema.
type catalog struct {
	index *space.Index
}

var item = &schema.Schema{Name: "Item", Fields: []schema.Field{
	{Name: "key", Type: schema.ID}, {Name: "image", Type: schema.Blob}, {Name: "name", Type: schema.String},
}}

func newCatalog(t testing.TB) catalog {
	var spaces []space.Space
	for _, name := range []string{"one", "two"} {
		parsed, err := document.Parse([]byte(`{"type": "image_space", "name": "`+name+`", "fields": [{"schema": "Item", "image": "image"}],
			"model": {"name": "m", "path": "p"}}`), 1000)
		require.NoError(t, err)
		definition := space.Read(parsed.Root(), func(string) (*schema.Schema, bool) { return item, true })
		require.NoError(t, parsed.Err())
		built, err := definition.Build(&embed.Embedder{}, embed.Info{Dimension: 2})
		require.NoError(t, err)
		spaces = append(spaces, built)
	}
	index, err := space.NewIndex("index", spaces)
	require.NoError(t, err)
	return catalog{index}
}

func (c catalog) Index(name string) (query.Searched, bool) {
	return query.Searched{Index: c.index, Schemas: []*schema.Schema{item}}, name == "index"
}

func (c catalog) IndexNames() []string { return []string{"index"} }

// q writes a query with further members.
func q(members string) string {
	if members != "" {
		members = ", " + members
	}
	return `{"version": 1, "type": "query", "index": "index", "schema": "Item"` + members + `}`
}

// similar writes a clause on the space one.
func similar(field, value, weight string) string {
	text := `{"type": "similar", "space": "one", "field": "` + field + `", "value": ` + value
	if weight != "" {
		text += `, "weight": ` + weight
	}
	return text + "}"
}

func bind(t *testing.T, text string, values query.Values) (*query.Bound, error) {
	plan, err := query.Compile([]byte(text), newCatalog(t))
	require.NoError(t, err, "compiles")
	return plan.Bind(values)
}

func given(pairs ...any) query.Values {
	values := query.Values{Scalars: map[string]any{}}
	for i := 0; i < len(pairs); i += 2 {
		values.Scalars[pairs[i].(string)] = pairs[i+1]
	}
	return values
}

func TestMistakesAreRefusedWithTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, message string }{
		"not JSON":             {`{`, "$: the JSON ends in the middle"},
		"an unknown key":       {q(`"limits": {"value": 1}`), "$.limits: unknown key; known are version, type, index, schema, space_weights, clauses, filters, facets, select, limit, radius, override_now, partial_scores, vector_parts, contribution_rows"},
		"another version":      {strings.Replace(q(""), `"version": 1`, `"version": 2`, 1), "$.version: must be a whole number from 1 to 1, got 2"},
		"another type":         {strings.Replace(q(""), `"query"`, `"search"`, 1), `$.type: must be "query"`},
		"no index":             {`{"version": 1, "type": "query", "schema": "Item"}`, `$: the key "index" is missing`},
		"an unknown index":     {strings.Replace(q(""), `"index": "index"`, `"index": "other"`, 1), "$.index: Query index other is not amongst the executor's indices (index)"},
		"an unknown schema":    {strings.Replace(q(""), `"Item"`, `"U"`, 1), "$.schema: Index doesn't have the queried schema (U)"},
		"a weight's space":     {q(`"space_weights": [{"space": "three", "weight": {"value": 1}}]`), "$.space_weights[0].space: Space isn't present in the index: three."},
		"a weight twice":       {q(`"space_weights": [{"space": "one", "weight": {"value": 1}}, {"space": "one", "weight": {"value": 2}}]`), "$.space_weights[1].space: Attempted to bound space weight(s) for one space(s) in Query multiple times."},
		"a text weight":        {q(`"space_weights": [{"space": "one", "weight": {"value": "x"}}]`), "$.space_weights[0].weight: Value (x) is of wrong type. Allowed types are: ['A single float|int']"},
		"an endless weight":    {q(`"space_weights": [{"space": "one", "weight": {"value": 1e999}}]`), "$.space_weights[0].weight: the value 1e999 is not a finite number"},
		"a clause's space":     {q(`"clauses": [{"type": "similar", "space": "x", "field": "image", "value": {"param": "p"}}]`), "$.clauses[0].space: Space isn't present in the index: x."},
		"a clause's field":     {q(`"clauses": [` + similar("name", `{"param": "p"}`, "") + `]`), `$.clauses[0].field: the image space one has no field set "name"; known are image and description`},
		"a clause's kind":      {q(`"clauses": [{"type": "filter"}]`), `$.clauses[0].type: unknown clause type "filter"; known are similar and with_vector`},
		"a clause's text":      {q(`"clauses": [` + similar("description", `{"value": 7}`, "") + `]`), "$.clauses[0].value: Value (7) is of wrong type. Allowed types are: ['A single str']"},
		"a clause's image":     {q(`"clauses": [` + similar("image", `{"value": [1]}`, "") + `]`), "$.clauses[0].value: Value ([1]) is of wrong type. Allowed types are: ['A single str', 'A single Image']"},
		"a value and a param":  {q(`"limit": {"value": 1, "param": "p"}`), "$.limit.value: unknown key; known are param, default, options"},
		"no value":             {q(`"limit": {}`), `$.limit: the key "value" is missing`},
		"a param's name":       {q(`"limit": {"param": ""}`), "$.limit.param: a name must not be empty"},
		"a default not among":  {q(`"radius": {"param": "v", "default": 2.5, "options": [1.0]}`), "$.radius: Value 2.5 is not allowed for parameter v. Allowed values are: {1.0}"},
		"a bad default":        {q(`"limit": {"param": "v", "default": "many"}`), "params.v: the limit must be a whole number, got many"},
		"a limit below -1":     {q(`"limit": {"value": -2}`), "$.limit: the limit must not be below -1, got -2; -1 means all rows"},
		"a limit with a point": {q(`"limit": {"value": 2.5}`), "$.limit: the limit must be a whole number, got 2.5"},
		"a radius too large":   {q(`"radius": {"value": 1.5}`), "$.radius: Not a valid Radius value (1.5). It should be between 1 and 0."},
		"a radius too small":   {q(`"radius": {"value": -0.5}`), "$.radius: Not a valid Radius value (-0.5). It should be between 1 and 0."},
		"an unknown selection": {q(`"select": {"type": "some"}`), `$.select.type: unknown selection "some"; known are all and fields`},
		"fields beside all":    {q(`"select": {"type": "all", "fields": {"value": []}}`), `$.select.fields: "fields" has no place beside "all"`},
		"unknown fields":       {q(`"select": {"type": "fields", "fields": {"value": ["nope", "name", "neither"]}}`), "$.select.fields: Fields nope, neither not found in schema Item."},
		"fields as a text":     {q(`"select": {"type": "fields", "fields": {"value": "name"}}`), "$.select.fields: the selection must be a list of field names, got name"},
		"fields as numbers":    {q(`"select": {"type": "fields", "fields": {"value": [1]}}`), "$.select.fields[0]: field names must be strings, got 1"},
		"vector parts":         {q(`"vector_parts": ["three"]`), "$.vector_parts[0]: Space isn't present in the index: three."},
		"contributions":        {q(`"contribution_rows": -1`), "$.contribution_rows: must be a whole number from 0 to 2147483647, got -1"},
		"partial scores":       {q(`"partial_scores": 1`), "$.partial_scores: must be true or false, got the number 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := query.Compile([]byte(c.text), newCatalog(t))
			assert.EqualError(t, err, c.message)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		})
	}
	_, err := query.Compile([]byte(q(`"clauses": [`+strings.Repeat(similar("image", `{"param": "p"}`, "")+",", 256)+similar("image", `{"param": "p"}`, "")+`]`)), newCatalog(t))
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
}

func TestParameters(t *testing.T) {
	text := q(`"clauses": [` + similar("description", `{"param": "v", "options": ["a", "b"]}`, `{"param": "w", "options": [1.0, 2.0]}`) + `]`)
	for name, c := range map[string]struct {
		values  query.Values
		message string
	}{
		"unknown":           {given("zzz", 1), "Unknown query parameters: zzz."},
		"several":           {query.Values{Scalars: map[string]any{"z": 1, "v": "a"}, Images: map[string]blob.Value{"a": {}}}, "Unknown query parameters: a, z."},
		"not an option":     {given("w", json.Number("3.0")), "params.w: Value 3.0 is not allowed for parameter w. Allowed values are: {1.0, 2.0}"},
		"a Go number":       {given("w", 3.0), "params.w: Value 3 is not allowed for parameter w. Allowed values are: {1.0, 2.0}"},
		"not a text option": {given("v", "c"), "params.v: Value c is not allowed for parameter v. Allowed values are: {'a', 'b'}"},
		"an image for text": {query.Values{Images: map[string]blob.Value{"v": {}}}, "params.v: Value an image is not allowed for parameter v. Allowed values are: {'a', 'b'}"},
		"given twice":       {query.Values{Scalars: map[string]any{"v": "a"}, Images: map[string]blob.Value{"v": {}}}, "the parameter v is given as a scalar and as an image; give one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bind(t, text, c.values)
			assert.EqualError(t, err, c.message)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		})
	}
	bound, err := bind(t, text, given("w", 2, "v", "b"))
	require.NoError(t, err)
	assert.Equal(t, 2.0, bound.Clauses[0].Weight)
	for _, bad := range []any{math.NaN(), math.Inf(1), math.Inf(-1), json.Number("1e999")} {
		for _, text := range []string{q(`"clauses": [` + similar("description", `{"param": "v"}`, `{"param": "w"}`) + `]`),
			q(`"space_weights": [{"space": "one", "weight": {"param": "w"}}]`)} {
			_, err := bind(t, text, given("w", bad))
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			assert.ErrorContains(t, err, "params.w: the value ")
		}
	}
}

// TestWeights holds the order: given, default, 1 with a clause on the space, else 0; and what the result reports.
func TestWeights(t *testing.T) {
	clause := `"clauses": [` + similar("image", `{"param": "v"}`, `{"param": "c"}`) + `]`
	weights := `"space_weights": [{"space": "one", "weight": {"param": "a"}}, {"space": "two", "weight": {"param": "b"}}]`
	for name, c := range map[string]struct {
		text    string
		values  query.Values
		weights []float64
		params  map[string]any
	}{
		"nothing":             {q(""), given(), []float64{0, 0}, map[string]any{}},
		"a clause":            {q(clause), given(), []float64{1, 0}, map[string]any{"v": nil, "c": 1.0}},
		"unset":               {q(clause + "," + weights), given("b", nil), []float64{1, 0}, map[string]any{"v": nil, "c": 1.0, "a": 1.0, "b": nil}},
		"given":               {q(clause + "," + weights), given("a", json.Number("-2"), "b", 0.5, "c", true), []float64{-2, .5}, map[string]any{"v": nil, "c": 1.0, "a": -2.0, "b": .5}},
		"zero is given":       {q(clause + "," + weights), given("a", 0), []float64{0, 0}, map[string]any{"v": nil, "c": 1.0, "a": 0.0, "b": nil}},
		"a default":           {q(strings.Replace(weights, `"param": "b"`, `"param": "b", "default": 3`, 1)), given("b", nil), []float64{0, 3}, map[string]any{"a": nil, "b": 3.0}},
		"over a default":      {q(strings.Replace(weights, `"param": "b"`, `"param": "b", "default": 3`, 1)), given("b", 4), []float64{0, 4}, map[string]any{"a": nil, "b": 4.0}},
		"one for both":        {q(strings.NewReplacer(`"a"`, `"w"`, `"b"`, `"w"`).Replace(weights)), given("w", 2), []float64{2, 2}, map[string]any{"w": 2.0}},
		"literals":            {q(strings.NewReplacer(`"param": "a"`, `"value": 2`, `"param": "b"`, `"value": null`).Replace(weights)), given(), []float64{2, 0}, map[string]any{}},
		"a literal, a clause": {q(clause + "," + strings.Replace(weights, `"param": "a"`, `"value": null`, 1)), given(), []float64{1, 0}, map[string]any{"v": nil, "c": 1.0, "b": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := bind(t, c.text, c.values)
			require.NoError(t, err)
			assert.Equal(t, c.weights, bound.Weights)
			assert.Equal(t, c.params, bound.Params)
		})
	}
}

func TestClauses(t *testing.T) {
	text := q(`"clauses": [` + similar("image", `{"param": "i"}`, `{"value": 0}`) + `,` + similar("description", `{"param": "t", "default": "words"}`, "") + `,` +
		similar("description", `{"value": ""}`, `{"value": -2.5}`) + `,` + similar("image", `{"value": "cat.png"}`, `null`) + `]`)
	bound, err := bind(t, text, query.Values{Images: map[string]blob.Value{"i": {Kind: blob.Encoded, Data: []byte("x")}}})
	require.NoError(t, err)
	image, text2 := space.Target{Name: "image", Kind: space.ImageValue}, space.Target{Name: "description", Kind: space.TextValue}
	assert.Equal(t, []query.Clause{
		{Target: image, Param: "i", Where: "params.i", Value: blob.Value{Kind: blob.Encoded, Data: []byte("x")}, Weight: 0},
		{Target: text2, Param: "t", Where: "params.t", Value: "words", Weight: 1},
		{Target: text2, Where: "$.clauses[2].value", Value: "", Weight: -2.5},
		{Target: image, Where: "$.clauses[3].value", Value: blob.Value{Kind: blob.Text, Data: []byte("cat.png")}, Weight: 1},
	}, bound.Clauses)
	active := []bool{}
	for _, c := range bound.Clauses {
		active = append(active, c.Active())
	}
	assert.Equal(t, []bool{false, true, true, true}, active, "weight 0 drops a clause; an empty text does not")
	bound, err = bind(t, text, given("t", nil, "i", "a path"))
	require.NoError(t, err)
	assert.Equal(t, "words", bound.Clauses[1].Value, "null is not given, so the default stands")
	assert.Equal(t, blob.Value{Kind: blob.Text, Data: []byte("a path")}, bound.Clauses[0].Value)
}

func TestLimitAndRadius(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		values  query.Values
		limit   int
		radius  float64 // -1: none
	}{
		"none":                {"", given(), -1, -1},
		"a literal":           {`"limit": {"value": 3}`, given(), 3, -1},
		"literal 0":           {`"limit": {"value": 0}`, given(), -1, -1},
		"literal -1":          {`"limit": {"value": -1}`, given(), -1, -1},
		"literal null":        {`"limit": {"value": null}`, given(), -1, -1},
		"null":                {`"limit": null`, given(), -1, -1},
		"a parameter":         {`"limit": {"param": "l"}`, given("l", json.Number("2")), 2, -1},
		"a parameter's 0":     {`"limit": {"param": "l"}`, given("l", json.Number("0")), 0, -1},
		"a parameter's -1":    {`"limit": {"param": "l"}`, given("l", -1), -1, -1},
		"a parameter's null":  {`"limit": {"param": "l"}`, given("l", nil), -1, -1},
		"a default":           {`"limit": {"param": "l", "default": 1}`, given(), 1, -1},
		"beyond 32 bits":      {`"limit": {"value": 9000000000}`, given(), math.MaxInt32, -1},
		"a radius":            {`"radius": {"value": 0.25}`, given(), -1, .25},
		"radius 0":            {`"radius": {"value": 0}`, given(), -1, -1},
		"radius 1":            {`"radius": {"param": "r"}`, given("r", 1), -1, 1},
		"a parameter's none":  {`"radius": {"param": "r"}`, given(), -1, -1},
		"a parameter's int64": {`"limit": {"param": "l"}`, given("l", int64(4)), 4, -1},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := bind(t, q(c.members), c.values)
			require.NoError(t, err)
			assert.Equal(t, c.limit, bound.Limit)
			if c.radius < 0 {
				assert.Nil(t, bound.Radius)
			} else {
				assert.Equal(t, c.radius, *bound.Radius)
			}
		})
	}
	for _, bad := range []any{2.0, "2", json.Number("2.0"), true, json.Number("99999999999999999999")} {
		_, err := bind(t, q(`"limit": {"param": "l"}`), given("l", bad))
		assert.ErrorContains(t, err, "params.l: the limit must be a whole number")
	}
	_, err := bind(t, q(`"limit": {"param": "l"}`), given("l", -7))
	assert.ErrorContains(t, err, "params.l: the limit must not be below -1")
}

func TestSelection(t *testing.T) {
	for name, c := range map[string]struct {
		members string
		values  query.Values
		fields  []int
	}{
		"none":           {"", given(), nil},
		"all":            {`"select": {"type": "all"}`, given(), []int{1, 2}},
		"in order":       {`"select": {"type": "fields", "fields": {"value": ["name", "image", "name"]}}`, given(), []int{2, 1}},
		"the id":         {`"select": {"type": "fields", "fields": {"value": ["id", "key", "name"]}}`, given(), []int{2}},
		"nothing":        {`"select": {"type": "fields", "fields": {"value": []}}`, given(), nil},
		"a parameter":    {`"select": {"type": "fields", "fields": {"param": "f"}}`, given("f", []any{"image"}), []int{1}},
		"a Go parameter": {`"select": {"type": "fields", "fields": {"param": "f"}}`, given("f", []string{"image"}), []int{1}},
		"an unset one":   {`"select": {"type": "fields", "fields": {"param": "f"}}`, given(), nil},
		"no selection":   {`"select": null`, given(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			bound, err := bind(t, q(c.members), c.values)
			require.NoError(t, err)
			assert.Equal(t, c.fields, bound.Fields)
		})
	}
}

func TestTheRest(t *testing.T) {
	bound, err := bind(t, q(""), given())
	require.NoError(t, err)
	assert.Equal(t, query.DefaultContributionRows, bound.ContributionRows)
	assert.False(t, bound.PartialScores)
	bound, err = bind(t, q(`"partial_scores": true, "vector_parts": ["two", "one", "two"], "contribution_rows": 0`), given())
	require.NoError(t, err)
	assert.True(t, bound.PartialScores)
	assert.Equal(t, []int{0, 1}, bound.VectorParts, "in the index' order")
	assert.Equal(t, 0, bound.ContributionRows)
}

func FuzzCompileAndBind(f *testing.F) {
	for _, members := range []string{"", `"limit": {"param": "l", "options": [1, "x", [2], null]}`, `"select": {"type": "fields", "fields": {"param": "f"}}`,
		`"clauses": [` + similar("image", `{"param": "v"}`, `{"param": "w", "default": 1e400}`) + `]`, `"space_weights": [{"space": "one", "weight": {"value": -0}}]`} {
		f.Add([]byte(q(members)), []byte(`{"l": 1, "v": "x", "w": [1], "f": ["name", {"a": 1}]}`))
	}
	catalog := newCatalog(f)
	f.Fuzz(func(t *testing.T, text, params []byte) {
		plan, err := query.Compile(text, catalog)
		if err != nil {
			require.Contains(t, []errs.Status{errs.InvalidInput, errs.LimitExceeded}, errs.StatusOf(err), "%v", err)
			return
		}
		decoder := json.NewDecoder(strings.NewReader(string(params)))
		decoder.UseNumber()
		var values query.Values
		if decoder.Decode(&values.Scalars) != nil {
			return
		}
		bound, err := plan.Bind(values)
		if err != nil {
			require.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%v", err)
			return
		}
		for _, weight := range bound.Weights {
			require.False(t, math.IsNaN(weight) || math.IsInf(weight, 0))
		}
		_, err = json.Marshal(bound.Params)
		require.NoError(t, err, "what was used can be told")
	})
}
