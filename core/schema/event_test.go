package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/schema"
)

func event() *schema.Schema {
	return &schema.Schema{Name: "Event", Event: true, Fields: []schema.Field{
		{Name: "id", Type: schema.ID}, {Name: "created_at", Type: schema.CreatedAt},
		{Name: "item", Type: schema.Reference, References: "Item"}, {Name: "kind", Type: schema.String},
	}}
}

func TestValidateEvents(t *testing.T) {
	require.NoError(t, event().Validate())
	for name, c := range map[string]struct {
		change  func(*schema.Schema)
		message string
	}{
		"an optional field":  {func(s *schema.Schema) { s.Fields[3].Optional = true }, "fields: An event schema cannot have optional attributes, got ['kind']"},
		"no time":            {func(s *schema.Schema) { s.Fields[1].Type = schema.Timestamp }, "fields: An event schema must have exactly 1 created_at, got 0 ([])."},
		"two times":          {func(s *schema.Schema) { s.Fields[3].Type = schema.CreatedAt }, "fields: An event schema must have exactly 1 created_at, got 2 (['created_at', 'kind'])."},
		"not an event":       {func(s *schema.Schema) { s.Event = false }, "fields[1].type: only an event schema has a field of type created_at"},
		"a reference to nil": {func(s *schema.Schema) { s.Fields[2].References = "" }, "fields[2]: a field of type schema_reference names the schema that it references, and no other field does"},
		"a string with one":  {func(s *schema.Schema) { s.Fields[3].References = "Item" }, "fields[3]: a field of type schema_reference names the schema that it references, and no other field does"},
	} {
		t.Run(name, func(t *testing.T) {
			s := event()
			c.change(s)
			assert.EqualError(t, s.Validate(), c.message)
		})
	}
}

func TestValuesOfEvents(t *testing.T) {
	column := schema.Column{Null: []bool{false, true}, Integers: []int64{7, 0}, Texts: []string{"a", ""}}
	assert.Equal(t, int64(7), column.Value(schema.CreatedAt, 0).Integer())
	assert.Equal(t, "a", column.Value(schema.Reference, 0).Text)
	assert.False(t, column.Value(schema.Reference, 1).Present)
}
