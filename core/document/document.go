// Package document reads the JSON documents of the engine strictly: definitions and
// queries. Unknown keys, keys given twice and values of the wrong type are refused with the path of
// the place ("$.spaces[0].modle"). It knows nothing of what the keys mean.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	root, err := readValue(decoder, nil, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errs.New(errs.InvalidInput, "something follows the JSON value at byte %d; send one value", decoder.InputOffset())
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

// place is where a value stands; its path is written only where a mistake is.
type place struct {
	above *place // nil: the document itself
	key   string
	item  int // in place of key where not negative
}

func (p *place) String() string {
	switch {
	case p == nil:
		return "$"
	case p.item >= 0:
		return fmt.Sprintf("%s[%d]", p.above, p.item)
	}
	return join(p.above.String(), p.key)
}

func readValue(decoder *json.Decoder, at *place, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, errs.New(errs.LimitExceeded, "values nest deeper than %d levels", MaxDepth).At(at.String())
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, syntaxError(err, decoder, at)
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if delimiter == '[' {
		list := []any{}
		for decoder.More() {
			item, err := readValue(decoder, &place{above: at, item: len(list)}, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err := decoder.Token()
		return list, syntaxError(err, decoder, at)
	}
	members := &object{members: map[string]any{}}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, syntaxError(err, decoder, at)
		}
		key, ok := token.(string)
		if !ok {
			return nil, errs.New(errs.InvalidInput, "an object key must be a string").At(at.String())
		}
		below := &place{above: at, key: key, item: -1}
		if _, twice := members.members[key]; twice {
			return nil, errs.New(errs.InvalidInput, "the key is given twice").At(below.String())
		}
		value, err := readValue(decoder, below, depth+1)
		if err != nil {
			return nil, err
		}
		members.keys = append(members.keys, key)
		members.members[key] = value
	}
	_, err = decoder.Token()
	return members, syntaxError(err, decoder, at)
}

func syntaxError(err error, decoder *json.Decoder, at *place) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errs.Wrap(err, errs.InvalidInput, "the JSON ends in the middle").At(at.String())
	}
	return errs.Wrap(err, errs.InvalidInput, "not valid JSON near byte %d: %v", decoder.InputOffset(), err).At(at.String())
}
