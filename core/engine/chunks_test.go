package engine_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
)

// chunked has an index over chunked texts and a number, and one over the number alone.
const chunked = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Page", "fields": [{"name": "id", "type": "id"}, {"name": "body", "type": "string", "optional": true},
   {"name": "likes", "type": "float", "optional": true}]}],
 "spaces": [
  {"type": "text_similarity_space", "name": "texts", "model": {"name": "fake", "path": "/fake"},
   "fields": [{"schema": "Page", "text": "body", "chunk": {"size": 25, "overlap": 0}}]},
  {"type": "number_space", "name": "numbers", "fields": [{"schema": "Page", "number": "likes"}], "min_value": 0, "max_value": 10, "mode": "maximum"}],
 "indices": [{"type": "index", "name": "both", "spaces": ["numbers", "texts"]}, {"type": "index", "name": "likes", "spaces": ["numbers"]}],
 "options": {"embedding_cache_bytes": 0}}`

const byBody = `{"version": 1, "type": "query", "index": "both", "schema": "Page", "select": {"type": "all"},
 "clauses": [{"type": "similar", "space": "texts", "field": "text", "value": {"param": "q"}}], "partial_scores": true}`

func putPages(t *testing.T, e *engine.Engine, rows ...row) *engine.Report {
	batch := typedBatch(t, map[string]string{"id": "id", "body": "string", "likes": "float"}, rows)
	report, err := e.Put(context.Background(), stream(batch), engine.PutOptions{Schema: "Page"}, nil)
	require.NoError(t, err)
	return report
}

func TestChunksAreFoundLikeRows(t *testing.T) {
	e, _ := open(t, chunked)
	report := putPages(t, e, row{"id": "a", "body": "Dogs are barking. Cats sleep all day.", "likes": 10.0}, row{"id": "b", "body": "short"}, row{"id": "c", "likes": 5.0})
	assert.Equal(t, 3, report.Stored)
	assert.Equal(t, 3, e.Describe().Schemas[0].Rows)

	result := run(t, e, byBody, scalars("q", "Cats sleep all day."))
	require.Len(t, result.Rows, 6)
	best := result.Rows[0]
	assert.InDelta(t, 1, best.Score, 1e-6, "the chunk, with the score that it has alone")
	assert.Len(t, best.ID, 36)
	assert.Equal(t, "a", best.Origin)
	assert.True(t, result.HasOrigins)
	assert.Empty(t, strings.Trim(fields(result)[best.ID], " "), "it has no fields")
	first := ids(result)

	likes := run(t, e, `{"version": 1, "type": "query", "index": "likes", "schema": "Page"}`, engine.Params{})
	assert.Equal(t, []string{"a", "c", "b"}, ids(likes), "chunks are not in the other index")
	assert.False(t, likes.HasOrigins)

	vectors, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: "Page", Index: "both"})
	require.NoError(t, err)
	assert.Len(t, vectors, 3)
	vectors, err = e.Vectors(context.Background(), engine.VectorsRequest{Schema: "Page", Index: "both", Chunks: true})
	require.NoError(t, err)
	require.Len(t, vectors, 6)
	for _, v := range vectors {
		if v.ID == best.ID {
			assert.InDelta(t, math.Sqrt(.5), v.Vector[0], 1e-6, "the parts of other spaces are its row's")
		}
	}

	putPages(t, e, row{"id": "a", "body": "Dogs are barking. Cats sleep all day.", "likes": 10.0})
	assert.Equal(t, first, ids(run(t, e, byBody, scalars("q", "Cats sleep all day."))), "the same text, the same ids")
	putPages(t, e, row{"id": "a", "body": "brief"})
	assert.Len(t, run(t, e, byBody, scalars("q", "x")).Rows, 5, "no chunks of the old text are left")
	_, _, err = e.Delete(context.Background(), "Page", []string{"a"})
	require.NoError(t, err)
	assert.Len(t, run(t, e, byBody, scalars("q", "x")).Rows, 3, "b, its chunk and c")
}
