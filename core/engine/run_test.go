package engine_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

func TestAQueryBeforeAnyPut(t *testing.T) {
	e, _ := open(t, definition)
	result := run(t, e, byImageAndText, scalars("text", "x"))
	assert.Empty(t, result.Rows)
	assert.NotNil(t, result.Rows)
	assert.Equal(t, []schema.Field{{Name: "image", Type: schema.Blob}, {Name: "description", Type: schema.String}}, result.Fields)
	assert.True(t, result.HasContributions)
	assert.False(t, result.HasPartialScores || result.HasVectorParts)
}

// TestTheSamePictureInOtherBytes has no cache, and other bytes with the same pixels: the score 1 is the model's work.
func TestTheSamePictureInOtherBytes(t *testing.T) {
	e, fake := open(t, definition)
	stored := picture(red, blue)
	chunk := []byte("tEXta\x00b")
	comment := binary.BigEndian.AppendUint32(slices.Concat([]byte{0, 0, 0, 3}, chunk), crc32.ChecksumIEEE(chunk))
	other := slices.Concat(stored[:33], comment, stored[33:]) // after the header
	put(t, e, engine.PutOptions{}, row{"id": "a", "image": stored}, row{"id": "b", "image": picture(green)})
	before := fake.ImageItems()
	result := run(t, e, byImageAndText, imageParam("image", other))
	assert.Equal(t, before+1, fake.ImageItems(), "the query's picture was embedded")
	assert.Equal(t, "a", result.Rows[0].ID)
	assert.InDelta(t, 1, result.Rows[0].Score, 1e-6)
	assert.Less(t, result.Rows[1].Score, 0.999)
}

func TestTiesAreOrderedByCodePoint(t *testing.T) {
	e, _ := open(t, definition)
	want := []string{"10", "2", "B", "a", "é", "\uffff", "𝄞"} // code points, not UTF-16 units
	var rows []row
	for _, i := range []int{4, 6, 1, 3, 0, 5, 2} {
		rows = append(rows, row{"id": want[i], "description": "same"})
	}
	put(t, e, engine.PutOptions{}, rows...)
	assert.Equal(t, want, ids(run(t, e, byImageAndText, scalars("text", "same"))))
	limited := strings.Replace(byImageAndText, `"select"`, `"limit": {"value": 3}, "select"`, 1)
	assert.Equal(t, want[:3], ids(run(t, e, limited, scalars("text", "same"))))
}

func TestInfo(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "a", "description": "x"}, row{"id": "b", "description": "y"})
	result := run(t, e, strings.Replace(byImageAndText, `"select"`, `"limit": {"value": 1}, "vector_parts": ["space"], "select"`, 1),
		imageParam("image", picture(red), "text", "x", "text_weight", 0))
	assert.Len(t, result.Rows, 1)
	info := result.Info
	assert.Len(t, info.SearchVector, 32)
	info.SearchVector = []float32{0.5}
	text, err := json.Marshal(info)
	require.NoError(t, err)
	assert.JSONEq(t, `{"schema_name": "Image", "search_vector": [0.5],
		"search_params": {"image": "bytes", "image_weight": 1, "text": "x", "text_weight": 0},
		"index": "index", "spaces": ["space"], "vector_parts": ["space"],
		"clauses": [{"type": "similar", "space": "space", "field": "image", "param": "image", "weight": 1, "active": true},
		            {"type": "similar", "space": "space", "field": "description", "param": "text", "weight": 0, "active": false}],
		"explain": {"weights_ignored": true, "spaces": [{"space": "space", "weight": 1, "source": "query", "param": "", "active": true}]},
		"models": [{"name": "fake", "fingerprint": "fake", "dimension": 32}], "truncated": [], "rows_searched": 2}`, string(text))
	named := func(value any) any {
		return run(t, e, byImageAndText, engine.Params{Scalars: map[string]any{"image_weight": 0}, Images: map[string]blob.Value{"image": value.(blob.Value)}}).Info.SearchParams["image"]
	}
	assert.Equal(t, "/a/b.png", named(blob.Value{Kind: blob.Path, Data: []byte("/a/b.png")}), "of weight 0, so it is never opened")
	assert.Equal(t, "RGB pixels", named(blob.Value{Kind: blob.Raw, Mode: "RGB"}))
	assert.Equal(t, strings.Repeat("é", 200)+"…", named(blob.Value{Data: []byte(strings.Repeat("é", 5000))}))
}

func TestContributions(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "a", "image": picture(red), "description": "x"}, row{"id": "b", "description": "y"}, row{"id": "c"})
	params := imageParam("image", picture(red), "text", "x", "text_weight", -0.5)
	few := strings.Replace(byImageAndText, `"select"`, `"contribution_rows": 2, "select"`, 1)
	result := run(t, e, few, params)
	require.True(t, result.HasContributions)
	for rank, row := range result.Rows {
		if rank >= 2 {
			assert.Nil(t, row.Contributions)
			continue
		}
		require.Len(t, row.Contributions, 2)
		assert.InDelta(t, row.Score, row.Contributions[0]+row.Contributions[1], 1e-6)
	}
	none := strings.Replace(byImageAndText, `"select"`, `"contribution_rows": 0, "select"`, 1)
	assert.False(t, run(t, e, none, params).HasContributions)
	assert.False(t, run(t, e, byImageAndText, engine.Params{}).HasContributions, "no clause took part")
}

