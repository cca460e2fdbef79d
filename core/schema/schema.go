// Package schema holds field types, rows and their validation. It knows nothing
// of spaces, vectors or Arrow.
package schema

import "github.com/innerspace/innerspace/core/blob"

// Type is the type of a field; the strings stand in definitions.
type Type string

const (
	ID         Type = "id"
	String     Type = "string"
	Blob       Type = "blob"
	Integer    Type = "integer"
	Float      Type = "float"
	Boolean    Type = "boolean"
	Timestamp  Type = "timestamp" // whole seconds since 1970, UTC
	StringList Type = "string_list"
	FloatList  Type = "float_list"

	// CreatedAt is when an event happened, a Timestamp; exactly one field of an event schema is of this type.
	CreatedAt Type = "created_at"
	// Reference is the id of a row of another schema; only event schemas have it.
	Reference Type = "schema_reference"
)

// Types are the types of fields that every schema may have, in the order in which messages name them.
var Types = []Type{ID, String, Blob, Integer, Float, Boolean, Timestamp, StringList, FloatList}

// Form is the type whose values those of t look like: CreatedAt is a Timestamp and Reference an ID, others are themselves.
func (t Type) Form() Type {
	switch t {
	case CreatedAt:
		return Timestamp
	case Reference:
		return ID
	}
	return t
}

// Field is one field of a schema.
type Field struct {
	Name     string `json:"name"`
	Type     Type   `json:"type"`
	Optional bool   `json:"optional,omitempty"`
	// References is the name of the schema that a Reference points to.
	References string `json:"references,omitempty"`
}

// Schema names a kind of entity and its fields; exactly one field is an ID.
type Schema struct {
	Name   string  `json:"name"`
	Fields []Field `json:"fields"`
	// Event says that its rows are events: they change the vectors of others, and are not kept.
	Event bool `json:"event,omitempty"`
}

// Column is the values of one field for a batch of rows.
// Exactly one list of values is set, by the field's type; each is as long as there are rows.
type Column struct {
	Name       string
	Null       []bool       // len == rows; true where the row has no value
	Texts      []string     // ID, String
	Blobs      []blob.Value // Blob
	Integers   []int64      // Integer, Timestamp
	Floats     []float64    // Float
	Booleans   []bool       // Boolean
	TextLists  [][]string   // StringList
	FloatLists [][]float64  // FloatList
}

// Batch is a set of rows, column by column. Columns that a schema does not know
// are named in Ignored; fields that no column gives are absent in every row.
type Batch struct {
	Rows    int
	Columns []Column
	Ignored []string
}
