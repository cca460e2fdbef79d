package filter

import (
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Operator compares a field with an operand; the strings stand in queries.
type Operator string

// The operators. An absent value equals nothing, is neither greater nor less than anything, is in no list and contains nothing;
// so it passes NotEqual and NotIn. The reference's rules differ for lists, and are followed: an absent one passes ContainsAll,
// whatever the operand, and fails NotContains.
const (
	Equal        Operator = "eq"
	NotEqual     Operator = "ne"
	Greater      Operator = "gt"
	Less         Operator = "lt"
	GreaterEqual Operator = "ge"
	LessEqual    Operator = "le"
	In           Operator = "in"
	NotIn        Operator = "not_in"
	Contains     Operator = "contains"     // at least one of the operand's
	NotContains  Operator = "not_contains" // none of the operand's
	ContainsAll  Operator = "contains_all"
)

var (
	equality = []Operator{Equal, NotEqual}
	order    = []Operator{Greater, Less, GreaterEqual, LessEqual}
	member   = []Operator{In, NotIn}
	content  = []Operator{Contains, NotContains, ContainsAll}
)

// supported are the operators of each type of field. A Float has no equality: rounding would make it a trap.
var supported = map[schema.Type][]Operator{
	schema.ID:         slices.Concat(equality, member),
	schema.String:     slices.Concat(equality, member),
	schema.Boolean:    slices.Concat(equality, member),
	schema.Integer:    slices.Concat(equality, member, order),
	schema.Timestamp:  slices.Concat(equality, member, order),
	schema.Float:      order,
	schema.StringList: content,
}

// words are what the reference's messages call the operators.
var words = map[Operator]string{
	Equal: "be_equal_to", NotEqual: "not_be_equal_to", Greater: "be_greater_than", Less: "be_less_than",
	GreaterEqual: "be_greater_than_or_equal_to", LessEqual: "be_less_than_or_equal_to", In: "be_in", NotIn: "not_be_in",
	Contains: "contain", NotContains: "not_contain", ContainsAll: "contain_all_of",
}

// Check refuses an operator that is unknown or that fields of the type do not have.
func (o Operator) Check(field schema.Field) error {
	word, known := words[o]
	switch {
	case !known:
		names := []string{}
		for _, operator := range slices.Concat(equality, order, member, content) {
			names = append(names, string(operator))
		}
		return errs.New(errs.InvalidInput, "unknown operator %q; known are %s", string(o), strings.Join(names, ", "))
	case !slices.Contains(supported[field.Type], o):
		return errs.New(errs.InvalidInput, "Field %s doesn't support %s operation.", field.Name, word)
	}
	return nil
}

// TakesList says whether the operand is a list of values and not one.
func (o Operator) TakesList() bool { return slices.Contains(member, o) || slices.Contains(content, o) }