func TestMistakesInParameters(t *testing.T) {
	e, _ := open(t, definition)
	prepared, err := e.Prepare([]byte(byImageAndText))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		params  engine.Params
		status  errs.Status
		message string
	}{
		"unknown":           {scalars("zzz", 1), errs.InvalidInput, "Unknown query parameters: zzz."},
		"an endless weight": {scalars("text_weight", math.Inf(1)), errs.InvalidInput, "params.text_weight: the value +Inf is not a finite number"},
		"no number":         {scalars("text_weight", math.NaN()), errs.InvalidInput, "params.text_weight: the value NaN is not a finite number"},
		"an image as text":  {imageParam("text", picture(red)), errs.InvalidInput, "params.text: Value (an image) is of wrong type. Allowed types are: ['A single str']"},
		"a missing file":    {engine.Params{Images: map[string]blob.Value{"image": {Kind: blob.Path, Data: []byte("/no/x.png")}}}, errs.NotFound, "params.image: "},
		"a broken image":    {imageParam("image", []byte("\x89PNG\r\n\x1a\nno")), errs.InvalidInput, "params.image: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := prepared.Run(context.Background(), c.params)
			assert.Equal(t, c.status, errs.StatusOf(err), "%v", err)
			assert.ErrorContains(t, err, c.message)
		})
	}
	_, err = e.Prepare([]byte(`{"version": 1, "type": "query", "index": "nope", "schema": "Image"}`))
	assert.EqualError(t, err, "$.index: Query index nope is not amongst the executor's indices (index)")
}

func TestTwoSchemasInOneSpace(t *testing.T) {
	e, _ := open(t, `{"version": 1,
	 "schemas": [{"type": "schema", "name": "Image", "fields": [{"name": "id", "type": "id"}, {"name": "image", "type": "blob"}]},
	             {"type": "schema", "name": "Note", "fields": [{"name": "key", "type": "id"}, {"name": "text", "type": "string"}]},
	             {"type": "schema", "name": "Loose", "fields": [{"name": "id", "type": "id"}, {"name": "text", "type": "string"}]}],
	 "spaces": [{"type": "image_space", "name": "space", "model": {"name": "fake", "path": "/fake"},
	             "fields": [{"schema": "Image", "image": "image"}, {"schema": "Note", "description": "text"}]},
	            {"type": "image_space", "name": "pictures", "salt": "2", "model": {"name": "fake", "path": "/fake"}, "fields": [{"schema": "Image", "image": "image"}]}],
	 "indices": [{"type": "index", "name": "index", "spaces": ["space"]}, {"type": "index", "name": "both", "spaces": ["space", "pictures"]}],
	 "options": {"embedding_cache_bytes": 0}}`)
	put(t, e, engine.PutOptions{Schema: "Image"}, row{"id": "x", "image": picture(red)})
	put(t, e, engine.PutOptions{Schema: "Note"}, row{"key": "x", "text": "hello"})
	put(t, e, engine.PutOptions{Schema: "Loose"}, row{"id": "x", "text": "in no space"})
	query := func(index, schema string) string {
		return `{"version": 1, "type": "query", "index": "` + index + `", "schema": "` + schema + `", "partial_scores": true, "select": {"type": "all"},
			"clauses": [{"type": "similar", "space": "space", "field": "description", "value": {"value": "hello"}}]}`
	}
	result := run(t, e, query("index", "Note"), engine.Params{})
	assert.InDelta(t, 1, result.Rows[0].Score, 1e-6)
	assert.Equal(t, "text=hello ", fields(result)["x"])
	assert.Equal(t, []string{"x"}, ids(run(t, e, query("index", "Image"), engine.Params{})), "rows of one schema only")
	result = run(t, e, query("both", "Note"), engine.Params{})
	assert.InDelta(t, 1, result.Rows[0].Score, 1e-6, "a space without a field of the schema has the missing vector")
	assert.InDeltaSlice(t, []float64{1, 0}, result.Rows[0].PartialScores, 1e-6)
	_, err := e.Prepare([]byte(query("index", "Loose")))
	assert.EqualError(t, err, "$.schema: Index doesn't have the queried schema (Loose)")
	description := e.Describe()
	assert.Equal(t, []engine.SchemaDescription{{Name: "Image", Rows: 1}, {Name: "Note", Rows: 1}, {Name: "Loose", Rows: 1}}, description.Schemas)
	assert.Equal(t, engine.IndexDescription{Name: "both", Spaces: []string{"space", "pictures"}, Schemas: []string{"Image", "Note"}, Dimension: 64}, description.Indices[1])
	assert.Equal(t, []engine.ModelDescription{{
		ModelInfo: engine.ModelInfo{Name: "fake", Fingerprint: "fake", Dimension: 32}, MaxTokens: 77, Format: "fake", ImageWidth: 16, ImageHeight: 16,
	}}, description.Models)
}

