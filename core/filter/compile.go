package filter

import (
	"cmp"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Compile makes the condition of a field, at a position of the schema, by an operator. The operand has the field's type: string (ID, String),
// int64 (Integer, Timestamp), float64 (Float), bool (Boolean); it is a slice of these where the operator takes a list, of strings for a
// StringList. An operator that the field does not have is InvalidInput, another operand an Internal error.
func Compile(position int, field schema.Field, operator Operator, operand any) (Condition, error) {
	if err := operator.Check(field); err != nil {
		return Condition{}, err
	}
	test := onValue(field, operator, operand)
	if test == nil {
		return Condition{}, errs.New(errs.Internal, "a filter of the %s field %s by %s got an operand of type %T", field.Type, field.Name, operator, operand)
	}
	return Condition{Field: position, Kind: field.Type, Test: test, On: onColumn(field, operator, operand)}, nil
}

// onValue makes the test of one value; nil for an operand of a wrong type.
func onValue(field schema.Field, operator Operator, operand any) Test {
	switch field.Type {
	case schema.ID, schema.String:
		return comparison(operator, operand, text)
	case schema.Integer, schema.Timestamp:
		return comparison(operator, operand, (*schema.Value).Integer)
	case schema.Float:
		return comparison(operator, operand, (*schema.Value).Float)
	case schema.Boolean:
		// Go's truth values have no order, nor do their fields.
		return comparison(operator, number(operand), func(v *schema.Value) int { return ofTruth(v.Boolean()) })
	case schema.StringList:
		if texts, ok := operand.([]string); ok {
			return containment(operator, texts)
		}
	}
	return nil
}

func text(v *schema.Value) string { return v.Text }

func ofTruth(truth bool) int {
	if truth {
		return 1
	}
	return 0
}

// number gives truth values as 0 and 1, and other operands as they are.
func number(operand any) any {
	switch v := operand.(type) {
	case bool:
		return ofTruth(v)
	case []bool:
		numbers := make([]int, len(v))
		for i, truth := range v {
			numbers[i] = ofTruth(truth)
		}
		return numbers
	}
	return operand
}

// comparison makes the test of a field whose values are of type T; nil for an operand of another.
func comparison[T cmp.Ordered](operator Operator, operand any, value func(*schema.Value) T) Test {
	if operator.TakesList() {
		list, ok := operand.([]T)
		if !ok {
			return nil
		}
		members := set(list)
		in := func(v *schema.Value) bool { return v.Present && members[value(v)] }
		if operator == NotIn {
			return not(in)
		}
		return in
	}
	wanted, ok := operand.(T)
	if !ok {
		return nil
	}
	switch operator {
	case Equal:
		return func(v *schema.Value) bool { return v.Present && value(v) == wanted }
	case NotEqual:
		return func(v *schema.Value) bool { return !v.Present || value(v) != wanted }
	case Greater:
		return func(v *schema.Value) bool { return v.Present && value(v) > wanted }
	case Less:
		return func(v *schema.Value) bool { return v.Present && value(v) < wanted }
	case GreaterEqual:
		return func(v *schema.Value) bool { return v.Present && value(v) >= wanted }
	case LessEqual:
		return func(v *schema.Value) bool { return v.Present && value(v) <= wanted }
	}
	return nil
}

func containment(operator Operator, operand []string) Test {
	wanted := set(operand)
	switch operator {
	case Contains:
		return func(v *schema.Value) bool { return hasAny(v.Texts(), wanted) }
	case NotContains:
		return func(v *schema.Value) bool { return v.Present && !hasAny(v.Texts(), wanted) }
	case ContainsAll:
		return func(v *schema.Value) bool { return !v.Present || hasAll(v.Texts(), wanted) }
	}
	return nil
}

func hasAny(texts []string, wanted map[string]bool) bool {
	for _, text := range texts {
		if wanted[text] {
			return true
		}
	}
	return false
}

func hasAll(texts []string, wanted map[string]bool) bool {
	for text := range wanted {
		if !slices.Contains(texts, text) {
			return false
		}
	}
	return true
}

func not(test Test) Test { return func(v *schema.Value) bool { return !test(v) } }

func set[T comparable](list []T) map[T]bool {
	members := make(map[T]bool, len(list))
	for _, item := range list {
		members[item] = true
	}
	return members
}
