package space_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/vector"
)

func inDelta(t *testing.T, want, got []float32, delta float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		require.InDelta(t, want[i], got[i], delta, "%s, entry %d", what, i)
	}
}

// TestEqualsTheReference goes from the raw embeddings of the goldens to the reference's index vectors, query
// vectors, scores and order, for its five queries.
func TestEqualsTheReference(t *testing.T) {
	g := loadGolden(t)
	for precision, tiny := range g.Tiny {
		t.Run(precision, func(t *testing.T) {
			embedder := &table{dimension: 64, texts: tiny.Squash.Texts, images: tiny.Squash.Images}
			s := build(t, "images", embedder)
			index, err := space.NewIndex("index", []space.Space{s})
			require.NoError(t, err)
			ids := slices.Sorted(maps.Keys(g.Descriptions))
			stored := func(withDescription bool, want map[string][]float32) map[string][]float32 {
				var batch rows
				for _, id := range ids {
					row := map[string]string{"image": id}
					if withDescription {
						row["description"] = g.Descriptions[id]
					}
					batch = append(batch, row)
				}
				steps := 0
				encoding, err := s.Encode(context.Background(), "Image", batch, func(n int) { steps += n })
				require.NoError(t, err)
				assert.Empty(t, encoding.Failures)
				values := 0
				for _, row := range batch {
					values += len(row)
				}
				assert.Equal(t, values, steps, "every value is told as progress")
				vectors := map[string][]float32{}
				for i, id := range ids {
					vectors[id] = make([]float32, index.Dimension())
					index.Compose(encoding.Vectors[i:i+1], vectors[id])
					inDelta(t, want[id], vectors[id], 1e-6, id)
				}
				return vectors
			}
			plain := stored(false, tiny.Reference.ImageOnly)
			described := stored(true, tiny.Reference.WithDescription)
			for number, q := range tiny.Reference.Queries {
				vectors := described
				if number == 0 {
					vectors = plain
				}
				query := index.ComposeQuery([]*space.QueryVector{ask(t, s, inputs(q))}, []float64{1})
				inDelta(t, q.SearchVector, query.Vector, 1e-6, "search vector")
				for i, row := range q.Rows {
					score := float64(vector.Dot(vectors[row.ID], query.Vector))
					assert.InDelta(t, row.Score, score, 1e-6, "query %d, %s", number+1, row.ID)
					if i > 0 {
						assert.Less(t, score, float64(vector.Dot(vectors[q.Rows[i-1].ID], query.Vector)))
					}
				}
			}
		})
	}
}

func inputs(q goldenQuery) []space.Input {
	weight := func(w *float64) float64 {
		if w == nil {
			return 1
		}
		return *w
	}
	var list []space.Input
	if q.Params.Image != "" {
		list = append(list, space.Input{Target: "image", Image: blob.Content{Encoded: []byte(q.Params.Image)}, Weight: weight(q.Params.ImageWeight)})
	}
	if q.Params.Text != "" {
		list = append(list, space.Input{Target: "description", Text: q.Params.Text, Weight: weight(q.Params.TextWeight)})
	}
	return list
}

func ask(t *testing.T, s space.Space, inputs []space.Input) *space.QueryVector {
	query, err := s.Query(context.Background(), inputs, 0)
	require.NoError(t, err)
	sum := make([]float64, s.Dimension())
	for _, share := range query.Shares {
		for i, value := range share {
			sum[i] += float64(value)
		}
	}
	for i, value := range query.Vector.Values {
		assert.InDelta(t, value, sum[i], 1e-6, "shares add up")
	}
	return query
}

