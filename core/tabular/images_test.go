package tabular

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

func TestReadImages(t *testing.T) {
	mem := checked(t)
	images, err := ReadImages(stream(t,
		named{"a", arrayOf(t, mem, imageCellType, `[{"kind": 1, "data": "L3g="}]`)},
		named{"b", arrayOf(t, mem, arrow.BinaryTypes.Binary, `["AAEC"]`)},
		named{"c", arrayOf(t, mem, arrow.BinaryTypes.StringView, `["http://example.org/x.png"]`)},
		named{"not given", arrayOf(t, mem, imageCellType, `[null]`)},
		named{"null", array.NewNull(1)}))
	require.NoError(t, err)
	assert.Equal(t, map[string]blob.Value{
		"a": {Kind: blob.Path, Data: []byte("/x")},
		"b": {Kind: blob.Encoded, Data: []byte{0, 1, 2}},
		"c": {Kind: blob.Text, Data: []byte("http://example.org/x.png")},
	}, images)

	images, err = ReadImages(stream(t))
	require.NoError(t, err)
	assert.Empty(t, images)
}

func TestReadImagesRefuses(t *testing.T) {
	mem := checked(t)
	one := arrayOf(t, mem, arrow.BinaryTypes.Binary, `["AAEC"]`)
	oneRecord := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "a", Type: one.DataType()}}, nil), []arrow.Array{one}, 1)
	defer oneRecord.Release()
	for name, test := range map[string]struct {
		reader array.RecordReader
		says   string
	}{
		"no rows":         {stream(t, named{"a", arrayOf(t, mem, one.DataType(), `[]`)}), "no rows"},
		"two rows":        {stream(t, named{"a", arrayOf(t, mem, one.DataType(), `["AAEC", "AAEC"]`)}), "2 rows"},
		"two records":     {streamOf(t, oneRecord, oneRecord), "2 rows"},
		"twice":           {stream(t, named{"a", one}, named{"a", one}), "twice"},
		"a number":        {stream(t, named{"a", arrayOf(t, mem, arrow.PrimitiveTypes.Int8, `[1]`)}), "int8"},
		"a bad cell":      {stream(t, named{"a", arrayOf(t, mem, imageCellType, `[{"kind": 7, "data": ""}]`)}), "a: the image cell has the kind 7"},
		"malformed":       {stream(t, named{"a", rawArray(arrow.BinaryTypes.LargeString, 1, nil, int64s(-1, 6), []byte("abcdef"))}), "a: the Arrow data is malformed"},
		"a reader's fail": {&fakeReader{record: oneRecord, err: errs.New(errs.InvalidInput, "no more")}, "no more"},
		"a panic":         {&fakeReader{record: oneRecord, panics: true}, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			images, err := ReadImages(test.reader)
			assert.Contains(t, requireStatus(t, errs.InvalidInput, err), test.says)
			assert.Nil(t, images)
		})
	}
}

func TestReadImagesOfRuns(t *testing.T) {
	mem := checked(t)
	encoded := arrow.BinaryTypes.Binary
	record := func(values string) arrow.Record {
		arr := arrayOf(t, mem, encoded, values)
		defer arr.Release()
		return array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "a", Type: encoded}}, nil), []arrow.Array{arr}, -1)
	}
	records := []arrow.Record{record(`["AAEC", null]`), record(`[]`), record(`["Aw=="]`)}
	reader := streamOf(t, records...)
	for _, each := range records {
		each.Release()
	}
	images, err := ReadImagesOfRuns(reader, 3)
	require.NoError(t, err)
	assert.Equal(t, []map[string]blob.Value{
		{"a": {Kind: blob.Encoded, Data: []byte{0, 1, 2}}}, {}, {"a": {Kind: blob.Encoded, Data: []byte{3}}},
	}, images)

	for says, values := range map[string]string{"have one row; give 2 rows": `["AAEC"]`, "have no rows; give 2 rows": `[]`, "3 rows or more": `["AAEC", null, null]`} {
		_, err = ReadImagesOfRuns(stream(t, named{"a", arrayOf(t, mem, encoded, values)}), 2)
		assert.Contains(t, requireStatus(t, errs.InvalidInput, err), says)
	}
	_, err = ReadImagesOfRuns(stream(t, named{"a", arrayOf(t, mem, imageCellType, `[null, {"kind": 7, "data": ""}]`)}), 2)
	assert.Contains(t, requireStatus(t, errs.InvalidInput, err), "params[1].a: the image cell has the kind 7")
}

