package engine_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// packed writes numbers as queries take them packed.
func packed(numbers ...float64) map[string]any {
	var data []byte
	for _, x := range numbers {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
	}
	return map[string]any{"float64": base64.StdEncoding.EncodeToString(data)}
}

func TestAVectorMayBePacked(t *testing.T) {
	e, err := engine.Open(context.Background(), []byte(`{"version": 1,
	 "schemas": [{"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "taste", "type": "float_list"}]}],
	 "spaces": [{"type": "custom_space", "name": "space", "fields": [{"schema": "Item", "vector": "taste"}], "length": 3}],
	 "indices": [{"type": "index", "name": "index", "spaces": ["space"]}]}`))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	given := make([]bool, 2)
	rows := &schema.Batch{Rows: 2, Columns: []schema.Column{
		{Name: "id", Null: given, Texts: []string{"a", "b"}}, {Name: "taste", Null: given, FloatLists: [][]float64{{1, 0.25, -3}, {-1, 2, 1}}},
	}}
	_, err = e.Put(context.Background(), stream(rows), engine.PutOptions{Schema: "Item"}, nil)
	require.NoError(t, err)
	query := func(operand string) *engine.Prepared {
		prepared, err := e.Prepare(fmt.Appendf(nil, `{"version": 1, "type": "query", "index": "index", "schema": "Item",
		  "clauses": [{"type": "similar", "space": "space", "field": "vector", "value": %s}]}`, operand))
		require.NoError(t, err)
		return prepared
	}
	run := func(prepared *engine.Prepared, value any) (*engine.Result, error) {
		return prepared.Run(context.Background(), engine.Params{Scalars: map[string]any{"v": value}})
	}

	open, choosy := query(`{"param": "v"}`), query(`{"param": "v", "options": [[1, 0.1, -3], [0, 0, 1]]}`)
	plain, err := run(open, []any{1.0, 0.1, -3.0})
	require.NoError(t, err)
	for _, prepared := range []*engine.Prepared{open, choosy} {
		same, err := run(prepared, packed(1, 0.1, -3))
		require.NoError(t, err)
		assert.Equal(t, plain.Rows, same.Rows)
		assert.Equal(t, plain.Info.SearchVector, same.Info.SearchVector)
		assert.Equal(t, packed(1, 0.1, -3), same.Info.SearchParams["v"], "it is told as it was given")
	}
	assert.Equal(t, []float64{1, 0.1, -3}, plain.Info.SearchParams["v"])
	_, err = run(choosy, packed(1, 2, 3))
	assert.ErrorContains(t, err, "is not allowed for parameter v")

	for name, wrong := range map[string]any{
		"another key": map[string]any{"float32": packed(1, 2, 3)["float64"]}, "a second key": map[string]any{"float64": packed(1, 2, 3)["float64"], "x": 1},
		"no text": map[string]any{"float64": 7}, "no base64": map[string]any{"float64": "*"}, "half a number": map[string]any{"float64": "AAAA"},
		"too short": packed(1, 2), "NaN": packed(1, math.NaN(), 3), "infinite": packed(1, math.Inf(-1), 3), "nothing": map[string]any{},
	} {
		_, err := run(open, wrong)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), name)
		assert.Equal(t, "params.v", errs.From(err).Path, name)
	}
}
