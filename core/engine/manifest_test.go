package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

// shopDefinition has schemas, a space of each of several kinds, two indices, and events in one of them.
const shopDefinition = `{"version": 1,
 "schemas": [
  {"type": "schema", "name": "Item", "fields": [{"name": "id", "type": "id"}, {"name": "photo", "type": "blob"}, {"name": "title", "type": "string", "optional": true},
    {"name": "price", "type": "float"}, {"name": "taste", "type": "float_list"}]},
  {"type": "schema", "name": "User", "fields": [{"name": "id", "type": "id"}, {"name": "taste", "type": "float_list"}]},
  {"type": "event_schema", "name": "Click", "fields": [{"name": "id", "type": "id"}, {"name": "at", "type": "created_at"}, {"name": "kind", "type": "string"},
    {"name": "user", "type": "schema_reference", "references": "User"}, {"name": "item", "type": "schema_reference", "references": "Item"}]}],
 "spaces": [
  {"type": "image_space", "name": "image_space_0", "fields": [{"schema": "Item", "image": "photo", "description": "title"}], "model": {"name": "clip", "path": "/models/clip"}},
  {"type": "number_space", "name": "number_space_0", "fields": [{"schema": "Item", "number": "price"}], "min_value": 0, "max_value": 100, "mode": "minimum"},
  {"type": "custom_space", "name": "custom_space_0", "fields": [{"schema": "Item", "vector": "taste"}, {"schema": "User", "vector": "taste"}], "length": 2}],
 "indices": [
  {"type": "index", "name": "index_0", "spaces": ["image_space_0", "number_space_0"], "fields": ["Item.price"]},
  {"type": "index", "name": "index_1", "spaces": ["custom_space_0"], "temperature": 0.5,
   "effects": [{"space": "custom_space_0", "affected": "Click.user", "affecting": "Click.item", "multiplier": 2,
                "filter": {"any": [{"field": "kind", "operator": "eq", "value": {"value": "buy"}}]}}]}],
 "options": {"threads": 1}}`

// describeText describes a definition with models of the given fingerprint.
func describeText(t *testing.T, text, print string) described {
	d, err := readDefinition([]byte(text))
	require.NoError(t, err, text)
	models := map[ModelReference]embed.Model{}
	for _, s := range d.spaces {
		if reference, ok := s.Model(); ok {
			models[reference] = embedtest.New(4, embedtest.WithFingerprint(print))
		}
	}
	m, err := newManifest([]byte(text), d, models)
	require.NoError(t, err)
	made, err := m.describe()
	require.NoError(t, err)
	return made
}

// stored is what a store that was made with a definition remembers.
func storedText(t *testing.T, text, print string) described {
	made := describeText(t, text, print)
	laid := planFor(described{&manifest{}, &definition{}}, made, make([][]int, len(made.indices)))
	written, err := laid.target.write()
	require.NoError(t, err)
	read, err := readManifest(written)
	require.NoError(t, err)
	again, err := read.describe()
	require.NoError(t, err)
	return again
}

