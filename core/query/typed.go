package query

import (
	"encoding/base64"
	"encoding/binary"
	"math"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/space"
)

// typed brings a clause's value to the type its target takes; nil stays nil.
func (c clause) typed(value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	var typed any
	var allowed string
	switch c.target.Kind {
	case space.TextValue:
		if text, ok := value.(string); ok {
			typed = text
		}
		allowed = "'A single str'"
	case space.ImageValue:
		switch v := value.(type) {
		case blob.Value:
			typed = v
		case string:
			typed = blob.Value{Kind: blob.Text, Data: []byte(v)}
		}
		allowed = "'A single str', 'A single Image'"
	case space.NumberValue:
		if numbers, ok := asNumbers([]any{value}); ok {
			typed = numbers[0]
		}
		allowed = "'A single float|int'"
	case space.CategoriesValue:
		if texts, ok := asTexts(value); ok {
			typed = texts
		}
		allowed = "'A single str', 'A list of str(s)'"
	case space.NumbersValue:
		if numbers, ok := asNumbers(value); ok {
			typed = numbers
		}
		allowed = "'A list of float|int(s)'"
	}
	if typed == nil {
		return nil, valueError(value, allowed).At(c.value.where())
	}
	if err := checkFinite(typed); err != nil {
		return nil, err.At(c.value.where())
	}
	return typed, nil
}

func checkFinite(typed any) *errs.Error {
	var numbers []float64
	switch v := typed.(type) {
	case float64:
		numbers = []float64{v}
	case []float64:
		numbers = v
	}
	for _, x := range numbers {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return errs.New(errs.InvalidInput, "the value %s is not a finite number", show(x))
		}
	}
	return nil
}

// asTexts reads a string as a list of one, or a list of strings.
func asTexts(value any) ([]string, bool) {
	switch v := value.(type) {
	case string:
		return []string{v}, true
	case []string:
		return v, true
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, false
			}
			texts[i] = text
		}
		return texts, true
	}
	return nil, false
}

// asNumbers reads a list of numbers, or one number as a list of one; true is 1 and false is 0, as in Python.
func asNumbers(value any) ([]float64, bool) {
	switch v := value.(type) {
	case []float64:
		return v, true
	case []float32:
		numbers := make([]float64, len(v))
		for i, x := range v {
			numbers[i] = float64(x)
		}
		return numbers, true
	case []any:
		numbers := make([]float64, len(v))
		for i, item := range v {
			number, ok := asNumber(item)
			if truth, isBool := item.(bool); isBool {
				number, ok = 0, true
				if truth {
					number = 1
				}
			}
			if !ok {
				return nil, false
			}
			numbers[i] = number
		}
		return numbers, true
	case map[string]any:
		return unpack(v)
	}
	number, ok := asNumber(value)
	return []float64{number}, ok
}

// packedKey names the numbers of a packed list.
const packedKey = "float64"

// unpack reads a list of numbers that is written {"float64": "…"}: base64 of 8 bytes a number, the lowest first. Writing and reading the
// digits of a long vector would take longer than the query.
func unpack(object map[string]any) ([]float64, bool) {
	text, ok := object[packedKey].(string)
	if !ok || len(object) != 1 {
		return nil, false
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(packed)%8 != 0 {
		return nil, false
	}
	numbers := make([]float64, len(packed)/8)
	for i := range numbers {
		numbers[i] = math.Float64frombits(binary.LittleEndian.Uint64(packed[8*i:]))
	}
	return numbers, true
}
