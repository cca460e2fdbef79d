package space

import (
	"maps"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/schema"
)

// Schemas finds a schema of the definition by name.
type Schemas func(name string) (*schema.Schema, bool)

// kinds maps the "type" of a definition node to the reader of that kind. A further kind of space is a file and a line here.
var kinds = map[string]func(document.Node, Schemas) Definition{
	"categorical_similarity_space": readCategoricalSpace,
	"custom_space":                 readCustomSpace,
	"image_space":                  readImageSpace,
	"number_space":                 readNumberSpace,
	"recency_space":                readRecencySpace,
	"text_similarity_space":        readTextSpace,
}

// Read reads a space's definition. Mistakes are recorded in the node's document, and the result is then nil.
func Read(node document.Node, schemas Schemas) Definition {
	typeNode, ok := node.Peek("type")
	if !ok {
		node.Fail(`must be an object with a "type"`)
		return nil
	}
	name := typeNode.Text()
	read, ok := kinds[name]
	if !ok {
		typeNode.Fail("unknown space type %q; known are %s", name, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		return nil
	}
	return read(node, schemas)
}

// readField reads the name of a field of a schema that must have one of the types.
func readField(node document.Node, of *schema.Schema, wanted ...schema.Type) string {
	name := node.Text()
	position := of.Position(name)
	switch {
	case position < 0:
		node.Fail("the schema %s has no field %q", of.Name, name)
	case !slices.Contains(wanted, of.Fields[position].Type):
		names := make([]string, len(wanted))
		for i, t := range wanted {
			names[i] = string(t)
		}
		node.Fail("the field %s.%s is of type %s; a %s is needed here", of.Name, name, of.Fields[position].Type, strings.Join(names, " or "))
	}
	return name
}