// changed replaces pairs of texts in a definition, each of which must be there.
func changed(t *testing.T, text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

const (
	allNumbers = `{"type": "number_space", "name": "number_space_0", "fields": [{"schema": "Item", "number": "price"}], "min_value": 0, "max_value": 100, "mode": "minimum"}`
	allImages  = `{"type": "image_space", "name": "image_space_0", "fields": [{"schema": "Item", "image": "photo", "description": "title"}], "model": {"name": "clip", "path": "/models/clip"}}`
)

func TestRefusedDefinitionsOfAStore(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		print  string
		want   []string
	}{
		"a schema less": {[]string{`{"type": "schema", "name": "User", "fields": [{"name": "id", "type": "id"}, {"name": "taste", "type": "float_list"}]},`, ``,
			`, {"schema": "User", "vector": "taste"}`, ``, `"User"`, `"Item"`,
			`"effects": [{"space": "custom_space_0", "affected": "Click.user", "affecting": "Click.item", "multiplier": 2,
                "filter": {"any": [{"field": "kind", "operator": "eq", "value": {"value": "buy"}}]}}]`, `"effects": []`}, "f",
			[]string{"the store has a schema User, which the definition lacks", "the field Click.user is of type schema_reference of User in the store and schema_reference of Item in the definition"}},
		"a field less": {[]string{`, {"name": "title", "type": "string", "optional": true}`, ``, `, "description": "title"`, ``}, "f",
			[]string{"the store has a field Item.title (string), which the definition lacks"}},
		"another type": {[]string{`"price", "type": "float"`, `"price", "type": "integer"`}, "f",
			[]string{"the field Item.price is of type float in the store and integer in the definition"}},
		"events for entities": {[]string{`"type": "schema", "name": "User", "fields": [`, `"type": "event_schema", "name": "User", "fields": [{"name": "t", "type": "created_at"}, `,
			`, {"schema": "User", "vector": "taste"}`, ``, `"references": "User"`, `"references": "Item"`,
			`"effects": [{"space": "custom_space_0", "affected": "Click.user", "affecting": "Click.item", "multiplier": 2,
                "filter": {"any": [{"field": "kind", "operator": "eq", "value": {"value": "buy"}}]}}]`, `"effects": []`}, "f",
			[]string{"User is a schema of entities in the store and an event schema in the definition"}},
		"another model": {nil, "another-fingerprint",
			[]string{`the space image_space_0 over Item.photo and Item.title: model is "clip" (4 numbers, fingerprint f) in the store and "clip" (4 numbers, fingerprint another-fing…) in the definition`}},
		"another parameter": {[]string{`"max_value": 100`, `"max_value": 90`}, "f",
			[]string{"the space number_space_0 over Item.price: max_value is 100 in the store and 90 in the definition"}},
		"another mode, and a scale": {[]string{`"mode": "minimum"`, `"mode": "similar", "scale": "logarithmic"`}, "f",
			[]string{`mode is "minimum" in the store and "similar" in the definition, scale is not given in the store and "logarithmic" in the definition`}},
		"another length": {[]string{`"length": 2`, `"length": 3`}, "f", []string{"the space custom_space_0 over Item.taste: length is 2 in the store and 3 in the definition"}},
		"a description less": {[]string{`, "description": "title"`, ``}, "f",
			[]string{`fields is {"description":"title","image":"photo","schema":"Item"} in the store and {"image":"photo","schema":"Item"} in the definition`}},
		"other pixels": {[]string{`"threads": 1`, `"pixels": "reference"`}, "f",
			[]string{`pictures were embedded with pixels="faithful", and the definition has pixels="reference"`}},
		"another temperature": {[]string{`"temperature": 0.5`, `"temperature": 0.25`}, "f",
			[]string{"events changed the vectors of User in the index index_1: temperature is 0.5 in the store and 0.25 in the definition"}},
		"another multiplier": {[]string{`"multiplier": 2`, `"multiplier": 3`}, "f", []string{"effects is [", `"multiplier":3`}},
		"an index with events less": {[]string{`"name": "index_1", "spaces": ["custom_space_0"], "temperature": 0.5,
   "effects": [{"space": "custom_space_0", "affected": "Click.user", "affecting": "Click.item", "multiplier": 2,
                "filter": {"any": [{"field": "kind", "operator": "eq", "value": {"value": "buy"}}]}}]`, `"name": "index_2", "spaces": ["custom_space_0"]`}, "f",
			[]string{"events changed the vectors of User in the index index_1: the definition has no index with these effects"}},
		"two at once": {[]string{`"max_value": 100`, `"max_value": 90`, `"length": 2`, `"length": 3`}, "f", []string{"max_value is 100", "length is 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkSame("p", storedText(t, shopDefinition, "f"), describeText(t, changed(t, shopDefinition, c.change...), c.print))
			require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
			assert.ErrorContains(t, err, "put the rows into a new store")
		})
	}
}

