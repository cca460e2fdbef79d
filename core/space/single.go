package space

import (
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// single is what spaces over one field a schema have in common.
type single struct {
	name, salt string
	target     string            // what the definition and clauses call the field
	fields     map[string]string // by schema
}

// singleKeys are the keys of a definition that readSingle reads.
var singleKeys = []string{"type", "name", "fields", "salt"}

// fieldReader reads what an entry of "fields" has beside schema and field.
type fieldReader func(schema string, entry document.Object)

// readSingle reads name, salt and fields, each entry of which names a field of one of the types. Extra keys of an
// entry are read by more, which may be nil.
func readSingle(object document.Object, schemas Schemas, target string, types []schema.Type, extra []string, more fieldReader) single {
	s := single{target: target, fields: map[string]string{}}
	name := object.Need("name")
	s.name = name.Text()
	name.FailWith(schema.CheckName(s.name))
	if salt, ok := object.Get("salt"); ok && !salt.IsNull() {
		s.salt = salt.Text()
	}
	for _, item := range object.Need("fields").List(maxFields) {
		entry := item.Object(append([]string{"schema", target}, extra...)...)
		reference := entry.Need("schema")
		of, ok := schemas(reference.Text())
		if !ok {
			reference.Fail("there is no schema %q", reference.Text())
			return s
		}
		if _, twice := s.fields[of.Name]; twice {
			reference.Fail("Duplicates schemas in the same space are not allowed: ['%s']", of.Name)
			return s
		}
		s.fields[of.Name] = readField(entry.Need(target), of, types...)
		if more != nil {
			more(of.Name, entry)
		}
	}
	return s
}

// needField refuses a space over no field.
func (s *single) needField(object document.Object, class string) {
	if len(s.fields) == 0 {
		object.Need("fields").Fail("%s field input must not be empty.", class)
	}
}

func (s *single) Name() string { return s.name }

// identity joins what tells two spaces of a kind apart.
func (s *single) identity(kind string, settings ...any) string {
	fields := make([]string, 0, len(s.fields))
	for schema, field := range s.fields {
		fields = append(fields, fmt.Sprintf("%q %q", schema, field))
	}
	slices.Sort(fields)
	return fmt.Sprintf("%s %q %q %s", kind, settings, s.salt, strings.Join(fields, ", "))
}

// only keeps one entry of what is known by schema.
func only[Entry any](of map[string]Entry, schema string) map[string]Entry {
	entry, ok := of[schema]
	if !ok {
		return nil
	}
	return map[string]Entry{schema: entry}
}

// Uses names the field. A row without it is refused unless the schema calls it optional.
func (s *single) Uses(schema string) []Use {
	field, ok := s.fields[schema]
	if !ok {
		return nil
	}
	return []Use{{Field: field, Required: true}}
}

// Model says that the space needs none.
func (s *single) Model() (ModelReference, bool) { return ModelReference{}, false }

// oneTarget is Target for a space with one field set.
func (s *single) oneTarget(class, name string, kind ValueKind) (Target, error) {
	if name != s.target {
		return Target{}, errs.New(errs.InvalidInput, "the %s %s has no field set %q; known is %s", class, s.name, name, s.target)
	}
	return Target{Name: name, Kind: kind}, nil
}

// noTarget is Target for a space that no clause can name, in the reference's words.
func noTarget(class string) (Target, error) {
	return Target{}, errs.New(errs.InvalidInput, "Similar clause is not possible for %s as the space configuration implies it.", class)
}

// encodeEach makes the vector of each row that has a value by encode, which says whether it has; the others get missing.
func encodeEach(rows Rows, field string, missing vector.Vector, progress func(int), encode func(row int) (vector.Vector, bool, error)) *Encoding {
	result := &Encoding{Vectors: make([]vector.Vector, rows.Len())}
	encoded := 0
	for row := range result.Vectors {
		made, ok, err := encode(row)
		if err != nil {
			result.Failures = append(result.Failures, Failure{Row: row, Field: field, Err: err})
		}
		if ok {
			encoded++
		}
		if err != nil || !ok {
			made = missing
		}
		result.Vectors[row] = made
	}
	if progress != nil {
		progress(encoded)
	}
	return result
}
