package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

const missingID = "The mandatory id field has missing or has invalid type values in the input object."

func TestPutStoresWhatItIsGiven(t *testing.T) {
	e, _ := open(t, definition)
	reds := picture(red)
	report := put(t, e, engine.PutOptions{}, row{"id": "a", "image": reds, "description": "red"}, row{"id": "b", "image": reds},
		row{"id": "c", "description": "red"}, row{"id": "d", "description": ""}, row{"id": "e"})
	assert.Equal(t, &engine.Report{
		Schema: "Image", Rows: 5, Stored: 5, Batches: 1,
		Errors: []engine.RowError{}, Truncated: []engine.TruncatedText{}, Warnings: []engine.Warning{},
	}, report, "a mandatory description that only an image space reads may be absent")
	result := run(t, e, byImageAndText, imageParam("image", picture(red)))
	assert.Equal(t, reds, result.Rows[0].Values[0].Blob, "the original bytes come back")
	found := scores(result)
	assert.InDelta(t, 1, found["b"], 1e-6, "the identical picture")
	assert.Equal(t, 0.0, found["d"], "an empty description counts as none")
	assert.Equal(t, 0.0, found["e"])
	assert.Less(t, found["a"], 1.0)
	size := len(reds)
	assert.Equal(t, map[string]string{
		"a": fmt.Sprintf("image(%d bytes) description=red ", size), "b": fmt.Sprintf("image(%d bytes) ", size),
		"c": "description=red ", "d": "description= ", "e": "",
	}, fields(result))
}

func TestEveryBadValueIsReported(t *testing.T) {
	bad := func() []row {
		return []row{
			{"id": "good", "image": picture(red)},
			{"id": "broken", "image": []byte("not an image"), "description": "words"},
			{"image": []byte("worse")},
			{"id": "  ", "description": "blank id"},
			{"id": "file", "image": blob.Value{Kind: blob.Path, Data: []byte("/nonexistent/x.png")}},
			{"id": "good too", "description": "words"},
			{"id": "mode", "image": blob.Value{Kind: blob.Raw, Mode: "RGB", Width: 2, Height: 2, Data: make([]byte, 5)}},
			{"id": "rejected", "description": "words"},
			{"id": "unread"},
		}
	}
	options := engine.PutOptions{Schema: "Image", Rejects: []engine.RowError{
		{Row: 7, Field: "image", Status: errs.InvalidInput, Reason: "7 is not an image"},
		{Row: 99, Field: "image", Reason: "past the end"},
	}}
	refused := map[int][]engine.RowError{0: {{Row: 8, Field: "description", Status: errs.InvalidInput, Reason: "not a string"}}}
	type brief struct {
		row   int
		id    string
		field string
	}
	want := []brief{
		{1, "broken", "image"}, {2, "", "id"}, {2, "", "image"}, {3, "", "id"}, {4, "file", "image"},
		{6, "mode", "image"}, {7, "rejected", "image"}, {8, "unread", "description"}, {99, "", "image"},
	}
	check := func(t *testing.T, report *engine.Report) {
		require.NotNil(t, report)
		var got []brief
		for _, failure := range report.Errors {
			got = append(got, brief{failure.Row, failure.ID, failure.Field})
			assert.NotEqual(t, errs.OK, failure.Status)
			assert.NotEqual(t, errs.Internal, failure.Status, failure.Reason)
			assert.NotEmpty(t, failure.Reason)
		}
		assert.Equal(t, want, got)
		assert.Equal(t, missingID, report.Errors[1].Reason)
		assert.Equal(t, errs.NotFound, report.Errors[4].Status)
		assert.Equal(t, 9, report.Rows)
	}
	stored := func(e *engine.Engine) []string { return ids(run(t, e, byImageAndText, engine.Params{})) }

	t.Run("raise", func(t *testing.T) {
		e, fake := open(t, definition)
		put(t, e, engine.PutOptions{}, row{"id": "before"})
		report, err := e.Put(context.Background(), &batches{list: []*schema.Batch{batch(bad()...)}, refused: refused}, options, nil)
		require.Error(t, err)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		assert.ErrorContains(t, err, `row 1, id "broken", field "image"; nothing was stored`)
		assert.ErrorContains(t, err, "and 8 more bad values")
		check(t, report)
		assert.Equal(t, 0, report.Stored)
		assert.Equal(t, 0, report.Batches)
		assert.Equal(t, []string{"before"}, stored(e))
		assert.Positive(t, fake.ImageItems(), "good pictures were embedded, for the cache")
	})
	t.Run("skip", func(t *testing.T) {
		e, _ := open(t, definition)
		options := options
		options.OnError = engine.Skip
		report, err := e.Put(context.Background(), &batches{list: []*schema.Batch{batch(bad()...)}, refused: refused}, options, nil)
		require.NoError(t, err)
		check(t, report)
		assert.Equal(t, 2, report.Stored)
		assert.Equal(t, []string{"good", "good too"}, stored(e))
	})
	t.Run("null", func(t *testing.T) {
		e, _ := open(t, definition)
		options := options
		options.OnError = engine.Null
		report, err := e.Put(context.Background(), &batches{list: []*schema.Batch{batch(bad()...)}, refused: refused}, options, nil)
		require.NoError(t, err)
		check(t, report)
		assert.Equal(t, 7, report.Stored, "rows without an id are left out nevertheless")
		result := run(t, e, byImageAndText, scalars("text", "words"))
		assert.Equal(t, "description=words ", fields(result)["broken"])
		assert.InDelta(t, 1, scores(result)["broken"], 1e-6, "what is left of the row counts")
	})
	t.Run("one status for all", func(t *testing.T) {
		e, _ := open(t, definition)
		_, err := e.Put(context.Background(), stream(batch(bad()[4])), engine.PutOptions{Schema: "Image"}, nil)
		assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	})
}

