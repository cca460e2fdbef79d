package tabular

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
)

func TestVectors(t *testing.T) {
	mem := checked(t)
	for _, vectors := range [][]engine.StoredVector{{{ID: "a", Vector: []float32{0.5, -1}}, {ID: "ü", Vector: []float32{0, 2}}}, nil} {
		reader, err := NewVectors(vectors, mem)
		require.NoError(t, err)
		assert.Equal(t, "id", reader.Schema().Field(0).Name)
		assert.Equal(t, "list<item: float32, nullable>", reader.Schema().Field(1).Type.String())
		assert.Equal(t, len(vectors) > 0, reader.Next())
		if len(vectors) > 0 {
			text, err := reader.Record().MarshalJSON()
			require.NoError(t, err)
			assert.JSONEq(t, `[{"id": "a", "vector": [0.5, -1]}, {"id": "ü", "vector": [0, 2]}]`, string(text))
		}
		reader.Release()
	}
}
