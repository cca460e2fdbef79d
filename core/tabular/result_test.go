package tabular

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

func fullResult() *engine.Result {
	return &engine.Result{
		Fields: []schema.Field{{Name: "image", Type: schema.Blob}, {Name: "description", Type: schema.String}},
		Rows: []engine.ResultRow{
			{ID: "b", Score: 1, Values: []schema.Value{schema.BlobValue([]byte{0, 255}), schema.TextValue("ünï")},
				PartialScores: []float64{0.25, 0.75}, VectorParts: [][]float32{{1, 2}, {3}}, Contributions: []float64{1}},
			{ID: "a", Score: -0.5, Values: []schema.Value{{}, {}},
				PartialScores: []float64{0, -0.5}, VectorParts: [][]float32{{0, 0}, {0}}},
			{ID: "", Score: -0.5, Values: []schema.Value{{Present: true}, {Present: true}},
				PartialScores: []float64{0, 0}, VectorParts: [][]float32{{}, nil}},
		},
		HasPartialScores: true, HasVectorParts: true, HasContributions: true,
		Info: engine.ResultInfo{SchemaName: "Image", SearchVector: []float32{0.5, 1}, SearchParams: map[string]any{"text": "a"}, RowsSearched: 9},
	}
}

func TestOriginsOfChunks(t *testing.T) {
	mem := checked(t)
	reader, err := NewResult(&engine.Result{HasOrigins: true, Rows: []engine.ResultRow{{ID: "whole"}, {ID: "piece", Origin: "whole"}}}, mem)
	require.NoError(t, err)
	defer reader.Release()
	require.True(t, reader.Next())
	column := reader.Record().Column(3)
	role, _ := reader.Schema().Field(3).Metadata.GetValue("innerspace.role")
	assert.Equal(t, "origin", role)
	assert.True(t, column.IsNull(0))
	assert.Equal(t, "whole", column.(*array.String).Value(1))
}

func TestResultColumns(t *testing.T) {
	mem := checked(t)
	reader, err := NewResult(fullResult(), mem)
	require.NoError(t, err)
	defer reader.Release()
	type column struct{ name, dataType, role, fieldType string }
	var columns []column
	for _, field := range reader.Schema().Fields() {
		role, _ := field.Metadata.GetValue("innerspace.role")
		fieldType, _ := field.Metadata.GetValue("innerspace.type")
		columns = append(columns, column{field.Name, field.Type.String(), role, fieldType})
	}
	assert.Equal(t, []column{
		{"image", "large_binary", "field", "blob"},
		{"description", "utf8", "field", "string"},
		{"id", "utf8", "id", ""},
		{"similarity_score", "float64", "score", ""},
		{"rank", "int64", "rank", ""},
		{"partial_scores", "list<item: float64, nullable>", "partial_scores", ""},
		{"vector_parts", "list<item: list<item: float32, nullable>, nullable>", "vector_parts", ""},
		{"contributions", "list<item: float64, nullable>", "contributions", ""},
	}, columns)

	require.True(t, reader.Next())
	record := reader.Record()
	want := []string{
		`["\x00\xff" (null) ""]`, `["ünï" (null) ""]`, `["b" "a" ""]`, `[1 -0.5 -0.5]`, `[0 1 2]`,
		`[[0.25 0.75] [0 -0.5] [0 0]]`, `[[[1 2] [3]] [[0 0] [0]] [[] (null)]]`, `[[1] (null) (null)]`,
	}
	for i, text := range want {
		assert.Equal(t, text, record.Column(i).String(), columns[i].name)
	}
	assert.False(t, reader.Next())
	require.NoError(t, reader.Err())
}

func TestResultMetadata(t *testing.T) {
	mem := checked(t)
	reader, err := NewResult(fullResult(), mem)
	require.NoError(t, err)
	defer reader.Release()
	metadata := reader.Schema().Metadata()
	text, ok := metadata.GetValue("innerspace.result")
	require.True(t, ok)
	var info map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &info))
	assert.Equal(t, "Image", info["schema_name"])
	assert.Equal(t, []any{0.5, 1.0}, info["search_vector"])
	assert.Equal(t, map[string]any{"text": "a"}, info["search_params"])
	assert.Equal(t, 9.0, info["rows_searched"])
}