func TestOptionsOfAPutAreChecked(t *testing.T) {
	e, _ := open(t, definition)
	for name, c := range map[string]struct {
		options engine.PutOptions
		status  errs.Status
		message string
	}{
		"schema":   {engine.PutOptions{Schema: "Nope"}, errs.NotFound, `there is no schema "Nope"; the engine has ["Image"]`},
		"on_error": {engine.PutOptions{Schema: "Image", OnError: "ignore"}, errs.InvalidInput, `on_error: unknown value "ignore"; known are raise, skip, null`},
		"partial":  {engine.PutOptions{Schema: "Image", Partial: "both"}, errs.InvalidInput, `partial: unknown value "both"; known are reset, merge`},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := e.Put(context.Background(), stream(), c.options, nil)
			assert.Nil(t, report)
			assert.EqualError(t, err, c.message)
			assert.Equal(t, c.status, errs.StatusOf(err))
		})
	}
	short := batch(row{"id": "a"})
	short.Columns[0].Null = nil
	_, err := e.Put(context.Background(), stream(short), engine.PutOptions{Schema: "Image"}, nil)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	_, err = e.Put(context.Background(), stream(nil), engine.PutOptions{Schema: "Image"}, nil)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	report := put(t, e, engine.PutOptions{})
	assert.Equal(t, 0, report.Stored)
}

func TestOfOneIDTheLastRowWins(t *testing.T) {
	for name, list := range map[string][]*schema.Batch{
		"in one batch":      {batch(row{"id": "p", "description": "one"}, row{"id": "q"}, row{"id": "p", "description": "two"}, row{"id": "p", "image": picture(blue)})},
		"in several, a put": {batch(row{"id": "p", "description": "one"}, row{"id": "q"}), batch(row{"id": "p", "description": "two"}), batch(row{"id": "p", "image": picture(blue)})},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := open(t, definition)
			report, err := e.Put(context.Background(), stream(list...), engine.PutOptions{Schema: "Image"}, nil)
			require.NoError(t, err)
			assert.Equal(t, 4, report.Rows)
			assert.Equal(t, 2, report.Stored)
			assert.Equal(t, []engine.Warning{{Code: "duplicate_id", IDs: []string{"p"},
				Message: "2 rows have an id that comes again later; the last one wins"}}, report.Warnings)
			result := run(t, e, byImageAndText, imageParam("image", picture(blue)))
			assert.InDelta(t, 1, scores(result)["p"], 1e-6)
			assert.NotContains(t, fields(result)["p"], "description", "of one put only the last row counts")
		})
	}
	t.Run("a bad last row does not win", func(t *testing.T) {
		e, _ := open(t, definition)
		put(t, e, engine.PutOptions{OnError: engine.Skip}, row{"id": "p", "description": "one"}, row{"id": "p", "image": []byte("junk")})
		assert.Equal(t, "description=one ", fields(run(t, e, byImageAndText, engine.Params{}))["p"])
	})
}

