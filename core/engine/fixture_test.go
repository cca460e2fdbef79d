package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/schema"
)

// definition has one schema, one space over image and description, and one index; options are without a cache, so that
// nothing passes by having been seen before.
const definition = `{"version": 1,
 "schemas": [{"type": "schema", "name": "Image", "fields": [{"name": "id", "type": "id"}, {"name": "image", "type": "blob"},
   {"name": "description", "type": "string"}]}],
 "spaces": [{"type": "image_space", "name": "space", "fields": [{"schema": "Image", "image": "image", "description": "description"}],
   "model": {"name": "fake", "path": "/fake"}}],
 "indices": [{"type": "index", "name": "index", "spaces": ["space"]}],
 "options": {"embedding_cache_bytes": 0}}`

// byImageAndText is the notebook's query.
const byImageAndText = `{"version": 1, "type": "query", "index": "index", "schema": "Image",
 "space_weights": [{"space": "space", "weight": {"value": 1.0}}],
 "clauses": [
  {"type": "similar", "space": "space", "field": "image", "value": {"param": "image"}, "weight": {"param": "image_weight"}},
  {"type": "similar", "space": "space", "field": "description", "value": {"param": "text"}, "weight": {"param": "text_weight"}}],
 "select": {"type": "all"}}`

// models gives out one fake for each reference and remembers them.
type models map[string]*embedtest.Model

func (m models) load(_ context.Context, reference engine.ModelReference, _ engine.Options) (embed.Model, error) {
	return m[reference.Name], nil
}

// open opens an engine with a fake model named "fake" of dimension 32.
func open(t testing.TB, definition string) (*engine.Engine, *embedtest.Model) {
	fake := embedtest.New(32)
	e, err := engine.Open(context.Background(), []byte(definition), engine.WithModelLoader(models{"fake": fake}.load))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e, fake
}

// row is a row of a put by field; an absent field is null. A blob.Value or []byte is an image.
type row map[string]any

// batches is a stream of rows.
type batches struct {
	list    []*schema.Batch
	refused map[int][]engine.RowError
	next    int
	before  func(batch int) error // called before each batch, and the end
}

func (b *batches) Next(context.Context) (*schema.Batch, []engine.RowError, error) {
	if b.before != nil {
		if err := b.before(b.next); err != nil {
			return nil, nil, err
		}
	}
	if b.next == len(b.list) {
		return nil, nil, io.EOF
	}
	b.next++
	return b.list[b.next-1], b.refused[b.next-1], nil
}

// batch makes one batch of rows, with the columns that any of them has.
func batch(rows ...row) *schema.Batch {
	result := &schema.Batch{Rows: len(rows)}
	columns := map[string]int{}
	for i, r := range rows {
		for name, value := range r {
			at, ok := columns[name]
			if !ok {
				at = len(result.Columns)
				columns[name] = at
				column := schema.Column{Name: name, Null: make([]bool, len(rows))}
				for j := range column.Null {
					column.Null[j] = true
				}
				if _, isText := value.(string); isText {
					column.Texts = make([]string, len(rows))
				} else {
					column.Blobs = make([]blob.Value, len(rows))
				}
				result.Columns = append(result.Columns, column)
			}
			column := &result.Columns[at]
			column.Null[i] = false
			switch v := value.(type) {
			case string:
				column.Texts[i] = v
			case []byte:
				column.Blobs[i] = blob.Value{Kind: blob.Encoded, Data: v}
			case blob.Value:
				column.Blobs[i] = v
			}
		}
	}
	return result
}

func stream(list ...*schema.Batch) *batches { return &batches{list: list} }

func put(t testing.TB, e *engine.Engine, options engine.PutOptions, rows ...row) *engine.Report {
	if options.Schema == "" {
		options.Schema = "Image"
	}
	report, err := e.Put(context.Background(), stream(batch(rows...)), options, nil)
	require.NoError(t, err)
	return report
}

func run(t testing.TB, e *engine.Engine, query string, params engine.Params) *engine.Result {
	prepared, err := e.Prepare([]byte(query))
	require.NoError(t, err)
	result, err := prepared.Run(context.Background(), params)
	require.NoError(t, err)
	return result
}

// scalars are parameters without an image.
func scalars(pairs ...any) engine.Params {
	params := engine.Params{Scalars: map[string]any{}}
	for i := 0; i < len(pairs); i += 2 {
		params.Scalars[pairs[i].(string)] = pairs[i+1]
	}
	return params
}

func imageParam(name string, encoded []byte, pairs ...any) engine.Params {
	params := scalars(pairs...)
	params.Images = map[string]blob.Value{name: {Kind: blob.Encoded, Data: encoded}}
	return params
}

// picture draws a picture with four coloured quarters, and encodes it as a PNG.
func picture(quarters ...color.RGBA) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			img.SetRGBA(x, y, quarters[(y/16*2+x/16)%len(quarters)])
		}
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, img); err != nil {
		panic(err) // of a buffer in memory: it cannot fail
	}
	return buffer.Bytes()
}

var (
	red    = color.RGBA{220, 20, 20, 255}
	green  = color.RGBA{20, 200, 40, 255}
	blue   = color.RGBA{10, 30, 230, 255}
	yellow = color.RGBA{240, 230, 10, 255}
)

func ids(result *engine.Result) []string {
	list := []string{}
	for _, row := range result.Rows {
		list = append(list, row.ID)
	}
	return list
}

func scores(result *engine.Result) map[string]float64 {
	byID := map[string]float64{}
	for _, row := range result.Rows {
		byID[row.ID] = row.Score
	}
	return byID
}

// fields renders the selected values of a result by id: the texts, and for images their size.
func fields(result *engine.Result) map[string]string {
	byID := map[string]string{}
	for _, row := range result.Rows {
		text := ""
		for i, field := range result.Fields {
			switch value := row.Values[i]; {
			case !value.Present:
			case field.Type == schema.Blob:
				text += fmt.Sprintf("%s(%d bytes) ", field.Name, len(value.Blob))
			default:
				text += fmt.Sprintf("%s=%s ", field.Name, value.Text)
			}
		}
		byID[row.ID] = text
	}
	return byID
}
