package engine_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/store/approximate"
)

// TestApproximateIndexOfAStore: an index of a store that was made exact is searched approximately, in this process and others, through
// compactions and reopening, and finds as much as was asked for.
func TestApproximateIndexOfAStore(t *testing.T) {
	const rows = approximate.MinimumRows + 500
	rng := rand.New(rand.NewPCG(3, 4))
	l := newLibrary(t)
	exact := strings.Replace(tasted, `, "approximate": {"width": 12}`, "", 1)
	definition := strings.Replace(tasted, `"width": 12`, `"recall": 0.9, "neighbours": 8, "build_width": 40`, 1)
	put := func(e *engine.Engine, from, to int) {
		_, err := e.Put(context.Background(), stream(dishes(rng, from, to)), engine.PutOptions{Schema: "Dish"}, nil)
		require.NoError(t, err)
	}
	recall := func(e *engine.Engine) engine.RecallReport {
		report, err := e.Recall(context.Background(), engine.RecallRequest{Schema: "Dish", Index: "graph", Queries: 40})
		require.NoError(t, err)
		return report
	}
	itself := func(e *engine.Engine, id string) {
		t.Helper()
		params := engine.Params{Scalars: map[string]any{"a": 1.0, "b": 1.0, "id": id}}
		found, best := run(t, e, tasteQuery("graph", ""), params), run(t, e, tasteQuery("exact", ""), params)
		require.Equal(t, id, found.Rows[0].ID)
		require.Equal(t, best.Rows[0].Score, found.Rows[0].Score)
	}
	e := l.open(t, exact)
	put(e, 0, rows)
	require.NoError(t, e.Close())

	e = l.open(t, definition)
	report := recall(e)
	assert.Equal(t, []int{rows, rows}, []int{report.Rows, report.GraphRows})
	assert.GreaterOrEqual(t, report.Recall, 0.87)
	for _, space := range report.Spaces {
		assert.GreaterOrEqual(t, space.Recall, 0.87, space.Space)
	}
	l.options["read_only"] = true
	reader := l.open(t, definition)
	delete(l.options, "read_only")
	put(e, rows, rows+50)
	for _, one := range []*engine.Engine{e, reader} {
		itself(one, "dish000005")
		itself(one, "dish020540")
	}
	assert.Greater(t, recall(reader).GraphRows, rows*3/4, "what the writer kept while it linked")
	_, _, err := e.Delete(context.Background(), "Dish", []string{"dish000005", "dish000006"})
	require.NoError(t, err)
	_, err = e.Compact(context.Background())
	require.NoError(t, err)
	require.NoError(t, e.Close())
	assert.Equal(t, rows+48, recall(reader).GraphRows)
	itself(reader, "dish020540")

	verified, err := engine.VerifyStore(context.Background(), l.path)
	require.NoError(t, err)
	assert.True(t, verified.Good)
	e = l.open(t, definition)
	assert.Equal(t, rows+48, recall(e).GraphRows)
	itself(e, "dish020540")
	require.NoError(t, e.Close())
	e = l.open(t, exact)
	itself(e, "dish020540")
}