func TestUnknownColumnsAreIgnoredAndNamed(t *testing.T) {
	e, _ := open(t, definition)
	b := batch(row{"id": "a", "colour": "red"})
	b.Ignored = []string{"size"}
	report, err := e.Put(context.Background(), stream(b, b), engine.PutOptions{Schema: "Image"}, nil)
	require.NoError(t, err)
	assert.Equal(t, engine.Warning{Code: "unknown_column", Fields: []string{"colour", "size"},
		Message: "the schema Image has no field colour, size; the values were ignored"}, report.Warnings[0])
}

func TestTruncatedTexts(t *testing.T) {
	e, _ := open(t, definition)
	long := strings.Repeat("word ", 100)
	report := put(t, e, engine.PutOptions{}, row{"id": "a", "description": "short"}, row{"id": "b", "description": long}, row{"id": "c", "description": long + "more"})
	assert.Equal(t, []engine.TruncatedText{
		{Row: 1, ID: "b", Field: "description", Tokens: 102, Limit: 77}, {Row: 2, ID: "c", Field: "description", Tokens: 103, Limit: 77},
	}, report.Truncated)
	assert.Equal(t, []engine.Warning{{Code: "truncated_text", Fields: []string{"description"}, IDs: []string{"b", "c"},
		Message: "2 texts are longer than the model's 77 tokens; only the beginning counts in searches"}}, report.Warnings)
	result := run(t, e, byImageAndText, scalars("text", long))
	assert.Equal(t, []engine.TruncatedInput{{Param: "text", Tokens: 102, Limit: 77}}, result.Info.Truncated)
}

func TestPuttingAnIDAgain(t *testing.T) {
	first := row{"id": "p", "image": picture(red), "description": "words"}
	t.Run("reset", func(t *testing.T) {
		e, _ := open(t, definition)
		put(t, e, engine.PutOptions{}, first, row{"id": "q", "image": picture(red)})
		report := put(t, e, engine.PutOptions{}, row{"id": "p", "description": "others"}, row{"id": "q", "image": picture(blue)})
		assert.Equal(t, []engine.Warning{{Code: "partial_put", Fields: []string{"image"}, IDs: []string{"p"},
			Message: `1 row was put again without image: the stored values stay, but they no longer count in searches; put with partial "merge" keeps them`,
		}}, report.Warnings)
		result := run(t, e, byImageAndText, scalars("text", "others"))
		assert.InDelta(t, 1, scores(result)["p"], 1e-6, "the vector is that of the new description alone")
		assert.Contains(t, fields(result)["p"], "image(", "the stored image stays")
		report = put(t, e, engine.PutOptions{}, row{"id": "p"})
		assert.Equal(t, []string{"description", "image"}, report.Warnings[0].Fields)
		assert.Equal(t, 0.0, scores(run(t, e, byImageAndText, scalars("text", "others")))["p"])
	})
	t.Run("merge", func(t *testing.T) {
		e, _ := open(t, definition)
		put(t, e, engine.PutOptions{}, first)
		report := put(t, e, engine.PutOptions{Partial: engine.Merge}, row{"id": "p", "description": "others"}, row{"id": "new", "description": "new"})
		assert.Empty(t, report.Warnings)
		other, _ := open(t, definition)
		put(t, other, engine.PutOptions{}, row{"id": "p", "image": picture(red), "description": "others"})
		query := scalars("text", "something else")
		assert.InDelta(t, scores(run(t, other, byImageAndText, query))["p"], scores(run(t, e, byImageAndText, query))["p"], 1e-6,
			"as if both had been put together")
	})
	t.Run("merge, null: a bad value leaves the stored one", func(t *testing.T) {
		e, _ := open(t, definition)
		put(t, e, engine.PutOptions{}, first)
		report := put(t, e, engine.PutOptions{Partial: engine.Merge, OnError: engine.Null}, row{"id": "p", "image": []byte("junk")})
		assert.Len(t, report.Errors, 1)
		assert.InDelta(t, scores(runWith(t, first))["p"], scores(run(t, e, byImageAndText, scalars("text", "words")))["p"], 1e-6)
	})
}

// runWith stores one row in a new engine and searches it for "words".
func runWith(t *testing.T, r row) *engine.Result {
	e, _ := open(t, definition)
	put(t, e, engine.PutOptions{}, r)
	return run(t, e, byImageAndText, scalars("text", "words"))
}

