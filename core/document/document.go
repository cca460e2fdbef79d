// Package document reads the JSON documents of the engine strictly: definitions and
// queries. Unknown keys, keys given twice and values of the wrong type are refused with the path of
// the place ("$.spaces[0].modle"). It knows nothing of what the keys mean.
package document

import (
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// MaxDepth is how deeply values may nest; the documents of the engine need less than ten levels.
const MaxDepth = 32

// Document is a parsed JSON value with the first mistake that reading it brought to light. Readers
// take what they want from the nodes and ask Err once, at the end: after a mistake every node reads as empty.
type Document struct {
	root    any
	failure *errs.Error
}

// object keeps the members of a JSON object in their order.
type object struct {
	keys    []string
	members map[string]any
}

// Parse parses one JSON value of at most maxBytes bytes. Errors are InvalidInput, LimitExceeded for
// a document that is too large.
func Parse(data []byte, maxBytes int) (*Document, error) {
	if len(data) > maxBytes {
		return nil, errs.New(errs.LimitExceeded, "the document has %d bytes; at most %d are read", len(data), maxBytes)
	}
	if !utf8.Valid(data) {
		return nil, errs.New(errs.InvalidInput, "the document is not valid UTF-8")
	}
	r := &reader{data: data}
	root, err := r.value(nil, 0)
	if err != nil {
		return nil, err
	}
	if r.next(); r.at < len(data) {
		return nil, errs.New(errs.InvalidInput, "something follows the JSON value at byte %d; send one value", r.at)
	}
	return &Document{root: root}, nil
}

// Root returns the document's value.
func (d *Document) Root() Node { return Node{path: "$", value: d.root, document: d} }

// Err returns the first mistake, or nil.
func (d *Document) Err() error {
	if d.failure == nil {
		return nil
	}
	return d.failure
}
