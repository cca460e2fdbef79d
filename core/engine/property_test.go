package engine_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/engine"
)

// plainRow is a row as the slow engine keeps it: the fields stored, and those that its vectors were made of.
type plainRow struct{ stored, counted map[string]string }

// plainEngine is the rules once more, in the plainest way: float64, maps, no batches, everything made anew for each query.
type plainEngine struct {
	golden twoSpaces
	rows   map[string]plainRow
}

func (p *plainEngine) put(rows []map[string]string, merge bool) {
	last := map[string]map[string]string{}
	for _, r := range rows {
		last[r["id"]] = r
	}
	for id, r := range last {
		stored := map[string]string{}
		if before, ok := p.rows[id]; ok {
			maps.Copy(stored, before.stored)
		}
		maps.Copy(stored, r)
		counted := r
		if merge {
			counted = maps.Clone(stored)
		}
		p.rows[id] = plainRow{stored, counted}
	}
}

func (p *plainEngine) raw(field, value string) []float64 {
	vector := p.golden.Texts[value]
	if field == "picture" || field == "cover" {
		vector = p.golden.Colours[value].Vector
	}
	wide := make([]float64, len(vector))
	for i, x := range vector {
		wide[i] = float64(x)
	}
	return wide
}

func unit(v []float64) []float64 {
	length := 0.0
	for _, x := range v {
		length += x * x
	}
	if length = math.Sqrt(length); length == 0 {
		return v
	}
	scaled := make([]float64, len(v))
	for i, x := range v {
		scaled[i] = x / length
	}
	return scaled
}

func addTo(sum, v []float64, weight float64) {
	for i, x := range v {
		sum[i] += weight * x
	}
}

func nonZero(v []float64) bool { return slices.ContainsFunc(v, func(x float64) bool { return x != 0 }) }

var fieldsOf = [][2]string{{"picture", "caption"}, {"cover", "title"}} // image and description of each space

// indexed is the vector of a row in an index of the given spaces.
func (p *plainEngine) indexed(row plainRow, spaces []int) (all []float64) {
	for _, s := range spaces {
		sum := make([]float64, len(p.golden.Texts[""]))
		for _, field := range fieldsOf[s] {
			if value, ok := row.counted[field]; ok && value != "" {
				addTo(sum, p.raw(field, value), 1)
			}
		}
		for _, x := range unit(sum) {
			all = append(all, x/math.Sqrt(float64(len(spaces))))
		}
	}
	return all
}

type plainClause struct {
	space  int // 0 or 1
	field  int // 0: image, 1: description
	value  string
	weight float64
}

func (p *plainEngine) query(spaces []int, clauses []plainClause, weights map[int]float64) []float64 {
	var parts [][]float64
	var effective []float64
	for _, s := range spaces {
		sum := make([]float64, len(p.golden.Texts[""]))
		weight := 0.0
		for _, c := range clauses {
			if c.space != s {
				continue
			}
			weight = 1
			addTo(sum, unit(p.raw(fieldsOf[s][c.field], c.value)), c.weight)
		}
		if given, ok := weights[s]; ok {
			weight = given
		}
		parts, effective = append(parts, unit(sum)), append(effective, weight)
	}
	if len(spaces) == 1 {
		return parts[0]
	}
	squares, active := 0.0, 0.0
	for i, part := range parts {
		if nonZero(part) {
			squares += effective[i] * effective[i]
			if effective[i] != 0 {
				active++
			}
		}
	}
	scale := 1.0
	if squares > 0 {
		scale = math.Sqrt(float64(len(spaces))/active) / math.Sqrt(squares)
	}
	var all []float64
	for i, part := range parts {
		for _, x := range part {
			all = append(all, x*effective[i]*scale)
		}
	}
	return all
}

