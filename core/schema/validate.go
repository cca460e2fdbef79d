package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// MaxNameLength caps the names of schemas, fields, spaces, indices and parameters, in bytes.
const MaxNameLength = 512

// CheckName refuses a name that nothing can be called: empty, too long, or with a character that
// stands between names ("." and ":") or is not printable.
func CheckName(name string) error {
	switch {
	case name == "":
		return errs.New(errs.InvalidInput, "a name must not be empty")
	case len(name) > MaxNameLength:
		return errs.New(errs.LimitExceeded, "the name has %d bytes; at most %d are allowed", len(name), MaxNameLength)
	case strings.ContainsAny(name, ".:"):
		return errs.New(errs.InvalidInput, "the name %q must not contain '.' or ':'", name)
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f {
			return errs.New(errs.InvalidInput, "the name %q contains a control character", name)
		}
	}
	return nil
}

// Validate checks names and types, that names differ and that there is exactly one id.
func (s *Schema) Validate() error {
	if err := CheckName(s.Name); err != nil {
		return errs.From(err).At("name")
	}
	seen := map[string]bool{}
	var ids []string
	for i, field := range s.Fields {
		at := fmt.Sprintf("fields[%d]", i)
		if err := CheckName(field.Name); err != nil {
			return errs.From(err).At(at + ".name")
		}
		if seen[field.Name] {
			return errs.New(errs.InvalidInput, "the schema %s has two fields named %q", s.Name, field.Name).At(at + ".name")
		}
		seen[field.Name] = true
		switch {
		case field.Type == ID:
			ids = append(ids, "'"+field.Name+"'")
		case field.Type.Form() == field.Type && !slices.Contains(Types, field.Type):
			return errs.New(errs.InvalidInput, "unknown field type %q; known are %s", field.Type, typeNames()).At(at + ".type")
		case field.Name == "id":
			return errs.New(errs.InvalidInput, "A schema cannot have a non-IdField named 'id'.").At(at)
		}
	}
	if len(ids) != 1 {
		return errs.New(errs.InvalidInput, "A schema must have exactly 1 id, got %d ([%s]).", len(ids), strings.Join(ids, ", ")).At("fields")
	}
	return s.validateEvent()
}

// validateEvent checks what event schemas have and others have not.
func (s *Schema) validateEvent() error {
	var created, optional []string
	for i, field := range s.Fields {
		switch {
		case field.Type == CreatedAt:
			created = append(created, "'"+field.Name+"'")
		case (field.Type == Reference) != (field.References != ""):
			return errs.New(errs.InvalidInput, "a field of type %s names the schema that it references, and no other field does", Reference).At(fmt.Sprintf("fields[%d]", i))
		}
		if field.Type.Form() != field.Type && !s.Event {
			return errs.New(errs.InvalidInput, "only an event schema has a field of type %s", field.Type).At(fmt.Sprintf("fields[%d].type", i))
		}
		if field.Optional {
			optional = append(optional, "'"+field.Name+"'")
		}
	}
	switch {
	case s.Event && optional != nil:
		return errs.New(errs.InvalidInput, "An event schema cannot have optional attributes, got [%s]", strings.Join(optional, ", ")).At("fields")
	case s.Event && len(created) != 1:
		return errs.New(errs.InvalidInput, "An event schema must have exactly 1 created_at, got %d ([%s]).", len(created), strings.Join(created, ", ")).At("fields")
	}
	return nil
}

func typeNames() string {
	names := make([]string, len(Types))
	for i, t := range Types {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// Position returns the place of a field in Fields, or -1.
func (s *Schema) Position(field string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == field {
			return i
		}
	}
	return -1
}

// IDPosition returns the place of the id field of a validated schema.
func (s *Schema) IDPosition() int {
	for i := range s.Fields {
		if s.Fields[i].Type == ID {
			return i
		}
	}
	return -1
}

// Selectable returns the positions of all fields but the id, in order.
func (s *Schema) Selectable() []int {
	positions := make([]int, 0, len(s.Fields))
	for i := range s.Fields {
		if s.Fields[i].Type != ID {
			positions = append(positions, i)
		}
	}
	return positions
}