func TestMandatoryFields(t *testing.T) {
	indexed := strings.Replace(definition, `"spaces": ["space"]}`, `"spaces": ["space"], "fields": ["Image.description"]}`, 1)
	e, _ := open(t, indexed)
	report, err := e.Put(context.Background(), stream(batch(row{"id": "b"}, row{"id": "c", "description": "d"})), engine.PutOptions{Schema: "Image"}, nil)
	assert.ErrorContains(t, err, "Message with id 'b' is missing mandatory index fields: description.")
	assert.Len(t, report.Errors, 1)
	optional, _ := open(t, strings.Replace(indexed, `"type": "string"`, `"type": "string", "optional": true`, 1))
	put(t, optional, engine.PutOptions{}, row{"id": "b"})
	put(t, e, engine.PutOptions{}, row{"id": "c", "description": "d"})
	put(t, e, engine.PutOptions{Partial: engine.Merge}, row{"id": "c", "image": picture(red)})
	nulled := put(t, e, engine.PutOptions{OnError: engine.Null}, row{"id": "b"})
	assert.Equal(t, 1, nulled.Stored)
	assert.Len(t, nulled.Errors, 1)
}

func TestRawPixelsAreKeptAsPNG(t *testing.T) {
	e, _ := open(t, definition)
	pixels := make([]byte, 4*4*3)
	for i := range pixels {
		pixels[i] = byte(i * 5)
	}
	put(t, e, engine.PutOptions{}, row{"id": "a", "image": blob.Value{Kind: blob.Raw, Mode: "RGB", Width: 4, Height: 4, Data: pixels}})
	result := run(t, e, byImageAndText, engine.Params{})
	stored := result.Rows[0].Values[0].Blob
	assert.Equal(t, "\x89PNG\r\n\x1a\n", string(stored[:8]))
	result = run(t, e, byImageAndText, imageParam("image", stored))
	assert.InDelta(t, 1, result.Rows[0].Score, 1e-6, "the PNG has the same pixels")
}

func TestBatchByBatch(t *testing.T) {
	list := []*schema.Batch{batch(row{"id": "a"}, row{"id": "b"}), batch(row{"id": "a", "description": "again"}), batch(row{"id": "bad", "image": []byte("junk")}), batch(row{"id": "never"})}
	e, _ := open(t, definition)
	var seen []int
	rows := &batches{list: list, before: func(batch int) error {
		seen = append(seen, e.Describe().Schemas[0].Rows)
		return nil
	}}
	report, err := e.Put(context.Background(), rows, engine.PutOptions{Schema: "Image", PerBatch: true}, nil)
	assert.ErrorContains(t, err, `row 3, id "bad", field "image"; 2 batches were before it stored`)
	assert.Equal(t, []int{0, 2, 2}, seen, "each batch is there before the next is read, and none is read after the bad one")
	assert.Equal(t, 2, report.Batches)
	assert.Equal(t, 3, report.Stored)
	assert.Equal(t, "duplicate_id", report.Warnings[0].Code)

	failing := &batches{list: list[:2], before: func(batch int) error {
		if batch == 1 {
			return errors.New("the stream broke")
		}
		return nil
	}}
	report, err = e.Put(context.Background(), failing, engine.PutOptions{Schema: "Image", PerBatch: true}, nil)
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	require.NotNil(t, report, "it says how far the put came")
	assert.Equal(t, 1, report.Batches)
}

func TestProgress(t *testing.T) {
	e, _ := open(t, definition)
	var told [][2]int64
	tell := func(done, total int64) { told = append(told, [2]int64{done, total}) }
	rows := stream(batch(row{"id": "a", "image": picture(red), "description": "x"}, row{"id": "b", "image": picture(blue)}), batch(row{"id": "c"}))
	_, err := e.Put(context.Background(), rows, engine.PutOptions{Schema: "Image", TotalRows: 3}, tell)
	require.NoError(t, err)
	require.NotEmpty(t, told)
	for i, step := range told {
		assert.EqualValues(t, 3, step[1])
		if i > 0 {
			assert.Greater(t, step[0], told[i-1][0])
		}
	}
	assert.EqualValues(t, 3, told[len(told)-1][0])
	told = nil
	_, err = e.Put(context.Background(), stream(batch(row{"id": "a"})), engine.PutOptions{Schema: "Image"}, tell)
	require.NoError(t, err)
	assert.Equal(t, [2]int64{1, 0}, told[len(told)-1], "without a known total it is 0")
}