func TestAllowedDefinitionsOfAStore(t *testing.T) {
	for name, c := range map[string]struct {
		change  []string
		builds  []string // schema, index and the spaces that are embedded
		changes []string
	}{
		"the same":                      {nil, nil, nil},
		"options":                       {[]string{`"threads": 1`, `"threads": 2, "max_pixels": 9`}, nil, nil},
		"another model path":            {[]string{`/models/clip`, `/elsewhere`}, nil, nil},
		"a default that is written out": {[]string{`"mode": "minimum"`, `"mode": "minimum", "scale": "linear", "negative_filter": 0.0, "salt": null`}, nil, nil},
		"optional":                      {[]string{`"price", "type": "float"`, `"price", "type": "float", "optional": true`, `"title", "type": "string", "optional": true`, `"title", "type": "string"`}, nil, nil},
		"fields to filter by":           {[]string{`"fields": ["Item.price"]`, `"fields": ["Item.title"], "fields_to_exclude": ["Item.taste"]`}, nil, nil},
		"fields in another order": {[]string{`{"name": "photo", "type": "blob"}, `, ``, `{"name": "taste", "type": "float_list"}]},
  {"type": "schema", "name": "User"`, `{"name": "taste", "type": "float_list"}, {"name": "photo", "type": "blob"}]},
  {"type": "schema", "name": "User"`}, nil, nil},
		"a field":           {[]string{`"price", "type": "float"}`, `"price", "type": "float"}, {"name": "made", "type": "timestamp"}`}, nil, []string{"the field Item.made was added: rows put before have no value"}},
		"a field of events": {[]string{`{"name": "kind", "type": "string"}`, `{"name": "kind", "type": "string"}, {"name": "device", "type": "string"}`}, nil, []string{"the field Click.device was added"}},
		"a schema in a space": {[]string{`{"type": "schema", "name": "User"`, `{"type": "schema", "name": "Shop", "fields": [{"name": "id", "type": "id"}, {"name": "taste", "type": "float_list"}]}, {"type": "schema", "name": "User"`,
			`{"schema": "User", "vector": "taste"}`, `{"schema": "User", "vector": "taste"}, {"schema": "Shop", "vector": "taste"}`}, nil, []string{"the schema Shop was added"}},
		"other names": {[]string{`"name": "number_space_0"`, `"name": "n"`, `"spaces": ["image_space_0", "number_space_0"]`, `"spaces": ["image_space_0", "n"]`, `"index_0"`, `"i"`}, nil, nil},
		"a space in a new index": {[]string{allNumbers, allNumbers + `, {"type": "custom_space", "name": "s", "fields": [{"schema": "Item", "vector": "taste"}], "length": 2, "salt": "s"}`,
			`"indices": [`, `"indices": [{"type": "index", "name": "new", "spaces": ["s", "number_space_0"]}, `}, []string{"Item new s"},
			[]string{"the index new was made for the rows of Item; embedded anew: s"}},
		"a space in an index": {[]string{`"spaces": ["image_space_0", "number_space_0"]`, `"spaces": ["custom_space_0", "image_space_0", "number_space_0"]`},
			[]string{"Item index_0", "User index_0"}, []string{"the index index_0 was made for the rows of Item, from stored vectors"}},
		"a space less":  {[]string{`"spaces": ["image_space_0", "number_space_0"]`, `"spaces": ["image_space_0"]`}, []string{"Item index_0"}, []string{"the index index_0 was removed from the rows of Item"}},
		"an index less": {[]string{`{"type": "index", "name": "index_0", "spaces": ["image_space_0", "number_space_0"], "fields": ["Item.price"]},`, ``}, nil, []string{"the index index_0 was removed from the rows of Item"}},
		"another model in a new index": {[]string{allImages, allImages + `, {"type": "image_space", "name": "other", "fields": [{"schema": "Item", "image": "photo"}], "model": {"name": "siglip", "path": "/models/siglip"}}`,
			`"indices": [`, `"indices": [{"type": "index", "name": "new", "spaces": ["other"]}, `}, []string{"Item new other"}, nil},
		"a space with events in more": {[]string{`"spaces": ["custom_space_0"], "temperature": 0.5`, `"spaces": ["number_space_0", "custom_space_0"], "temperature": 0.5`},
			[]string{"Item index_1", "User index_1"}, nil},
		"effects where there were none": {[]string{`"fields": ["Item.price"]}`, `"fields": ["Item.price"],
			"effects": [{"space": "number_space_0", "affected": "Click.item", "affecting": "Click.item"}]}`}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stored, given := storedText(t, shopDefinition, "f"), describeText(t, changed(t, shopDefinition, c.change...), "f")
			require.NoError(t, checkSame("p", stored, given))
			p := planFor(stored, given, make([][]int, len(given.indices)))
			var builds []string
			for _, b := range p.builds {
				text := b.schema + " " + given.indices[b.index].name
				for i, part := range b.parts {
					if s := given.spaceOf(b.index, i); part.vectors == nil && len(s.Uses(b.schema)) > 0 {
						text += " " + s.Name()
					}
				}
				builds = append(builds, text)
			}
			assert.Equal(t, c.builds, builds)
			for _, want := range c.changes {
				assert.Contains(t, strings.Join(slices.Concat(p.added, p.dropped), "\n"), want)
			}
			if c.changes == nil && c.builds == nil {
				assert.Empty(t, slices.Concat(p.added, p.dropped))
				assert.Empty(t, p.removed)
			}
			names := map[string]bool{}
			for _, table := range p.target.Tables {
				for _, vectors := range table.Vectors {
					assert.False(t, names[vectors.Name], "a name twice")
					names[vectors.Name] = true
				}
			}
		})
	}
}

