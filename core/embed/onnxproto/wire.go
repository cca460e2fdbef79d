// Package onnxproto writes and reads ONNX files: protocol buffers with the field numbers of onnx.proto. It writes
// messages, walks those that are in memory, and walks those that lie in a file without reading what is skipped.
//
// It knows no operator, and nothing of what a graph means.
package onnxproto

import (
	"errors"
	"fmt"
)

// Wire says how a field stands in a message.
type Wire int

// The wire types that ONNX files have.
const (
	Varint  Wire = 0
	Fixed64 Wire = 1
	Bytes   Wire = 2
	Fixed32 Wire = 5
)

// ErrTruncated is the error for a message that ends too early.
var ErrTruncated = errors.New("a message ends in the middle of a field")

var errLongNumber = errors.New("a number of more than 64 bits")

func errWire(w Wire) error { return fmt.Errorf("wire type %d, which no ONNX file has", w) }

// split takes the number that precedes a field apart. Field numbers have 29 bits.
func split(key uint64) (number int, wire Wire) { return int(key >> 3 & 0x1fffffff), Wire(key & 7) }
