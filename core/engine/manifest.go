package engine

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/innerspace/innerspace/core"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// manifest is what a store remembers of the definition that its rows and vectors were made with, and of where it keeps what. It is
// written as JSON. Options are not part of it, save for the policy of pixels, which vectors depend on.
type manifest struct {
	Format  int    `json:"format"`
	Library string `json:"innerspace"` // version that wrote it
	Pixels  string `json:"pixels"`
	// Definition is the document that the engine was opened with: version, schemas, spaces, indices. In place of where a model
	// lies its spaces say what it is.
	Definition map[string]any `json:"definition"`
	Tables     []tableLayout  `json:"tables"`
	// Vectors counts the vectors layouts there ever were: their names are never used again.
	Vectors int `json:"vectors"`
	// Pending, where set, is what the store is being made into. Until it is done the rest of the manifest holds.
	Pending *manifest `json:"pending,omitempty"`
	// Lost are the ids of rows, by schema, of which a repair took damaged vectors: they are to be embedded anew.
	Lost map[string][]string `json:"lost,omitempty"`
}

// tableLayout says how the rows of a schema lie in the store.
type tableLayout struct {
	Schema string `json:"schema"`
	// Fields are in the order of the values. New ones come at the end, whatever their place in the schema.
	Fields  []string        `json:"fields"`
	Vectors []vectorsLayout `json:"vectors"`
}

// vectorsLayout names the vectors of the rows of a schema in an index. Their name in the store stays where that of the index
// changes, which is no more than its position in a list to who works in Python.
type vectorsLayout struct {
	Name  string `json:"name"`
	Index string `json:"index"`
	// Parts are the lengths of the parts of a vector, one for each space of the index.
	Parts []int `json:"parts"`
}

func (v vectorsLayout) dimension() (sum int) {
	for _, part := range v.Parts {
		sum += part
	}
	return sum
}

// part takes the part of a space out of a vector.
func (v vectorsLayout) part(values []float32, position int) []float32 {
	from := vectorsLayout{Parts: v.Parts[:position]}.dimension()
	return values[from : from+v.Parts[position]]
}

const (
	manifestFormat   = 1
	maxManifestBytes = 4 * maxDefinitionBytes
	// storedPath stands where a model lay: what it is says its fingerprint, which stands in place of its name.
	storedPath = "stored"
)

// newManifest describes a definition whose models are loaded. It has no tables yet.
func newManifest(text []byte, d *definition, models map[ModelReference]embed.Model) (*manifest, error) {
	parsed, err := document.Parse(text, maxDefinitionBytes)
	if err != nil {
		return nil, err
	}
	whole, ok := parsed.Root().Value().(map[string]any)
	if !ok {
		return nil, errs.New(errs.Internal, "the definition that was read is no object")
	}
	delete(whole, "options")
	spaces, _ := whole["spaces"].([]any)
	for i, s := range d.spaces {
		if reference, ok := s.Model(); ok {
			info := models[reference].Info()
			spaces[i].(map[string]any)["model"] = map[string]any{
				"name": reference.Name, "fingerprint": info.Fingerprint, "dimension": info.Dimension,
			}
		}
	}
	return &manifest{Format: manifestFormat, Library: core.Version, Pixels: pixelsName(d.options.Pixels), Definition: whole}, nil
}

// readManifest reads what a store keeps. What this version does not know is refused: it was written by a later one.
func readManifest(text []byte) (*manifest, error) {
	var probe struct {
		Format  int    `json:"format"`
		Library string `json:"innerspace"`
	}
	if len(text) > maxManifestBytes {
		return nil, errs.New(errs.LimitExceeded, "the definition in the store has %d bytes; at most %d are read", len(text), maxManifestBytes)
	}
	if err := json.Unmarshal(text, &probe); err != nil {
		return nil, errs.New(errs.InvalidInput, "the definition in the store cannot be read (%v): it is damaged, or is no store of innerspace", err)
	}
	if probe.Format != manifestFormat {
		return nil, errs.New(errs.Unsupported, "the definition in the store has the format %d, written by innerspace %s; this is version %s, which reads format %d",
			probe.Format, probe.Library, core.Version, manifestFormat)
	}
	m := new(manifest)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(m); err != nil {
		return nil, errs.New(errs.InvalidInput, "the definition in the store cannot be read (%v): it is damaged", err)
	}
	return m, nil
}

func (m *manifest) write() ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "the definition cannot be written: %v", err)
	}
	return text, nil
}

// read gives the definition with fingerprints in place of models, so that two of them can be compared.
func (m *manifest) read() (*definition, error) {
	compared := map[string]any{}
	for key, value := range m.Definition {
		compared[key] = value
	}
	spaces, _ := m.Definition["spaces"].([]any)
	spaces = slices.Clone(spaces)
	for i, node := range spaces {
		members, _ := node.(map[string]any)
		model, ok := members["model"].(map[string]any)
		if !ok {
			continue
		}
		replaced := map[string]any{}
		for key, value := range members {
			replaced[key] = value
		}
		replaced["model"] = map[string]any{"name": model["fingerprint"], "path": storedPath}
		spaces[i] = replaced
	}
	if spaces != nil {
		compared["spaces"] = spaces
	}
	text, err := json.Marshal(compared)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "the definition cannot be written: %v", err)
	}
	d, err := readDefinition(text)
	if err != nil {
		return nil, errs.Wrap(err, errs.Unsupported, "the definition in the store, written by innerspace %s, is not understood by this version (%s): %v",
			m.Library, core.Version, err)
	}
	return d, nil
}

// space gives the node of a space by its position.
func (m *manifest) space(position int) map[string]any {
	return nodeAt(m.Definition, "spaces", position)
}

// index gives the node of an index by its position.
func (m *manifest) index(position int) map[string]any {
	return nodeAt(m.Definition, "indices", position)
}

func nodeAt(definition map[string]any, list string, position int) map[string]any {
	nodes, _ := definition[list].([]any)
	if position < 0 || position >= len(nodes) {
		return nil
	}
	node, _ := nodes[position].(map[string]any)
	return node
}

// table gives the layout of a schema, nil where the store has none.
func (m *manifest) table(schema string) *tableLayout {
	for i := range m.Tables {
		if m.Tables[i].Schema == schema {
			return &m.Tables[i]
		}
	}
	return nil
}
