package engine_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
)

// goldenTexts is what the reference makes of a text space.
type goldenTexts struct {
	Vectors map[string][]float64 `json:"vectors"`
	Queries []struct {
		Clauses     [][2]any           `json:"clauses"`
		Scores      map[string]float64 `json:"scores"`
		ChunkScores []float64          `json:"chunk_scores"`
	} `json:"queries"`
}

// TestATextSpaceEqualsTheReference runs a real model from texts to scores, with whole texts and with chunks.
func TestATextSpaceEqualsTheReference(t *testing.T) {
	var golden struct {
		Texts          map[string]string `json:"texts"`
		Whole, Chunked goldenTexts
	}
	readGolden(t, "text_space.json", &golden)
	model, err := filepath.Abs(filepath.Join(embedtest.Root(t), "testdata", "models", "small", "bert-mean-normalize"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		want  goldenTexts
		chunk any
	}{"whole": {golden.Whole, nil}, "chunked": {golden.Chunked, object{"size": 40, "overlap": 10}}} {
		t.Run(name, func(t *testing.T) {
			definition, err := json.Marshal(object{"version": 1,
				"schemas": []any{object{"type": "schema", "name": "Page",
					"fields": []any{object{"name": "id", "type": "id"}, object{"name": "body", "type": "string"}}}},
				"spaces": []any{object{"type": "text_similarity_space", "name": "space", "model": object{"name": "bert", "path": model},
					"fields": []any{object{"schema": "Page", "text": "body", "chunk": c.chunk}}}},
				"indices": []any{object{"type": "index", "name": "index", "spaces": []any{"space"}}},
				"options": object{"onnxruntime_library": embedtest.Library(t), "embedding_cache_bytes": 0, "threads": 1},
			})
			require.NoError(t, err)
			e, err := engine.Open(context.Background(), definition)
			require.NoError(t, err)
			defer func() { require.NoError(t, e.Close()) }()
			var rows []row
			for id, text := range golden.Texts {
				rows = append(rows, row{"id": id, "body": text})
			}
			batch := typedBatch(t, map[string]string{"id": "id", "body": "string"}, rows)
			_, err = e.Put(context.Background(), stream(batch), engine.PutOptions{Schema: "Page"}, nil)
			require.NoError(t, err)
			vectors, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: "Page", Index: "index"})
			require.NoError(t, err)
			require.Len(t, vectors, len(c.want.Vectors))
			for _, v := range vectors {
				closeTo(t, c.want.Vectors[v.ID], v.Vector, v.ID)
			}
			for _, q := range c.want.Queries {
				checkTextQuery(t, e, q.Clauses, q.Scores, q.ChunkScores)
			}
		})
	}
}

func checkTextQuery(t *testing.T, e *engine.Engine, clauses [][2]any, want map[string]float64, chunkScores []float64) {
	query := object{"version": 1, "type": "query", "index": "index", "schema": "Page"}
	var similar []any
	for _, clause := range clauses {
		similar = append(similar, object{"type": "similar", "space": "space", "field": "text",
			"value": object{"value": clause[0]}, "weight": object{"value": clause[1]}})
	}
	if similar != nil {
		query["clauses"] = similar
	}
	text, err := json.Marshal(query)
	require.NoError(t, err)
	var chunks []float64
	seen := 0
	for _, found := range run(t, e, string(text), engine.Params{}).Rows {
		if score, ok := want[found.ID]; ok {
			assert.InDelta(t, score, found.Score, 1e-5, "%s for %v", found.ID, clauses)
			seen++
		} else {
			chunks = append(chunks, found.Score)
		}
	}
	assert.Equal(t, len(want), seen)
	require.Len(t, chunks, len(chunkScores), fmt.Sprint(clauses))
	slices.SortFunc(chunks, func(a, b float64) int { return cmp.Compare(b, a) })
	for i := range chunks {
		assert.InDelta(t, chunkScores[i], chunks[i], 1e-5, "chunk %d for %v", i, clauses)
	}
}