func TestIngest(t *testing.T) {
	embedder := &table{
		dimension: 2, maxTokens: 8,
		texts:  map[string][]float32{"up": {0, 8}, "left": {-1, 0}, "zero": {0, 0}, "far too long": {0, 1}, " ": {0, -1}, "": {1, 1}},
		images: map[string][]float32{"right": {6, 0}, "away": {1, 0}},
	}
	s := build(t, "images", embedder)
	batch := rows{
		{"image": "right", "description": "up"},   // the sum of the raw outputs, not of unit vectors
		{"image": "right"},                        //
		{"description": "up"},                     //
		{},                                        // nothing
		{"image": "right", "description": ""},     // an empty description counts as none
		{"description": " "},                      // a blank one does not
		{"image": "away", "description": "left"},  // they cancel
		{"description": "far too long"},           //
		{"image": "broken", "description": "up"},  // counts as absent, and is reported
		{"image": "right", "description": "what"}, //
	}
	encoding, err := s.Encode(context.Background(), "Image", batch, func(int) {})
	require.NoError(t, err)
	want := [][]float32{{.6, .8}, {1, 0}, {0, 1}, {0, 0}, {1, 0}, {0, -1}, {0, 0}, {0, 1}, {0, 1}, {1, 0}}
	for i := range want {
		inDelta(t, want[i], encoding.Vectors[i].Values, 1e-7, "vector")
	}
	assert.Equal(t, []space.Truncation{{Row: 7, Field: "description", Tokens: 12, Limit: 8}}, encoding.Truncated)
	require.Len(t, encoding.Failures, 2)
	assert.Equal(t, space.Failure{Row: 9, Field: "description", Err: errs.New(errs.InvalidInput, `no vector for "what"`)}, encoding.Failures[0])
	assert.Equal(t, 8, encoding.Failures[1].Row)
	assert.Equal(t, "image", encoding.Failures[1].Field)
}

func TestQuery(t *testing.T) {
	embedder := &table{
		dimension: 2, maxTokens: 8,
		texts:  map[string][]float32{"up": {0, 8}, "": {3, 4}, "far too long": {0, 1}},
		images: map[string][]float32{"right": {6, 0}},
	}
	s := build(t, "images", embedder)
	image := func(bytes string, weight float64) space.Input {
		return space.Input{Target: "image", Image: blob.Content{Encoded: []byte(bytes)}, Weight: weight}
	}
	text := func(text string, weight float64) space.Input {
		return space.Input{Target: "description", Text: text, Weight: weight}
	}
	for name, c := range map[string]struct {
		inputs []space.Input
		want   []float32
	}{
		"nothing":                 {nil, []float32{0, 0}},
		"each alone first":        {[]space.Input{image("right", 3), text("up", 4)}, []float32{.6, .8}},
		"one: only the sign":      {[]space.Input{text("up", -7)}, []float32{0, -1}},
		"one clause, three times": {[]space.Input{text("up", 1), text("up", 2), image("right", 3)}, []float32{.70710678, .70710678}},
		"cancelling":              {[]space.Input{text("up", .3), text("up", -.3)}, []float32{0, 0}},
		"an empty text is a text": {[]space.Input{text("", 1)}, []float32{.6, .8}},
		"huge weights":            {[]space.Input{image("right", 3e300), text("up", 4e300)}, []float32{.6, .8}},
		"tiny weights":            {[]space.Input{image("right", 3e-300), text("up", 4e-300)}, []float32{.6, .8}},
	} {
		t.Run(name, func(t *testing.T) {
			inDelta(t, c.want, ask(t, s, c.inputs).Vector.Values, 1e-6, "query vector")
		})
	}
	cut := ask(t, s, []space.Input{image("right", 1), text("far too long", 1)})
	assert.Equal(t, []space.InputTruncation{{Input: 1, Tokens: 12, Limit: 8}}, cut.Truncated)
	_, err := s.Query(context.Background(), []space.Input{text("up", 1), image("broken", 1)}, 0)
	var bad *space.InputError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, 1, bad.Input)
}

func TestAModelThatBreaksItsWord(t *testing.T) {
	short := &table{dimension: 3, texts: map[string][]float32{"up": {0, 8}}}
	s := build(t, "images", short)
	_, err := s.Encode(context.Background(), "Image", rows{{"description": "up"}}, func(int) {})
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	_, err = s.Query(context.Background(), []space.Input{{Target: "description", Text: "up", Weight: 1}}, 0)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	failing := &table{dimension: 2, failure: context.Canceled}
	_, err = build(t, "images", failing).Encode(context.Background(), "Image", rows{{"description": "up"}}, func(int) {})
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err))
}

