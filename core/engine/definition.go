package engine

import (
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// Caps on a definition document.
const (
	maxDefinitionBytes = 4 << 20
	maxSchemas         = 256
	maxFields          = 1024
	maxSpaces          = 256
	maxIndices         = 256
)

// definition is a definition as read: everything in it is known to exist and to fit.
type definition struct {
	schemas []*schema.Schema
	spaces  []space.Definition
	indices []indexDefinition
	options Options
}

type indexDefinition struct {
	name   string
	spaces []int // positions in definition.spaces
	// fields are those of each schema that can be filtered by, and that a row must have where they are not optional;
	// excluded are those that cannot be selected.
	fields, excluded map[string]map[string]bool
	effects          effects
	approximate      *approximateDefinition // nil: searched exactly
}

// readDefinition reads a JSON definition (docs/architecture.md). Errors carry the path of the mistake.
func readDefinition(data []byte) (*definition, error) {
	parsed, err := document.Parse(data, maxDefinitionBytes)
	if err != nil {
		return nil, err
	}
	d := &definition{options: DefaultOptions()}
	object := parsed.Root().Object("version", "schemas", "spaces", "indices", "options")
	object.Need("version").Integer(1, 1)
	schemas := object.Need("schemas")
	for _, node := range schemas.List(maxSchemas) {
		d.readSchema(node)
	}
	d.checkReferences(schemas)
	if list, ok := object.Get("spaces"); ok {
		for _, node := range list.List(maxSpaces) {
			d.readSpace(node)
		}
	}
	if list, ok := object.Get("indices"); ok {
		for _, node := range list.List(maxIndices) {
			d.readIndex(node)
		}
	}
	if options, ok := object.Get("options"); ok {
		d.options = readOptions(options)
	}
	if err := parsed.Err(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *definition) schema(name string) (*schema.Schema, bool) {
	for _, s := range d.schemas {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}

func (d *definition) readSchema(node document.Node) {
	object := node.Object("type", "name", "fields")
	s := &schema.Schema{Name: object.Need("name").Text()}
	switch kind := object.Need("type"); kind.Text() {
	case "schema":
	case "event_schema":
		s.Event = true
	default:
		kind.Fail("unknown schema type %q; known are schema and event_schema", kind.Text())
	}
	for _, item := range object.Need("fields").List(maxFields) {
		entry := item.Object("name", "type", "optional", "references")
		field := schema.Field{Name: entry.Need("name").Text(), Type: schema.Type(entry.Need("type").Text())}
		if optional, ok := entry.Get("optional"); ok {
			field.Optional = optional.Bool()
		}
		if references, ok := entry.Get("references"); ok && !references.IsNull() {
			field.References = references.Text()
		}
		s.Fields = append(s.Fields, field)
	}
	node.FailWith(s.Validate())
	if _, twice := d.schema(s.Name); twice {
		object.Need("name").Fail("there are two schemas named %q", s.Name)
	}
	d.schemas = append(d.schemas, s)
}

func (d *definition) readSpace(node document.Node) {
	s := space.Read(node, d.schema)
	if s == nil {
		return
	}
	if d.spacePosition(s.Name()) >= 0 {
		node.Fail("there are two spaces named %q", s.Name())
	}
	d.spaces = append(d.spaces, s)
}

func (d *definition) spacePosition(name string) int {
	return slices.IndexFunc(d.spaces, func(s space.Definition) bool { return s.Name() == name })
}

func (d *definition) readIndex(node document.Node) {
	object := node.Object(append(effectKeys, "type", "name", "spaces", "fields", "fields_to_exclude", "approximate")...)
	if kind := object.Need("type"); kind.Text() != "index" {
		kind.Fail("unknown index type %q; known is index", kind.Text())
	}
	name := object.Need("name")
	index := indexDefinition{name: name.Text(), fields: map[string]map[string]bool{}, excluded: map[string]map[string]bool{}}
	name.FailWith(schema.CheckName(index.name))
	if slices.ContainsFunc(d.indices, func(other indexDefinition) bool { return other.name == index.name }) {
		name.Fail("there are two indices named %q", index.name)
	}
	list := object.Need("spaces")
	identities := map[string]bool{}
	for _, item := range list.List(maxSpaces) {
		position := d.spacePosition(item.Text())
		if position < 0 {
			item.Fail("there is no space %q", item.Text())
			return
		}
		if identity := d.spaces[position].Identity(); identities[identity] {
			item.Fail("Index cannot contain duplicate spaces.")
		} else {
			identities[identity] = true
		}
		index.spaces = append(index.spaces, position)
	}
	if len(index.spaces) == 0 {
		list.Fail("Index must be built on at least 1 space.")
	}
	for key, into := range map[string]map[string]map[string]bool{"fields": index.fields, "fields_to_exclude": index.excluded} {
		if fields, ok := object.Get(key); ok && !fields.IsNull() {
			for _, item := range fields.List(maxFields) {
				d.readIndexField(item, into)
			}
		}
	}
	if approximate, ok := object.Get("approximate"); ok && !approximate.IsNull() {
		index.approximate = readApproximate(approximate)
	}
	d.readEffects(object, &index)
	d.indices = append(d.indices, index)
}

func (d *definition) readIndexField(item document.Node, into map[string]map[string]bool) {
	schemaName, field, ok := strings.Cut(item.Text(), ".")
	if !ok {
		item.Fail(`a field is written "Schema.field", got %q`, item.Text())
		return
	}
	of, ok := d.schema(schemaName)
	if !ok {
		item.Fail("there is no schema %q", schemaName)
		return
	}
	if of.Position(field) < 0 {
		item.Fail("the schema %s has no field %q", schemaName, field)
		return
	}
	if into[schemaName] == nil {
		into[schemaName] = map[string]bool{}
	}
	into[schemaName][field] = true
}
