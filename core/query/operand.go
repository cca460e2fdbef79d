package query

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Operand is a value in a query: a literal, or a parameter with an optional default and allowed values.
type Operand struct {
	param   string // "" for a literal
	value   any    // the literal, or the default; nil: none
	options []any
	path    string
}

// readOperand reads {"value": …} or {"param": …, "default": …, "options": […]}, and takes note of the parameter.
func (p *Plan) readOperand(node document.Node) *Operand {
	operand := &Operand{path: node.Path()}
	if _, isParam := node.Peek("param"); !isParam {
		operand.value = node.Object("value", "param", "default", "options").Need("value").Value()
		return operand
	}
	object := node.Object("param", "default", "options")
	name := object.Need("param")
	operand.param = name.Text()
	name.FailWith(schema.CheckName(operand.param))
	if value, ok := object.Get("default"); ok {
		operand.value = value.Value()
	}
	if options, ok := object.Get("options"); ok && !options.IsNull() {
		for _, option := range options.List(maxOptions) {
			operand.options = append(operand.options, option.Value())
		}
		if operand.value != nil {
			node.FailWith(operand.allow(operand.value))
		}
	}
	p.params[operand.param] = append(p.params[operand.param], operand)
	return operand
}

// Values are the values of parameters for one run.
type Values struct {
	Scalars map[string]any
	Images  map[string]blob.Value
}

// get returns the operand's value: given, else default, else nil. A given nil is not given.
func (o *Operand) get(values Values) (any, error) {
	if o.param == "" {
		return o.value, nil
	}
	image, isImage := values.Images[o.param]
	scalar := values.Scalars[o.param]
	var given any
	switch {
	case isImage && scalar != nil:
		return nil, errs.New(errs.InvalidInput, "the parameter %s is given as a scalar and as an image; give one", o.param)
	case isImage:
		given = image
	case scalar != nil:
		given = scalar
	default:
		return o.value, nil
	}
	if err := o.allow(given); err != nil {
		return nil, errs.From(err).At(o.where())
	}
	return given, nil
}

// where names the operand in messages.
func (o *Operand) where() string {
	if o.param != "" {
		return "params." + o.param
	}
	return o.path
}

func (o *Operand) allow(value any) error {
	if o.options == nil {
		return nil
	}
	allowed := make([]string, len(o.options))
	for i, option := range o.options {
		if equal(value, option) {
			return nil
		}
		allowed[i] = show(option)
		if text, ok := option.(string); ok {
			allowed[i] = "'" + text + "'"
		}
	}
	return errs.New(errs.InvalidInput, "Value %s is not allowed for parameter %s. Allowed values are: {%s}",
		show(value), o.param, strings.Join(allowed, ", "))
}

func equal(a, b any) bool {
	if x, ok := asNumber(a); ok {
		y, ok := asNumber(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case string:
		return a == b
	case bool:
		return a == b
	case []any:
		list, ok := b.([]any)
		if !ok || len(a) != len(list) {
			return false
		}
		for i := range a {
			if !equal(a[i], list[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		x, ok := unpack(a)
		y, isList := asNumbers(b)
		return ok && isList && slices.Equal(x, y)
	}
	return false
}

// asNumber reads a number of any kind that JSON or a Go caller may give. It may be NaN or infinite.
func asNumber(value any) (float64, bool) {
	switch v := value.(type) {
	case json.Number:
		// A number beyond float64 parses as infinite, with an error that says no more than that.
		number, err := strconv.ParseFloat(v.String(), 64)
		return number, err == nil || math.IsInf(number, 0)
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case int32:
		return float64(v), true
	case uint64:
		return float64(v), true
	case uint32:
		return float64(v), true
	}
	return 0, false
}

// number reads a finite number; true is 1 and false is 0, as in Python. Given is false for nil.
func (o *Operand) number(values Values) (number float64, given bool, err error) {
	value, err := o.get(values)
	if err != nil || value == nil {
		return 0, false, err
	}
	if truth, ok := value.(bool); ok {
		if truth {
			return 1, true, nil
		}
		return 0, true, nil
	}
	number, ok := asNumber(value)
	if !ok {
		return 0, false, valueError(value, "'A single float|int'").At(o.where())
	}
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return 0, false, errs.New(errs.InvalidInput, "the value %s is not a finite number", show(value)).At(o.where())
	}
	return number, true, nil
}

// integer reads a whole number; 2.0 is none.
func (o *Operand) integer(values Values, what string) (integer int64, given bool, err error) {
	value, err := o.get(values)
	if err != nil || value == nil {
		return 0, false, err
	}
	switch v := value.(type) {
	case json.Number:
		integer, err := strconv.ParseInt(v.String(), 10, 64)
		if err == nil {
			return integer, true, nil
		}
	case int:
		return int64(v), true, nil
	case int32:
		return int64(v), true, nil
	case int64:
		return v, true, nil
	}
	return 0, false, errs.New(errs.InvalidInput, "the %s must be a whole number, got %s", what, show(value)).At(o.where())
}

// names reads a list of names.
func (o *Operand) names(values Values) ([]string, error) {
	value, err := o.get(values)
	if err != nil || value == nil {
		return nil, err
	}
	switch list := value.(type) {
	case []string:
		return list, nil
	case []any:
		names := make([]string, len(list))
		for i, item := range list {
			name, ok := item.(string)
			if !ok {
				return nil, errs.New(errs.InvalidInput, "field names must be strings, got %s", show(item)).At(fmt.Sprintf("%s[%d]", o.where(), i))
			}
			names[i] = name
		}
		return names, nil
	}
	return nil, errs.New(errs.InvalidInput, "the selection must be a list of field names, got %s", show(value)).At(o.where())
}

// show renders a value for a message, short.
func show(value any) string {
	text := fmt.Sprint(value)
	switch v := value.(type) {
	case blob.Value:
		text = "an image"
	case bool:
		text = strings.ToUpper(text[:1]) + text[1:] // as Python writes it
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	}
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