func TestDefinition(t *testing.T) {
	definition, err := read(t, `{"type": "image_space", "name": "s", "fields": [{"schema": "Image", "image": "image"}],
		"model": {"name": "embedded", "path": "/m"}, "salt": null}`)
	require.NoError(t, err)
	assert.Equal(t, []space.Use{{Field: "image"}}, definition.Uses("Image"))
	assert.Empty(t, definition.Uses("Other"))
	reference, ok := definition.Model()
	assert.True(t, ok)
	assert.Equal(t, space.ModelReference{Name: "embedded", Path: "/m", Precision: embed.FP32}, reference)
	definition, err = read(t, `{"type": "image_space", "name": "s", "fields": [{"schema": "Image", "image": "image"}],
		"model": {"name": "n", "path": "/image", "text_path": "/text", "precision": "int8"}}`)
	require.NoError(t, err)
	reference, _ = definition.Model()
	assert.Equal(t, space.ModelReference{Name: "n", Path: "/image", TextPath: "/text", Precision: embed.INT8}, reference)
	_, err = definition.Build(nil, embed.Info{})
	assert.Equal(t, errs.Internal, errs.StatusOf(err))

	node := func(change ...string) string {
		return strings.NewReplacer(change...).Replace(`{"type":"image_space","name":"s","fields":[{"schema":"Image","image":"image","description":"description"}],"model":{"name":"n","path":"/m"},"salt":"x"}`)
	}
	for name, c := range map[string]struct{ text, message string }{
		"a wrong key":          {node("model", "modle"), "$.modle: unknown key; known are type, name, fields, model, salt"},
		"no object":            {`7`, `$: must be an object with a "type"`},
		"no type":              {`{"name": "s"}`, `$: must be an object with a "type"`},
		"another type":         {node("image_space", "sound_space"), `$.type: unknown space type "sound_space"; known are categorical_similarity_space, custom_space, image_space, number_space, recency_space, text_similarity_space`},
		"no fields":            {node(`[{"schema":"Image","image":"image","description":"description"}]`, "[]"), "$.fields: ImageSpace image field input must not be empty."},
		"an unknown schema":    {node(`"Image"`, `"Picture"`), `$.fields[0].schema: there is no schema "Picture"`},
		"a schema twice":       {node(`[{`, `[{"schema":"Image","image":"image"},{`), "$.fields[1].schema: Duplicates schemas in the same space are not allowed: ['Image']"},
		"an unknown field":     {node(`:"image"`, `:"picture"`), `$.fields[0].image: the schema Image has no field "picture"`},
		"a text for a blob":    {node(`:"image"`, `:"description"`), "$.fields[0].image: the field Image.description is of type string; a blob is needed here"},
		"a blob for a text":    {node(`:"description"`, `:"image"`), "$.fields[0].description: the field Image.image is of type blob; a string is needed here"},
		"neither":              {node(`,"image":"image","description":"description"`, ``), "$.fields[0]: name an image field, a description field or both"},
		"a bad name":           {node(`:"s"`, `:""`), "$.name: a name must not be empty"},
		"no model":             {node(`,"model":{"name":"n","path":"/m"}`, ``), `$: the key "model" is missing`},
		"a model's odd key":    {node(`"path"`, `"directory"`), "$.model.directory: unknown key; known are name, path, text_path, precision"},
		"an odd precision":     {node(`"/m"`, `"/m","precision":"int4"`), `$.model.precision: "int4" is not a precision; known are fp32, fp16 and int8`},
		"salt of a wrong kind": {node(`:"x"`, `:1`), "$.salt: must be a string, got the number 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, c.text)
			assert.EqualError(t, err, c.message)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		})
	}
}

func TestIdentity(t *testing.T) {
	identity := func(change ...string) string {
		definition, err := read(t, strings.NewReplacer(change...).Replace(
			`{"type":"image_space","name":"s","fields":[{"schema":"Image","image":"image"}],"model":{"name":"n","path":"/m"},"salt":"x"}`))
		require.NoError(t, err)
		return definition.Identity()
	}
	assert.Equal(t, identity(), identity(`:"s"`, `:"other"`), "the name does not matter")
	for _, change := range [][2]string{{`:"x"`, `:"y"`}, {"/m", "/n"}, {`"/m"`, `"/m","text_path":"/t"`}, {`"/m"`, `"/m","precision":"int8"`}, {`:"n"`, `:"o"`}, {`"image":"image"`, `"description":"description"`}} {
		assert.NotEqual(t, identity(), identity(change[0], change[1]))
	}
}

func TestTargets(t *testing.T) {
	s := build(t, "images", &table{dimension: 2})
	for name, kind := range map[string]space.ValueKind{"image": space.ImageValue, "description": space.TextValue} {
		target, err := s.Target(name)
		require.NoError(t, err)
		assert.Equal(t, space.Target{Name: name, Kind: kind}, target)
	}
	_, err := s.Target("images")
	assert.EqualError(t, err, `the image space images has no field set "images"; known are image and description`)
}
