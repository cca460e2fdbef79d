package document

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// Node is one value of a document and the path that leads to it.
type Node struct {
	path     string
	value    any
	document *Document
}

// Path returns where the node stands, as "$.spaces[0].fields".
func (n Node) Path() string { return n.path }

// Fail records a mistake at the node; only a document's first mistake is kept.
func (n Node) Fail(format string, args ...any) {
	n.FailWith(errs.New(errs.InvalidInput, format, args...))
}

// FailWith records err as a mistake at the node.
func (n Node) FailWith(err error) {
	if n.document.failure == nil && err != nil {
		n.document.failure = errs.From(err).At(n.path)
	}
}

func (n Node) failed() bool { return n.document == nil || n.document.failure != nil }

// IsNull says whether the node is JSON null.
func (n Node) IsNull() bool { return n.value == nil }

// Text reads a string.
func (n Node) Text() string {
	text, ok := n.value.(string)
	if !ok && !n.failed() {
		n.wrongType("a string")
	}
	return text
}

// Bool reads true or false.
func (n Node) Bool() bool {
	value, ok := n.value.(bool)
	if !ok && !n.failed() {
		n.wrongType("true or false")
	}
	return value
}

// Integer reads a whole number from minimum to maximum.
func (n Node) Integer(minimum, maximum int64) int64 {
	number, ok := n.value.(json.Number)
	if !ok {
		if !n.failed() {
			n.wrongType("a whole number")
		}
		return 0
	}
	value, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || value < minimum || value > maximum {
		n.Fail("must be a whole number from %d to %d, got %s", minimum, maximum, abbreviate(number.String()))
		return 0
	}
	return value
}

// List reads an array of at most maximum items.
func (n Node) List(maximum int) []Node {
	items, ok := n.value.([]any)
	if !ok {
		if !n.failed() {
			n.wrongType("a list")
		}
		return nil
	}
	if n.failed() {
		return nil
	}
	if len(items) > maximum {
		n.FailWith(errs.New(errs.LimitExceeded, "the list has %d items; at most %d are read", len(items), maximum))
		return nil
	}
	nodes := make([]Node, len(items))
	for i, item := range items {
		nodes[i] = Node{path: fmt.Sprintf("%s[%d]", n.path, i), value: item, document: n.document}
	}
	return nodes
}

// Value returns the node as plain Go values: nil, bool, string, json.Number, []any, map[string]any.
func (n Node) Value() any {
	if n.failed() {
		return nil
	}
	return plain(n.value)
}

func plain(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case *object:
		members := make(map[string]any, len(v.members))
		for key, member := range v.members {
			members[key] = plain(member)
		}
		return members
	}
	return value
}

func (n Node) wrongType(wanted string) {
	n.Fail("must be %s, got %s", wanted, describe(n.value))
}

func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return "the string " + strconv.Quote(abbreviate(v))
	case json.Number:
		return "the number " + abbreviate(v.String())
	case []any:
		return "a list"
	}
	return "an object"
}

func abbreviate(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

func join(path, key string) string {
	if key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" {
		return path + "." + abbreviate(key)
	}
	return path + "[" + strconv.Quote(abbreviate(key)) + "]"
}

// Object is a node that is a JSON object with known keys.
type Object struct {
	node    Node
	members map[string]any
}

// Object reads an object that has no keys but the known ones.
func (n Node) Object(known ...string) Object {
	value, ok := n.value.(*object)
	if n.failed() {
		return Object{node: n}
	}
	if !ok {
		n.wrongType("an object")
		return Object{node: n}
	}
	for _, key := range value.keys {
		if !slices.Contains(known, key) {
			Node{path: join(n.path, key), document: n.document}.Fail("unknown key; known are %s", strings.Join(known, ", "))
			return Object{node: n}
		}
	}
	return Object{node: n, members: value.members}
}

// Peek reads one member of what may be an object, without a look at the other keys. It is for the
// "type" that says which keys are known.
func (n Node) Peek(key string) (Node, bool) {
	value, ok := n.value.(*object)
	if !ok || n.failed() {
		return Node{}, false
	}
	member, ok := value.members[key]
	return Node{path: join(n.path, key), value: member, document: n.document}, ok
}

// Get returns a member and whether it is there.
func (o Object) Get(key string) (Node, bool) {
	member, ok := o.members[key]
	return Node{path: join(o.node.path, key), value: member, document: o.node.document}, ok
}

// Need returns a member that must be there.
func (o Object) Need(key string) Node {
	node, ok := o.Get(key)
	if !ok {
		o.node.Fail("the key %q is missing", key)
	}
	return node
}

// Node returns the object as a node.
func (o Object) Node() Node { return o.node }

// Positive reads a number above 0 and at most maximum.
func (n Node) Positive(maximum float64) float64 {
	number, ok := n.value.(json.Number)
	if !ok {
		if !n.failed() {
			n.wrongType("a number")
		}
		return 0
	}
	value, err := number.Float64()
	if err != nil || !(value > 0 && value <= maximum) {
		n.Fail("must be above 0 and at most %g, got %s", maximum, abbreviate(number.String()))
		return 0
	}
	return value
}

// Number reads a finite number.
func (n Node) Number() float64 {
	number, ok := n.value.(json.Number)
	if !ok {
		if !n.failed() {
			n.wrongType("a number")
		}
		return 0
	}
	value, err := number.Float64()
	if err != nil {
		n.Fail("the number %s is out of range", abbreviate(number.String()))
		return 0
	}
	return value
}
