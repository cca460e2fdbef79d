package schema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

func image() *schema.Schema {
	return &schema.Schema{Name: "Image", Fields: []schema.Field{
		{Name: "image", Type: schema.Blob}, {Name: "key", Type: schema.ID}, {Name: "description", Type: schema.String, Optional: true},
	}}
}

func TestValidate(t *testing.T) {
	require.NoError(t, image().Validate())
	for name, c := range map[string]struct {
		change  func(*schema.Schema)
		message string
	}{
		"no name":           {func(s *schema.Schema) { s.Name = "" }, "name: a name must not be empty"},
		"a dot":             {func(s *schema.Schema) { s.Name = "a.b" }, `name: the name "a.b" must not contain '.' or ':'`},
		"a colon":           {func(s *schema.Schema) { s.Fields[0].Name = "a:b" }, `fields[0].name: the name "a:b" must not contain '.' or ':'`},
		"a control mark":    {func(s *schema.Schema) { s.Fields[0].Name = "a\nb" }, `fields[0].name: the name "a\nb" contains a control character`},
		"a long name":       {func(s *schema.Schema) { s.Name = strings.Repeat("x", 600) }, "name: the name has 600 bytes; at most 512 are allowed"},
		"a name twice":      {func(s *schema.Schema) { s.Fields[2].Name = "image" }, `fields[2].name: the schema Image has two fields named "image"`},
		"an unknown type":   {func(s *schema.Schema) { s.Fields[2].Type = "text" }, `fields[2].type: unknown field type "text"; known are id, string, blob, integer, float, boolean, timestamp, string_list, float_list`},
		"no id":             {func(s *schema.Schema) { s.Fields[1].Type = schema.String }, "fields: A schema must have exactly 1 id, got 0 ([])."},
		"two ids":           {func(s *schema.Schema) { s.Fields[2].Type = schema.ID }, "fields: A schema must have exactly 1 id, got 2 (['key', 'description'])."},
		"an id that is not": {func(s *schema.Schema) { s.Fields[2].Name = "id" }, "fields[2]: A schema cannot have a non-IdField named 'id'."},
	} {
		t.Run(name, func(t *testing.T) {
			s := image()
			c.change(s)
			assert.EqualError(t, s.Validate(), c.message)
		})
	}
}

func TestPositions(t *testing.T) {
	s := image()
	assert.Equal(t, 1, s.IDPosition())
	assert.Equal(t, 2, s.Position("description"))
	assert.Equal(t, -1, s.Position("nope"))
	assert.Equal(t, []int{0, 2}, s.Selectable())
}

func TestBatchCheck(t *testing.T) {
	whole := func() *schema.Batch {
		return &schema.Batch{Rows: 2, Columns: []schema.Column{
			{Name: "key", Null: make([]bool, 2), Texts: make([]string, 2)},
			{Name: "image", Null: make([]bool, 2), Blobs: make([]blob.Value, 2)},
			{Name: "other"},
		}}
	}
	require.NoError(t, whole().Check(image()))
	for name, change := range map[string]func(*schema.Batch){
		"short nulls": func(b *schema.Batch) { b.Columns[0].Null = nil },
		"short texts": func(b *schema.Batch) { b.Columns[0].Texts = make([]string, 1) },
		"texts for a blob": func(b *schema.Batch) {
			b.Columns[1] = schema.Column{Name: "image", Null: make([]bool, 2), Texts: make([]string, 2)}
		},
		"a column twice":     func(b *schema.Batch) { b.Columns[2].Name = "key" },
		"fewer than no rows": func(b *schema.Batch) { b.Rows = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			b := whole()
			change(b)
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(b.Check(image())))
		})
	}
}