func TestDescribeSaysWhyAModelIsNotOnTheGPU(t *testing.T) {
	fake := embedtest.New(8, embedtest.WithFallback("no device"))
	e, err := engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(models{"fake": fake}.load))
	require.NoError(t, err)
	defer e.Close()
	described := e.Describe().Models[0]
	assert.Equal(t, []string{"cpu", "no device"}, []string{described.Device, described.Fallback})
}

func TestDelete(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, described(5, "x")...)
	deleted, missing, err := e.Delete(context.Background(), "Image", []string{"1", "3", "seven", "3"})
	require.NoError(t, err)
	assert.Equal(t, 2, deleted)
	assert.Equal(t, []string{"seven", "3"}, missing)
	assert.Equal(t, []string{"0", "2", "4"}, ids(run(t, e, byImageAndText, scalars("text", "x"))))
	put(t, e, engine.PutOptions{}, row{"id": "3"})
	assert.Empty(t, fields(run(t, e, byImageAndText, engine.Params{}))["3"], "a row put after its delete is new")
	_, _, err = e.Delete(context.Background(), "Nope", nil)
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
}

func TestSchema(t *testing.T) {
	e, _ := open(t, definition)
	s, err := e.Schema("Image")
	require.NoError(t, err)
	assert.Equal(t, "Image", s.Name)
	assert.Len(t, s.Fields, 3)
	_, err = e.Schema("Nope")
	assert.EqualError(t, err, `there is no schema "Nope"; the engine has ["Image"]`)
}

func TestEmbed(t *testing.T) {
	e, _ := open(t, definition)
	var told []int64
	outcomes, err := e.Embed(context.Background(), "space", engine.EmbedInput{Images: []blob.Value{
		{Kind: blob.Encoded, Data: picture(red)}, {Kind: blob.Path, Data: []byte("/no/x.png")}, {Kind: blob.Encoded, Data: []byte("\x89PNG\r\n\x1a\nno")},
		{Kind: blob.Encoded, Data: picture(red)},
	}}, func(done, total int64) {
		told = append(told, done)
		assert.EqualValues(t, 4, total)
	})
	require.NoError(t, err)
	require.Len(t, outcomes, 4)
	assert.Len(t, outcomes[0].Vector, 32)
	assert.Equal(t, outcomes[0].Vector, outcomes[3].Vector)
	assert.Equal(t, errs.NotFound, errs.StatusOf(outcomes[1].Err))
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(outcomes[2].Err))
	assert.EqualValues(t, 4, told[len(told)-1])
	outcomes, err = e.Embed(context.Background(), "space", engine.EmbedInput{Texts: []string{"a b", ""}}, nil)
	require.NoError(t, err)
	assert.Equal(t, 4, outcomes[0].Tokens)
	assert.Equal(t, 0, e.Describe().Schemas[0].Rows, "nothing is stored")
	timings := e.Describe().Timings
	assert.Positive(t, min(timings.Decode, timings.Preprocess, timings.ImageInference, timings.TextInference))
	outcomes, err = e.Embed(context.Background(), "space", engine.EmbedInput{}, nil)
	require.NoError(t, err)
	assert.Empty(t, outcomes)
	_, err = e.Embed(context.Background(), "nope", engine.EmbedInput{}, nil)
	assert.EqualError(t, err, `there is no space "nope"; the engine has ["space"]`)
	_, err = e.Embed(context.Background(), "space", engine.EmbedInput{Texts: []string{"x"}, Images: []blob.Value{{}}}, nil)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
}

func TestStoredVectors(t *testing.T) {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, row{"id": "b", "description": "blue"}, row{"id": "a", "image": picture(red)}, row{"id": "c"})
	read := func(index, schema string, ids []string) ([]engine.StoredVector, error) {
		return e.Vectors(context.Background(), engine.VectorsRequest{Schema: schema, Index: index, IDs: ids})
	}
	all, err := read("index", "Image", nil)
	require.NoError(t, err)
	require.Len(t, all, 3)
	assert.Equal(t, []string{"a", "b", "c"}, []string{all[0].ID, all[1].ID, all[2].ID})
	assert.Equal(t, make([]float32, 32), all[2].Vector)
	some, err := read("index", "Image", []string{"b", "a", "b"})
	require.NoError(t, err)
	assert.Equal(t, []engine.StoredVector{all[1], all[0], all[1]}, some)
	some[0].Vector[0] = 7
	again, err := read("index", "Image", nil)
	require.NoError(t, err)
	assert.Equal(t, all, again, "vectors are copies")
	none, err := read("index", "Image", []string{})
	require.NoError(t, err)
	assert.Empty(t, none)
	for message, ask := range map[string][3]string{
		"No vector found for Image with id zzz in the given index.": {"index", "Image", "zzz"},
		`there is no index "nope"; the engine has ["index"]`:        {"nope", "Image", "a"},
		`there is no schema "Nope"; the engine has ["Image"]`:       {"index", "Nope", "a"},
	} {
		_, err := read(ask[0], ask[1], []string{ask[2]})
		assert.EqualError(t, err, message)
		assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	}
}
