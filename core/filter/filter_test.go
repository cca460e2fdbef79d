package filter_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/filter"
	"github.com/innerspace/innerspace/core/schema"
)

var (
	id    = schema.Field{Name: "id", Type: schema.ID}
	name  = schema.Field{Name: "name", Type: schema.String}
	count = schema.Field{Name: "count", Type: schema.Integer}
	price = schema.Field{Name: "price", Type: schema.Float}
	sold  = schema.Field{Name: "sold", Type: schema.Boolean}
	tags  = schema.Field{Name: "tags", Type: schema.StringList}
)

func TestOperators(t *testing.T) {
	texts := func(list ...string) schema.Value { return schema.TextListValue(list) }
	absent := schema.Value{}
	for _, c := range []struct {
		field    schema.Field
		operator filter.Operator
		operand  any
		passes   []schema.Value
		fails    []schema.Value
	}{
		{name, filter.Equal, "a", []schema.Value{schema.TextValue("a")}, []schema.Value{schema.TextValue("A"), schema.TextValue(""), absent}},
		{name, filter.Equal, "", []schema.Value{schema.TextValue("")}, []schema.Value{absent}},
		{name, filter.NotEqual, "a", []schema.Value{schema.TextValue("b"), absent}, []schema.Value{schema.TextValue("a")}},
		{name, filter.In, []string{"a", "b"}, []schema.Value{schema.TextValue("b")}, []schema.Value{schema.TextValue("c"), absent}},
		{name, filter.In, []string{}, nil, []schema.Value{schema.TextValue("c"), schema.TextValue(""), absent}},
		{name, filter.NotIn, []string{"a"}, []schema.Value{schema.TextValue("c"), absent}, []schema.Value{schema.TextValue("a")}},
		{count, filter.Equal, int64(0), []schema.Value{schema.IntegerValue(0)}, []schema.Value{schema.IntegerValue(1), absent}},
		{count, filter.Greater, int64(-1), []schema.Value{schema.IntegerValue(0)}, []schema.Value{schema.IntegerValue(-1), schema.IntegerValue(-2), absent}},
		{count, filter.GreaterEqual, int64(-1), []schema.Value{schema.IntegerValue(-1)}, []schema.Value{schema.IntegerValue(-2), absent}},
		{count, filter.Less, int64(1), []schema.Value{schema.IntegerValue(0)}, []schema.Value{schema.IntegerValue(1), absent}},
		{count, filter.LessEqual, int64(1), []schema.Value{schema.IntegerValue(1)}, []schema.Value{schema.IntegerValue(2), absent}},
		{count, filter.In, []int64{1 << 60}, []schema.Value{schema.IntegerValue(1 << 60)}, []schema.Value{schema.IntegerValue(1<<60 + 1), absent}},
		{price, filter.Less, 0.5, []schema.Value{schema.FloatValue(-7)}, []schema.Value{schema.FloatValue(0.5), absent}},
		{price, filter.GreaterEqual, 0.5, []schema.Value{schema.FloatValue(0.5)}, []schema.Value{schema.FloatValue(0.25), absent}},
		{sold, filter.Equal, false, []schema.Value{schema.BooleanValue(false)}, []schema.Value{schema.BooleanValue(true), absent}},
		{sold, filter.NotEqual, true, []schema.Value{schema.BooleanValue(false), absent}, []schema.Value{schema.BooleanValue(true)}},
		{sold, filter.In, []bool{true}, []schema.Value{schema.BooleanValue(true)}, []schema.Value{schema.BooleanValue(false), absent}},
		{tags, filter.Contains, []string{"a", "b"}, []schema.Value{texts("b", "c")}, []schema.Value{texts("c"), texts(), absent}},
		{tags, filter.NotContains, []string{"a", "b"}, []schema.Value{texts("c"), texts()}, []schema.Value{texts("b", "c"), absent}},
		{tags, filter.ContainsAll, []string{"a", "b", "a"}, []schema.Value{texts("b", "c", "a"), absent}, []schema.Value{texts("a", "a"), texts()}},
		{tags, filter.ContainsAll, []string{}, []schema.Value{texts("b"), texts(), absent}, nil},
	} {
		compiled, err := filter.Compile(3, c.field, c.operator, c.operand)
		require.NoError(t, err, "%s %s", c.field.Name, c.operator)
		assert.Equal(t, 3, compiled.Field)
		for _, value := range c.passes {
			assert.True(t, compiled.Test(&value), "%s %s %v on %+v", c.field.Name, c.operator, c.operand, value)
		}
		for _, value := range c.fails {
			assert.False(t, compiled.Test(&value), "%s %s %v on %+v", c.field.Name, c.operator, c.operand, value)
		}
	}
}

func TestWhatAFieldDoesNotHaveIsRefused(t *testing.T) {
	for _, c := range []struct {
		field    schema.Field
		operator filter.Operator
		message  string
	}{
		{price, filter.Equal, "Field price doesn't support be_equal_to operation."},
		{price, filter.NotIn, "Field price doesn't support not_be_in operation."},
		{name, filter.Greater, "Field name doesn't support be_greater_than operation."},
		{sold, filter.LessEqual, "Field sold doesn't support be_less_than_or_equal_to operation."},
		{tags, filter.NotEqual, "Field tags doesn't support not_be_equal_to operation."},
		{count, filter.ContainsAll, "Field count doesn't support contain_all_of operation."},
		{schema.Field{Name: "v", Type: schema.FloatList}, filter.Contains, "Field v doesn't support contain operation."},
		{schema.Field{Name: "image", Type: schema.Blob}, filter.In, "Field image doesn't support be_in operation."},
		{name, "==", `unknown operator "=="; known are eq, ne, gt, lt, ge, le, in, not_in, contains, not_contains, contains_all`},
	} {
		_, err := filter.Compile(0, c.field, c.operator, "x")
		require.Equal(t, errs.InvalidInput, errs.StatusOf(err))
		assert.EqualError(t, err, c.message)
	}
	for _, operand := range []any{nil, 1, 1.5, "x", []string{}, []int64{1}} {
		_, err := filter.Compile(0, count, filter.Equal, operand)
		assert.Equal(t, errs.Internal, errs.StatusOf(err), "%T", operand)
	}
}