func TestEmbedTexts(t *testing.T) {
	mem := checked(t)
	column := func(values string) arrow.Record {
		arr := arrayOf(t, mem, arrow.BinaryTypes.String, values)
		return array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "text", Type: arr.DataType()}}, nil), []arrow.Array{arr}, -1)
	}
	first, second := column(`["a", null]`), column(`["b"]`)
	rows, err := ReadEmbedInput(context.Background(), streamOf(t, first, second))
	first.Release()
	second.Release()
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, rows.Texts)
	assert.Empty(t, rows.Images)

	outcomes, err := rows.Outcomes([]embed.Outcome{{Vector: []float32{1}, Tokens: 3}, {Err: errs.New(errs.Timeout, "too slow")}})
	require.NoError(t, err)
	require.Len(t, outcomes, 3)
	assert.Equal(t, 3, outcomes[0].Tokens)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(outcomes[1].Err))
	assert.Equal(t, errs.Timeout, errs.StatusOf(outcomes[2].Err))

	_, err = rows.Outcomes(nil)
	requireStatus(t, errs.Internal, err)
}

func TestEmbedImages(t *testing.T) {
	mem := checked(t)
	rows, err := ReadEmbedInput(context.Background(), stream(t,
		named{"image", arrayOf(t, mem, imageCellType, `[{"kind": 8, "data": ""}, {"kind": 2, "data": "AAEC"}, null]`)}))
	require.NoError(t, err)
	assert.Empty(t, rows.Texts)
	assert.Equal(t, []blob.Value{{Kind: blob.Encoded, Data: []byte{0, 1, 2}}}, rows.Images)
	outcomes, err := rows.Outcomes([]embed.Outcome{{Vector: []float32{1, 2}}})
	require.NoError(t, err)
	require.Len(t, outcomes, 3)
	assert.Contains(t, outcomes[0].Err.Error(), "kind 8")
	assert.Equal(t, []float32{1, 2}, outcomes[1].Vector)
	assert.Contains(t, outcomes[2].Err.Error(), "no value")
}

func TestEmbedInputRefuses(t *testing.T) {
	mem := checked(t)
	texts := arrayOf(t, mem, arrow.BinaryTypes.String, `["a"]`)
	for name, test := range map[string]struct {
		reader array.RecordReader
		says   string
	}{
		"no column":    {stream(t), "[]"},
		"another name": {stream(t, named{"picture", texts}), `["picture"]`},
		"two columns":  {stream(t, named{"image", texts}, named{"text", texts}), `["image" "text"]`},
		"numbers":      {stream(t, named{"text", arrayOf(t, mem, arrow.PrimitiveTypes.Int8, `[1]`)}), "int8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadEmbedInput(context.Background(), test.reader)
			assert.Contains(t, requireStatus(t, errs.InvalidInput, err), test.says)
		})
	}
}

func TestNewOutcomes(t *testing.T) {
	mem := checked(t)
	reader, err := NewOutcomes([]embed.Outcome{
		{Vector: []float32{1, -0.5}, Tokens: 4}, {Vector: []float32{0, 2}}, {Err: errs.New(errs.NotFound, "there is no such file").At("image")},
	}, mem)
	require.NoError(t, err)
	defer reader.Release()
	require.True(t, reader.Next())
	record := reader.Record()
	assert.Equal(t, `[[1 -0.5] [0 2] (null)]`, record.Column(0).String())
	assert.Equal(t, `[4 (null) (null)]`, record.Column(1).String())
	assert.Equal(t, `[(null) (null) "image: there is no such file"]`, record.Column(2).String())
	assert.False(t, reader.Next())

	empty, err := NewOutcomes(nil, mem)
	require.NoError(t, err)
	defer empty.Release()
	assert.Equal(t, 3, empty.Schema().NumFields())
	assert.False(t, empty.Next())

	inf := float32(1e38)
	_, err = NewOutcomes([]embed.Outcome{{Vector: []float32{1, inf * 10}}}, memory.NewCheckedAllocator(mem))
	requireStatus(t, errs.Internal, err)
}
