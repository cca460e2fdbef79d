package engine_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
)

var shapes = []string{"blue-circle", "blue-square", "red-circle", "red-rectangle", "red-circle-with-black-frame"}

// ranked is one row of a golden table.
type ranked struct {
	id    string
	score float64
}

func (r *ranked) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, &[]any{&r.id, &r.score})
	}
	row := struct {
		ID    *string  `json:"id"`
		Score *float64 `json:"score"`
	}{&r.id, &r.score}
	return json.Unmarshal(data, &row)
}

func readGolden(t *testing.T, name string, into any) {
	data, err := os.ReadFile(filepath.Join(embedtest.Root(t), "testdata", "goldens", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// notebook opens an engine on a real model and asks the notebook's five queries, as it does: the first before
// the descriptions are put, the others after.
func notebook(t *testing.T, model, pixels string) [][]ranked {
	path, err := filepath.Abs(model)
	require.NoError(t, err)
	options, err := json.Marshal(map[string]any{"onnxruntime_library": embedtest.Library(t), "embedding_cache_bytes": 0, "pixels": pixels, "threads": 1})
	require.NoError(t, err)
	text := strings.NewReplacer(`"/fake"`, string(must(json.Marshal(path))), `{"embedding_cache_bytes": 0}`, string(options)).Replace(definition)
	e, err := engine.Open(context.Background(), []byte(text))
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	images := filepath.Join(embedtest.Root(t), "testdata", "images")
	image := func(name string) blob.Value {
		return blob.Value{Kind: blob.Path, Data: []byte(filepath.Join(images, name+".png"))}
	}
	var plain, with []row
	for _, name := range shapes {
		description := "This is a " + strings.ReplaceAll(name, "-", " ") + "."
		if name == "red-rectangle" {
			description = "This is a blue rectangle."
		}
		plain = append(plain, row{"id": name, "image": image(name)})
		with = append(with, row{"id": name, "image": image(name), "description": description})
	}
	ask := func(withImage bool, pairs ...any) []ranked {
		params := scalars(pairs...)
		if withImage {
			params.Images = map[string]blob.Value{"image": image("blue-square")}
		}
		result := run(t, e, byImageAndText, params)
		var table []ranked
		for _, row := range result.Rows {
			table = append(table, ranked{row.ID, row.Score})
			sum := 0.0
			for _, share := range row.Contributions {
				sum += share
			}
			assert.InDelta(t, row.Score, sum, 1e-5)
		}
		return table
	}
	put(t, e, engine.PutOptions{}, plain...)
	tables := [][]ranked{ask(true)}
	report := put(t, e, engine.PutOptions{}, with...)
	assert.Empty(t, report.Warnings)
	return append(tables, ask(true), ask(false, "text", "black frame around a red circle"), ask(true, "text", "red circle"),
		ask(true, "text", "red circle", "image_weight", 0.1, "text_weight", 1.0))
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err) // of strings and numbers: it cannot fail
	}
	return data
}

func compare(t *testing.T, want, got [][]ranked) {
	require.Len(t, got, len(want))
	for i := range want {
		require.Len(t, got[i], len(want[i]))
		for rank, row := range want[i] {
			assert.Equal(t, row.id, got[i][rank].id, "table %d, rank %d", i+1, rank)
			assert.InDelta(t, row.score, got[i][rank].score, 1e-4, "table %d, %s", i+1, row.id)
		}
	}
}

// TestTinyCLIPEqualsTheReference runs a real model from files to scores: with the reference's pixels against the reference
// itself, with ours against the same formulas without its squash.
func TestTinyCLIPEqualsTheReference(t *testing.T) {
	type queries struct {
		Queries []struct {
			Rows []ranked `json:"rows"`
		} `json:"queries"`
	}
	var golden struct {
		Tiny map[string]struct {
			Reference queries `json:"reference"`
			Direct    queries `json:"direct_no_squash"`
		} `json:"tiny"`
	}
	readGolden(t, "tiny_clip_image_space.json", &golden)
	tables := func(q queries) (list [][]ranked) {
		for _, query := range q.Queries {
			list = append(list, query.Rows)
		}
		return list
	}
	t.Run("reference pixels", func(t *testing.T) {
		compare(t, tables(golden.Tiny["fp32"].Reference), notebook(t, embedtest.TinyCLIP(t), "reference"))
	})
	t.Run("faithful pixels", func(t *testing.T) {
		// The golden dropped the alpha of the one picture that has any; ours is over white, and differs on purpose.
		opaque := func(list [][]ranked) (kept [][]ranked) {
			for _, table := range list {
				kept = append(kept, slices.DeleteFunc(table, func(r ranked) bool { return r.id == "red-rectangle" }))
			}
			return kept
		}
		compare(t, opaque(tables(golden.Tiny["fp32"].Direct)), opaque(notebook(t, embedtest.TinyCLIP(t), "faithful")))
	})
}

// TestTheEmbeddedModelMakesTheNotebooksTables holds the five tables, and what the notebook's text points out in them.
func TestTheEmbeddedModelMakesTheNotebooksTables(t *testing.T) {
	var golden struct {
		Tables map[string][]ranked `json:"tables"`
	}
	readGolden(t, "embedded.json", &golden)
	got := notebook(t, filepath.Join(embedtest.Root(t), "python", "innerspace", "models", "embedded"), "faithful")
	want := make([][]ranked, 5)
	for name, table := range golden.Tables {
		want[name[0]-'1'] = table
	}
	compare(t, want, got)
	assert.InDelta(t, 1, got[0][0].score, 5e-7)
	assert.Equal(t, []string{"blue-square", "blue-circle"}, []string{got[0][0].id, got[0][1].id})
	assert.Equal(t, "blue-square", got[1][0].id)
	assert.Equal(t, []string{"red-circle-with-black-frame", "red-circle"}, []string{got[2][0].id, got[2][1].id})
	assert.Equal(t, []string{"red-circle", "blue-square"}, []string{got[4][0].id, got[4][4].id})
}
