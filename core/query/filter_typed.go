package query

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// pythonTypes are what the reference's messages call the types of operands.
var pythonTypes = map[schema.Type]string{
	schema.ID: "str", schema.String: "str", schema.StringList: "str", schema.Integer: "int", schema.Timestamp: "int",
	schema.Float: "float", schema.Boolean: "bool",
}

// typed brings a condition's value to the type of its field, or to a list of it where the operator takes one.
func (c condition) typed(kind schema.Type, value any) (any, error) {
	one := pythonTypes[kind]
	if c.operator.TakesList() {
		if typed, ok, err := typedList(kind, value); ok || err != nil {
			return typed, at(err, c.operand)
		}
		return nil, valueError(value, "'A list of "+one+"(s)'").At(c.operand.where())
	}
	if typed, ok, err := typedOne(kind, value); ok || err != nil {
		return typed, at(err, c.operand)
	}
	if c.operand.param == "" {
		return nil, errs.New(errs.InvalidInput, "Unsupported filter operand type: %s, expected %s or Param.", pythonType(value), one).At(c.operand.where())
	}
	if kind == schema.Float {
		one = "float|int"
	}
	return nil, valueError(value, "'A single "+one+"'").At(c.operand.where())
}

func at(err error, o *Operand) error {
	if err == nil {
		return nil
	}
	return errs.From(err).At(o.where())
}

// typedOne brings a value to the type that a field of the kind is compared with; false for one that is not of it. An
// error is for a value of the type that cannot be compared with.
func typedOne(kind schema.Type, value any) (typed any, ok bool, err error) {
	switch kind {
	case schema.ID, schema.String, schema.StringList:
		typed, ok = value.(string)
	case schema.Boolean:
		typed, ok = value.(bool)
	case schema.Integer, schema.Timestamp:
		return wholeNumber(value)
	case schema.Float:
		numbers, isNumber := asNumbers([]any{value})
		if !isNumber {
			return nil, false, nil
		}
		if failure := checkFinite(numbers); failure != nil {
			return nil, true, failure
		}
		return numbers[0], true, nil
	}
	return typed, ok, nil
}

// typedList brings a list, or one value as a list of one, to a list of the type; nothing is an empty list.
func typedList(kind schema.Type, value any) (typed any, ok bool, err error) {
	var list []any
	switch v := value.(type) {
	case nil:
	case []any:
		list = v
	case []string:
		for _, text := range v {
			list = append(list, text)
		}
	case []int64:
		for _, number := range v {
			list = append(list, number)
		}
	default:
		list = []any{v}
	}
	switch kind {
	case schema.Boolean:
		return listOf[bool](kind, list)
	case schema.Integer, schema.Timestamp:
		return listOf[int64](kind, list)
	}
	return listOf[string](kind, list)
}

func listOf[T any](kind schema.Type, list []any) (typed any, ok bool, err error) {
	made := make([]T, len(list))
	for i, item := range list {
		one, ok, err := typedOne(kind, item)
		if err != nil || !ok {
			return nil, false, err
		}
		made[i] = one.(T)
	}
	return made, true, nil
}

// wholeNumber reads an integer; true is 1 and false is 0, as in Python, and 2.0 is none.
func wholeNumber(value any) (typed any, ok bool, err error) {
	switch v := value.(type) {
	case bool:
		if v {
			return int64(1), true, nil
		}
		return int64(0), true, nil
	case int:
		return int64(v), true, nil
	case int32:
		return int64(v), true, nil
	case int64:
		return v, true, nil
	case json.Number:
		if pythonType(v) == "float" {
			return nil, false, nil
		}
		number, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return nil, true, errs.New(errs.InvalidInput, "the number %s is beyond the whole numbers of 64 bits", show(v))
		}
		return number, true, nil
	}
	return nil, false, nil
}

// pythonType is what Python calls the type of a value.
func pythonType(value any) string {
	switch v := value.(type) {
	case nil:
		return "NoneType"
	case string:
		return "str"
	case bool:
		return "bool"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "float"
		}
		return "int"
	case float64, float32:
		return "float"
	case int, int32, int64, uint32, uint64:
		return "int"
	case blob.Value:
		return "Image"
	case map[string]any:
		return "dict"
	}
	return "list"
}
