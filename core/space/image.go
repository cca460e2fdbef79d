package space

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Field sets of an image space.
const (
	imageTarget       = "image"
	descriptionTarget = "description"
)

// imageFields are the fields of one schema that an image space reads; either may be "".
type imageFields struct{ image, description string }

// imageDefinition is an image space before its model is loaded.
type imageDefinition struct {
	name, salt string
	fields     map[string]imageFields // by schema
	model      ModelReference
}

const maxFields = 256

func readImageSpace(node document.Node, schemas Schemas) Definition {
	object := node.Object("type", "name", "fields", "model", "salt")
	d := &imageDefinition{fields: map[string]imageFields{}}
	name := object.Need("name")
	d.name = name.Text()
	name.FailWith(schema.CheckName(d.name))
	list := object.Need("fields")
	items := list.List(maxFields)
	if len(items) == 0 {
		list.Fail("ImageSpace image field input must not be empty.")
	}
	for _, item := range items {
		entry := item.Object("schema", "image", "description")
		reference := entry.Need("schema")
		of, ok := schemas(reference.Text())
		if !ok {
			reference.Fail("there is no schema %q", reference.Text())
			return nil
		}
		if _, twice := d.fields[of.Name]; twice {
			reference.Fail("Duplicates schemas in the same space are not allowed: ['%s']", of.Name)
			return nil
		}
		d.fields[of.Name] = readImageFields(entry, of)
	}
	d.model = readModel(object.Need("model"))
	if salt, ok := object.Get("salt"); ok && !salt.IsNull() {
		d.salt = salt.Text()
	}
	return d
}

func readImageFields(entry document.Object, of *schema.Schema) imageFields {
	var fields imageFields
	if image, ok := entry.Get("image"); ok && !image.IsNull() {
		fields.image = readField(image, of, schema.Blob)
	}
	if description, ok := entry.Get("description"); ok && !description.IsNull() {
		fields.description = readField(description, of, schema.String)
	}
	if fields == (imageFields{}) {
		entry.Node().Fail("name an image field, a description field or both")
	}
	return fields
}

func (d *imageDefinition) Name() string { return d.name }

func (d *imageDefinition) Identity() string {
	var text strings.Builder
	fmt.Fprintf(&text, "image_space %s %q", d.model.identity(), d.salt)
	names := make([]string, 0, len(d.fields))
	for name, fields := range d.fields {
		names = append(names, fmt.Sprintf(" %q %q %q", name, fields.image, fields.description))
	}
	slices.Sort(names)
	return text.String() + strings.Join(names, "")
}

// IdentityFor leaves the fields of other schemas out.
func (d *imageDefinition) IdentityFor(schema string) string {
	restricted := *d
	restricted.fields = only(d.fields, schema)
	return restricted.Identity()
}

// Uses lists the fields. None is required: a row without image or description has what the other gives.
func (d *imageDefinition) Uses(schema string) []Use {
	fields, ok := d.fields[schema]
	if !ok {
		return nil
	}
	var uses []Use
	for _, name := range []string{fields.image, fields.description} {
		if name != "" {
			uses = append(uses, Use{Field: name})
		}
	}
	return uses
}

func (d *imageDefinition) Model() (ModelReference, bool) { return d.model, true }

func (d *imageDefinition) Build(embedder Embedder, info embed.Info) (Space, error) {
	if embedder == nil {
		return nil, errs.New(errs.Internal, "the image space %s was built without its model", d.name)
	}
	return &imageSpace{imageDefinition: d, embedding: embedding{embedder, info}}, nil
}

// imageSpace compares pictures and texts in the space of a two-tower model.
//
// At ingest the raw outputs for image and description are added and the sum brought to length 1, so the longer
// of the two weighs more, as in the reference. At query each input is brought to length 1, then they are added by weight.
type imageSpace struct {
	*imageDefinition
	embedding
}

func (s *imageSpace) Dimension() int { return s.info.Dimension }

func (s *imageSpace) Missing() vector.Vector { return vector.Plain(make([]float32, s.Dimension())) }

func (s *imageSpace) Target(name string) (Target, error) {
	switch name {
	case imageTarget:
		return Target{Name: name, Kind: ImageValue}, nil
	case descriptionTarget:
		return Target{Name: name, Kind: TextValue}, nil
	}
	return Target{}, errs.New(errs.InvalidInput, "the image space %s has no field set %q; known are %s and %s",
		s.name, name, imageTarget, descriptionTarget)
}

func (s *imageSpace) Protected([]float32) []bool { return nil }

func (s *imageSpace) Query(ctx context.Context, inputs []Input, _ int64) (*QueryVector, error) {
	outcomes, err := s.embedInputs(ctx, inputs)
	if err != nil {
		return nil, err
	}
	return s.sum(inputs, outcomes)
}