func TestEmptyResultHasTheFullSchema(t *testing.T) {
	mem := checked(t)
	full, err := NewResult(fullResult(), mem)
	require.NoError(t, err)
	defer full.Release()
	result := fullResult()
	result.Rows = nil
	empty, err := NewResult(result, mem)
	require.NoError(t, err)
	defer empty.Release()
	assert.True(t, empty.Schema().Equal(full.Schema()))
	assert.False(t, empty.Next())
	require.NoError(t, empty.Err())
}

func TestResultWithIDAndScoreOnly(t *testing.T) {
	mem := checked(t)
	reader, err := NewResult(&engine.Result{Rows: []engine.ResultRow{{ID: "a", Score: 0.5}}}, mem)
	require.NoError(t, err)
	defer reader.Release()
	require.True(t, reader.Next())
	var names []string
	for _, field := range reader.Schema().Fields() {
		names = append(names, field.Name)
	}
	assert.Equal(t, []string{"id", "similarity_score", "rank"}, names)
}

func TestFieldsThatHaveOurNames(t *testing.T) {
	mem := checked(t)
	result := &engine.Result{HasPartialScores: true}
	for _, name := range []string{"similarity_score", "rank", "superlinked_rank"} {
		result.Fields = append(result.Fields, schema.Field{Name: name, Type: schema.String})
	}
	reader, err := NewResult(result, mem)
	require.NoError(t, err)
	defer reader.Release()
	roles := map[string]string{}
	for _, field := range reader.Schema().Fields() {
		role, _ := field.Metadata.GetValue("innerspace.role")
		_, twice := roles[field.Name]
		assert.False(t, twice, field.Name)
		roles[field.Name] = role
	}
	assert.Equal(t, map[string]string{
		"similarity_score": "field", "rank": "field", "superlinked_rank": "field", "id": "id",
		"superlinked_similarity_score": "score", "superlinked_superlinked_rank": "rank", "partial_scores": "partial_scores",
	}, roles)
}

func TestResultsThatCannotBeWritten(t *testing.T) {
	for name, spoil := range map[string]func(*engine.Result){
		"NaN score":         func(r *engine.Result) { r.Rows[1].Score = math.NaN() },
		"infinite part":     func(r *engine.Result) { r.Rows[1].PartialScores[0] = math.Inf(1) },
		"NaN contribution":  func(r *engine.Result) { r.Rows[0].Contributions[0] = math.NaN() },
		"NaN in a vector":   func(r *engine.Result) { r.Rows[0].VectorParts[1][0] = float32(math.NaN()) },
		"NaN in the query":  func(r *engine.Result) { r.Info.SearchVector[0] = float32(math.NaN()) },
		"a value too few":   func(r *engine.Result) { r.Rows[2].Values = r.Rows[2].Values[:1] },
		"params not to say": func(r *engine.Result) { r.Info.SearchParams["f"] = func() {} },
	} {
		t.Run(name, func(t *testing.T) {
			result := fullResult()
			spoil(result)
			_, err := NewResult(result, checked(t))
			requireStatus(t, errs.Internal, err)
		})
	}
}

// scarce is an allocator that panics at an allocation, as mallocator does when memory is out.
type scarce struct {
	memory.Allocator
	left int
}

func (s *scarce) count() {
	if s.left--; s.left < 0 {
		panic("mallocator: out of memory")
	}
}

func (s *scarce) Allocate(size int) []byte { s.count(); return s.Allocator.Allocate(size) }
func (s *scarce) Reallocate(size int, b []byte) []byte {
	s.count()
	return s.Allocator.Reallocate(size, b)
}

