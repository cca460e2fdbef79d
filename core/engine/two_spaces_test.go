package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
	"github.com/innerspace/innerspace/core/schema"
)

// twoSpaces is testdata/engine/two_spaces.json: what superlinked 37.3.0 makes of a table of raw embeddings.
type twoSpaces struct {
	Definition json.RawMessage      `json:"definition"`
	Texts      map[string][]float32 `json:"texts"`
	Colours    map[string]struct {
		RGB    [3]float64 `json:"rgb"`
		Vector []float32  `json:"vector"`
	} `json:"colours"`
	Puts    [][]map[string]string `json:"puts"`
	Queries []struct {
		Query        json.RawMessage   `json:"query"`
		Params       map[string]any    `json:"params"`
		Images       map[string]string `json:"images"`
		SearchVector []float32         `json:"search_vector"`
		SearchParams map[string]any    `json:"search_params"`
		Rows         []struct {
			ID            string            `json:"id"`
			Score         float64           `json:"score"`
			PartialScores []float64         `json:"partial_scores"`
			VectorParts   [][]float32       `json:"vector_parts"`
			Fields        map[string]string `json:"fields"`
		} `json:"rows"`
	} `json:"queries"`
}

func loadTwoSpaces(t *testing.T) twoSpaces {
	data, err := os.ReadFile("../../testdata/engine/two_spaces.json")
	require.NoError(t, err)
	var golden twoSpaces
	require.NoError(t, json.Unmarshal(data, &golden))
	return golden
}

// lookup is a model that knows the golden's texts and flat colours.
type lookup struct {
	golden    twoSpaces
	dimension int
}

func (l lookup) Info() embed.Info {
	return embed.Info{Name: "table", Fingerprint: "table", Dimension: l.dimension, MaxTokens: 77}
}

func (l lookup) Preprocessing() imaging.Preprocessing {
	return imaging.Preprocessing{Size: 8, Width: 8, Height: 8, Rescale: 1, Std: [3]float64{1, 1, 1}}
}

func (l lookup) Close() error { return nil }

func (l lookup) Texts(_ context.Context, texts []string) ([]embed.Text, error) {
	var outcomes []embed.Text
	for _, text := range texts {
		vector, ok := l.golden.Texts[text]
		if !ok {
			return nil, errs.New(errs.Internal, "the golden has no text %q", text)
		}
		outcomes = append(outcomes, embed.Text{Vector: append([]float32(nil), vector...)})
	}
	return outcomes, nil
}

func (l lookup) Images(_ context.Context, tensor []float32, n int) ([][]float32, error) {
	var vectors [][]float32
	plane := len(tensor) / n / 3
	for i := range n {
		best, nearest := math.Inf(1), []float32(nil)
		for _, colour := range l.golden.Colours {
			distance := 0.0
			for c := range 3 {
				distance += math.Abs(float64(tensor[(i*3+c)*plane]) - colour.RGB[c])
			}
			if distance < best {
				best, nearest = distance, colour.Vector
			}
		}
		vectors = append(vectors, append([]float32(nil), nearest...))
	}
	return vectors, nil
}

func (g twoSpaces) picture(name string) []byte {
	rgb := g.Colours[name].RGB
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		img.SetRGBA(i%16, i/16, color.RGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, img); err != nil {
		panic(err) // of a buffer in memory: it cannot fail
	}
	return buffer.Bytes()
}

// TestTwoSpacesEqualTheReference compares scores, partial scores, query vectors, stored vectors, order, limits, radius, selections and
// the parameters in effect with the reference's own, for weights of every kind and rows of which parts are missing.
func TestTwoSpacesEqualTheReference(t *testing.T) {
	golden := loadTwoSpaces(t)
	e, err := engine.Open(context.Background(), golden.Definition, engine.WithModelLoader(
		func(context.Context, engine.ModelReference, engine.Options) (embed.Model, error) {
			return lookup{golden, len(golden.Texts[""])}, nil
		}))
	require.NoError(t, err)
	defer e.Close()
	for _, rows := range golden.Puts {
		var list []row
		for _, given := range rows {
			r := row{}
			for field, value := range given {
				if field == "picture" || field == "cover" {
					r[field] = golden.picture(value)
				} else {
					r[field] = value
				}
			}
			list = append(list, r)
		}
		put(t, e, engine.PutOptions{Schema: "Item"}, list...)
	}
	for number, q := range golden.Queries {
		params := engine.Params{Scalars: q.Params, Images: map[string]blob.Value{}}
		for name, colour := range q.Images {
			params.Images[name] = blob.Value{Kind: blob.Encoded, Data: golden.picture(colour)}
		}
		if n, ok := q.Params["n"]; ok {
			params.Scalars["n"] = int(n.(float64))
		}
		result := run(t, e, string(q.Query), params)
		require.Len(t, result.Info.SearchVector, len(q.SearchVector))
		for i, value := range q.SearchVector {
			require.InDelta(t, value, result.Info.SearchVector[i], 1e-6, "query %d %s", number, q.Query)
		}
		require.Len(t, result.Rows, len(q.Rows), "query %d %s", number, q.Query)
		for i, want := range q.Rows {
			got := result.Rows[i]
			require.Equal(t, want.ID, got.ID, "query %d %s, rank %d", number, q.Query, i)
			require.InDelta(t, want.Score, got.Score, 1e-6, "query %d %s, rank %d", number, q.Query, i)
			for j := range want.PartialScores {
				require.InDelta(t, want.PartialScores[j], got.PartialScores[j], 1e-6)
			}
			require.Len(t, got.PartialScores, len(want.PartialScores))
			require.Len(t, got.VectorParts, len(want.VectorParts))
			for j, part := range want.VectorParts {
				for k := range part {
					require.InDelta(t, part[k], got.VectorParts[j][k], 1e-6)
				}
			}
			texts := map[string]string{}
			for j, field := range result.Fields {
				if field.Type == schema.String && got.Values[j].Present {
					texts[field.Name] = got.Values[j].Text
				}
			}
			if len(result.Fields) > 0 {
				require.Equal(t, want.Fields, texts, "query %d %s, rank %d", number, q.Query, i)
			}
			checkContributions(t, result, got)
		}
		used, err := json.Marshal(result.Info.SearchParams)
		require.NoError(t, err)
		var inEffect map[string]any
		require.NoError(t, json.Unmarshal(used, &inEffect))
		for name := range q.Images {
			delete(inEffect, name)
		}
		for name, value := range q.SearchParams {
			assert.EqualValues(t, value, inEffect[name], "query %d, parameter %s", number, name)
		}
	}
}

// checkContributions: what the active clauses gave adds up to the score.
func checkContributions(t *testing.T, result *engine.Result, row engine.ResultRow) {
	active := 0
	for _, clause := range result.Info.Clauses {
		if clause.Active {
			active++
		}
	}
	require.Equal(t, active > 0, result.HasContributions)
	require.Len(t, row.Contributions, active)
	sum := 0.0
	for _, share := range row.Contributions {
		sum += share
	}
	require.InDelta(t, row.Score, sum, 2e-6)
}