// TestAgainstAPlainEngine drives the engine and the slow one with the same random puts, deletes and queries.
func TestAgainstAPlainEngine(t *testing.T) {
	rng := rand.New(rand.NewPCG(2024, 8))
	golden := loadTwoSpaces(t)
	texts, colours := slices.Sorted(maps.Keys(golden.Texts)), slices.Sorted(maps.Keys(golden.Colours))
	anyOf := func(list []string) string { return list[rng.IntN(len(list))] }
	weight := func() float64 { return []float64{1, 1, 0, -1, 2.5, 0.1, -0.4}[rng.IntN(7)] }
	e, err := engine.Open(context.Background(), golden.Definition, engine.WithModelLoader(
		func(context.Context, engine.ModelReference, engine.Options) (embed.Model, error) {
			return lookup{golden, len(golden.Texts[""])}, nil
		}))
	require.NoError(t, err)
	defer e.Close()
	plain := &plainEngine{golden: golden, rows: map[string]plainRow{}}
	for round := range 150 {
		var rows []row
		var plainRows []map[string]string
		for range rng.IntN(6) {
			r, given := row{}, map[string]string{"id": fmt.Sprint(rng.IntN(15))}
			for _, pair := range fieldsOf {
				if rng.IntN(2) == 0 {
					given[pair[0]] = anyOf(colours)
					r[pair[0]] = golden.picture(given[pair[0]])
				}
				if rng.IntN(2) == 0 {
					given[pair[1]] = anyOf(texts)
					r[pair[1]] = given[pair[1]]
				}
			}
			r["id"] = given["id"]
			rows, plainRows = append(rows, r), append(plainRows, given)
		}
		partial := []engine.Partial{engine.Reset, engine.Merge}[rng.IntN(2)]
		put(t, e, engine.PutOptions{Schema: "Item", Partial: partial}, rows...)
		plain.put(plainRows, partial == engine.Merge)
		gone := []string{fmt.Sprint(rng.IntN(15))}
		_, _, err := e.Delete(context.Background(), "Item", gone)
		require.NoError(t, err)
		delete(plain.rows, gone[0])

		index, spaces := "both", []int{0, 1}
		if rng.IntN(4) == 0 {
			index, spaces = "one", []int{1}
		}
		names, weights := []string{"picture", "cover"}, map[int]float64{}
		var clauses []plainClause
		var clauseText, weightText []string
		params := engine.Params{Images: map[string]blob.Value{}}
		for i := range rng.IntN(5) {
			c := plainClause{space: spaces[rng.IntN(len(spaces))], field: rng.IntN(2), weight: weight()}
			value := ""
			if c.field == 0 {
				c.value = anyOf(colours)
				name := fmt.Sprint("image", i)
				params.Images[name] = blob.Value{Kind: blob.Encoded, Data: golden.picture(c.value)}
				value = `{"param": "` + name + `"}`
			} else {
				c.value = anyOf(texts)
				value = `{"value": "` + c.value + `"}`
			}
			clauses = append(clauses, c)
			clauseText = append(clauseText, fmt.Sprintf(`{"type": "similar", "space": %q, "field": %q, "value": %s, "weight": {"value": %g}}`,
				names[c.space], []string{"image", "description"}[c.field], value, c.weight))
		}
		for _, s := range spaces {
			if rng.IntN(2) == 0 {
				weights[s] = weight()
				weightText = append(weightText, fmt.Sprintf(`{"space": %q, "weight": {"value": %g}}`, names[s], weights[s]))
			}
		}
		result := run(t, e, fmt.Sprintf(`{"version": 1, "type": "query", "index": %q, "schema": "Item", "select": {"type": "all"}, "clauses": [%s], "space_weights": [%s]}`,
			index, strings.Join(clauseText, ","), strings.Join(weightText, ",")), params)
		query := plain.query(spaces, clauses, weights)
		require.Len(t, result.Rows, len(plain.rows))
		for i, found := range result.Rows {
			expected, ok := plain.rows[found.ID]
			require.True(t, ok)
			score := 0.0
			for j, x := range plain.indexed(expected, spaces) {
				score += x * query[j]
			}
			require.InDelta(t, score, found.Score, 2e-6, "round %d, %s, clauses %v, weights %v", round, found.ID, clauses, weights)
			for j, field := range result.Fields {
				_, stored := expected.stored[field.Name]
				require.Equal(t, stored, found.Values[j].Present, "%s of %s", field.Name, found.ID)
			}
			if i > 0 {
				before := result.Rows[i-1]
				require.True(t, before.Score > found.Score || before.Score == found.Score && before.ID < found.ID, "round %d: order", round)
			}
		}
	}
}