func TestOutOfMemoryLeaksNothing(t *testing.T) {
	result := fullResult()
	for allocations := 0; ; allocations++ {
		require.Less(t, allocations, 1000)
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		reader, err := NewResult(result, &scarce{mem, allocations})
		if err == nil {
			assert.Greater(t, allocations, 10)
			reader.Release()
			mem.AssertSize(t, 0)
			return
		}
		requireStatus(t, errs.Internal, err)
		mem.AssertSize(t, 0)
	}
}

func TestRecordsStayUnderTheirCap(t *testing.T) {
	sizes := []int{1, maxRecordBytes - 1, 1, maxRecordBytes + 5, 3, maxRecordBytes / 2, maxRecordBytes / 2, maxRecordBytes}
	columns := []outColumn{{size: func(i int) int { return sizes[i] }}}
	var ends []int
	for from := 0; from < len(sizes); {
		from = recordEnd(columns, from, len(sizes))
		ends = append(ends, from)
	}
	assert.Equal(t, []int{2, 3, 4, 6, 7, 8}, ends)

	mem := checked(t)
	picture := make([]byte, 25<<20)
	result := &engine.Result{Fields: []schema.Field{{Name: "image", Type: schema.Blob}}}
	for i := range 5 {
		result.Rows = append(result.Rows, engine.ResultRow{ID: fmt.Sprint(i), Values: []schema.Value{schema.BlobValue(picture)}})
	}
	reader, err := NewResult(result, mem)
	require.NoError(t, err)
	defer reader.Release()
	var rows, ranks []int64
	for reader.Next() {
		rows = append(rows, reader.Record().NumRows())
		ranks = append(ranks, reader.Record().Column(3).(*array.Int64).Int64Values()...)
	}
	assert.Equal(t, []int64{2, 2, 1}, rows)
	assert.Equal(t, []int64{0, 1, 2, 3, 4}, ranks)
	assert.Less(t, mem.CurrentAlloc(), 140<<20, "little more than the pictures themselves")
}

// TestRoundTrip puts the rows of random results back in.
func TestRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	mem := checked(t)
	for range 50 {
		result := &engine.Result{Fields: []schema.Field{{Name: "image", Type: schema.Blob}, {Name: "description", Type: schema.String}}}
		for i := range random.IntN(40) {
			row := engine.ResultRow{ID: fmt.Sprint("id ", i), Score: random.NormFloat64(), Values: make([]schema.Value, 2)}
			if random.IntN(3) > 0 {
				row.Values[0] = schema.BlobValue(randomBytes(random, 50))
			}
			if random.IntN(3) > 0 {
				row.Values[1] = schema.TextValue(string([]rune(fmt.Sprintf("%q", randomBytes(random, 20)))))
			}
			result.Rows = append(result.Rows, row)
		}
		reader, err := NewResult(result, mem)
		require.NoError(t, err)
		batches, bad, err := readAll(t, reader, imageSchema)
		reader.Release()
		require.NoError(t, err)
		require.Empty(t, bad)
		if len(result.Rows) == 0 {
			require.Empty(t, batches)
			continue
		}
		require.Len(t, batches, 1)
		require.Equal(t, len(result.Rows), batches[0].Rows)
		require.Equal(t, []string{"similarity_score", "rank"}, batches[0].Ignored)
		images, descriptions, ids := batches[0].Columns[0], batches[0].Columns[1], batches[0].Columns[2]
		for i, row := range result.Rows {
			require.Equal(t, row.ID, ids.Texts[i])
			require.Equal(t, row.Values[0].Present, !images.Null[i])
			require.Equal(t, row.Values[1].Present, !descriptions.Null[i])
			require.Equal(t, row.Values[1].Text, descriptions.Texts[i])
			if row.Values[0].Present {
				require.Equal(t, blob.Value{Kind: blob.Encoded, Data: row.Values[0].Blob}, images.Blobs[i])
			}
		}
	}
}

func randomBytes(random *rand.Rand, most int) []byte {
	bytes := make([]byte, random.IntN(most))
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}