// TestAFieldKeepsItsPlace: values lie in the order in which fields came to the store.
func TestAFieldKeepsItsPlace(t *testing.T) {
	stored := storedText(t, shopDefinition, "f")
	given := describeText(t, changed(t, shopDefinition, `{"name": "photo", "type": "blob"}, `, `{"name": "made", "type": "timestamp"}, {"name": "photo", "type": "blob"}, `), "f")
	p := planFor(stored, given, make([][]int, 2))
	assert.Equal(t, []string{"id", "photo", "title", "price", "taste", "made"}, p.target.table("Item").Fields)
}

// TestAnAttemptGoesOn: what is being made for a definition is found again, what was made for another is not.
func TestAnAttemptGoesOn(t *testing.T) {
	stored := storedText(t, shopDefinition, "f")
	wanted := changed(t, shopDefinition, `"spaces": ["image_space_0", "number_space_0"]`, `"spaces": ["number_space_0", "image_space_0"]`)
	first := planFor(stored, describeText(t, wanted, "f"), make([][]int, 2))
	require.Len(t, first.builds, 1)
	stored.Pending = first.target
	again := planFor(stored, describeText(t, wanted, "f"), make([][]int, 2))
	assert.Equal(t, first.builds[0].name, again.builds[0].name)
	other := planFor(stored, describeText(t, changed(t, wanted, `"spaces": ["number_space_0", "image_space_0"]`, `"spaces": ["number_space_0"]`), "f"), make([][]int, 2))
	require.Len(t, other.builds, 1)
	assert.NotEqual(t, first.builds[0].name, other.builds[0].name, "a name is never used twice")
}

func TestManifestsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		status errs.Status
	}{
		"nothing":        {"", errs.InvalidInput},
		"no JSON":        {"{", errs.InvalidInput},
		"a list":         {"[]", errs.InvalidInput},
		"a later format": {`{"format": 9, "innerspace": "99.0"}`, errs.Unsupported},
		"wrong tables":   {`{"format": 1, "tables": 7}`, errs.InvalidInput},
		"too long":       {strings.Repeat(" ", maxManifestBytes+1), errs.LimitExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readManifest([]byte(c.text))
			assert.Equal(t, c.status, errs.StatusOf(err))
		})
	}
	m, err := readManifest([]byte(`{"format": 1, "innerspace": "0.0.9", "definition": {"version": 1, "schemas": [], "later": 1}}`))
	require.NoError(t, err)
	_, err = m.describe()
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
	assert.ErrorContains(t, err, "written by innerspace 0.0.9, is not understood by this version")
}

func FuzzReadManifest(f *testing.F) {
	f.Add([]byte(`{"format": 1, "definition": ` + shopDefinition + `, "tables": [{"schema": "Item", "fields": ["id"], "vectors": [{"name": "v", "index": "index_0"}]}]}`))
	f.Add([]byte(`{"format": 1, "definition": {"version": 1, "schemas": [], "spaces": [{"model": {}}, 7], "indices": [[]]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readManifest(data)
		if err != nil {
			return
		}
		stored, err := m.describe()
		if err != nil {
			return
		}
		given, err := m.describe()
		require.NoError(t, err)
		require.NoError(t, checkSame("p", stored, given))
		planFor(stored, given, make([][]int, len(given.indices)))
	})
}
