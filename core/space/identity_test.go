package space_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// twoSchemas have fields of every type that spaces read.
var twoSchemas = map[string]*schema.Schema{"A": everyField("A"), "B": everyField("B")}

func everyField(name string) *schema.Schema {
	return &schema.Schema{Name: name, Fields: []schema.Field{
		{Name: "id", Type: schema.ID}, {Name: "picture", Type: schema.Blob}, {Name: "text", Type: schema.String}, {Name: "other", Type: schema.String},
		{Name: "price", Type: schema.Float}, {Name: "made", Type: schema.Timestamp}, {Name: "taste", Type: schema.FloatList},
	}}
}

// TestIdentitiesForOneSchema: what a space reads of another schema does not matter, what it reads of this one does.
func TestIdentitiesForOneSchema(t *testing.T) {
	const model = `, "model": {"name": "n", "path": "/m"}`
	for kind, c := range map[string]struct{ field, other, settings, setting string }{
		"image_space":           {`"image": "picture"`, `"description": "text"`, model, `, "salt": "x"`},
		"text_similarity_space": {`"text": "text"`, `"text": "text", "chunk": {"size": 9}`, model, `, "salt": "x"`},
		"number_space":          {`"number": "price"`, ``, `, "min_value": 0, "max_value": 9, "mode": "similar"`, `, "negative_filter": -1`},
		"recency_space":         {`"timestamp": "made"`, ``, ``, `, "offset_seconds": 60`},
		"categorical_similarity_space": {`"category": "text"`, `"category": "other"`, `, "categories": ["a"]`,
			`, "uncategorized_as_category": false`},
		"custom_space": {`"vector": "taste"`, ``, `, "length": 2`, `, "salt": "x"`},
	} {
		t.Run(kind, func(t *testing.T) {
			identity := func(of, fieldOfA, fieldOfB, settings string) string {
				text := `{"type": "` + kind + `", "name": "s", "fields": [{"schema": "A", ` + fieldOfA + `}`
				if fieldOfB != "" {
					text += `, {"schema": "B", ` + fieldOfB + `}`
				}
				parsed, err := document.Parse([]byte(text+`]`+settings+`}`), 1<<16)
				require.NoError(t, err)
				read := space.Read(parsed.Root(), func(name string) (*schema.Schema, bool) { s, ok := twoSchemas[name]; return s, ok })
				require.NoError(t, parsed.Err())
				return read.IdentityFor(of)
			}
			alone := identity("A", c.field, "", c.settings)
			assert.Equal(t, alone, identity("A", c.field, c.field, c.settings), "another schema has a part in the space too")
			assert.NotEqual(t, alone, identity("B", c.field, c.field, c.settings))
			assert.NotEqual(t, alone, identity("A", c.field, "", c.settings+c.setting), "a setting")
			if c.other != "" {
				assert.NotEqual(t, alone, identity("A", c.other, "", c.settings), "another field")
				assert.Equal(t, alone, identity("A", c.field, c.other, c.settings))
			}
		})
	}
}
