// Package filter decides by the stored values of fields which rows a query may find, or an effect applies to. It
// knows nothing of spaces, of how a query is written, or of where rows are kept.
package filter

import "github.com/innerspace/innerspace/core/schema"

// Test says whether one value of a field passes; the value may be an absent one, and is only read.
type Test func(*schema.Value) bool

// Condition is a test of one field, in two forms that agree: of one value, and of a column of them.
type Condition struct {
	Field int // position in the schema
	Kind  schema.Type
	Test  Test
	// On is the test of a column; nil: values are tested one by one.
	On *ColumnTest
}

// Filter is an AND of ORs: of each group at least one condition must hold. Without groups it lets everything through.
// It is safe for concurrent use.
type Filter [][]Condition

// Matches says whether a row's values, by position of the field in the schema, pass.
func (f Filter) Matches(values []schema.Value) bool {
	for _, group := range f {
		if !anyOf(group, values) {
			return false
		}
	}
	return true
}

func anyOf(group []Condition, values []schema.Value) bool {
	for _, condition := range group {
		if condition.Test(&values[condition.Field]) {
			return true
		}
	}
	return false
}
