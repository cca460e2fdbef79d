package onnxproto_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// The bytes are those of the protocol buffer documentation's own examples and of protoc.
func TestMessage(t *testing.T) {
	for name, test := range map[string]struct {
		write func(*onnxproto.Message)
		want  []byte
	}{
		"150 in field 1":       {func(m *onnxproto.Message) { m.Integer(1, 150) }, []byte{0x08, 0x96, 0x01}},
		"a negative number":    {func(m *onnxproto.Message) { m.Integer(1, -1) }, []byte{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
		"a text":               {func(m *onnxproto.Message) { m.Text(2, "testing") }, []byte{0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'}},
		"a message":            {func(m *onnxproto.Message) { m.Child(3, func(m *onnxproto.Message) { m.Integer(1, 150) }) }, []byte{0x1a, 0x03, 0x08, 0x96, 0x01}},
		"an empty message":     {func(m *onnxproto.Message) { m.Child(3, func(*onnxproto.Message) {}) }, []byte{0x1a, 0x00}},
		"a float":              {func(m *onnxproto.Message) { m.Float(2, 1) }, []byte{0x15, 0, 0, 0x80, 0x3f}},
		"a field of two bytes": {func(m *onnxproto.Message) { m.Integer(20, 1) }, []byte{0xa0, 0x01, 0x01}},
	} {
		var m onnxproto.Message
		test.write(&m)
		assert.Equal(t, test.want, []byte(m), name)
	}
}

func TestAttributes(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		want  []byte
	}{
		"an integer": {2, []byte{0x0a, 1, 'a', 0x18, 2, 0xa0, 0x01, 2}},
		"a float":    {1.0, []byte{0x0a, 1, 'a', 0x15, 0, 0, 0x80, 0x3f, 0xa0, 0x01, 1}},
		"a text":     {"x", []byte{0x0a, 1, 'a', 0x22, 1, 'x', 0xa0, 0x01, 3}},
		"integers":   {[]int{0, 2}, []byte{0x0a, 1, 'a', 0x40, 0, 0x40, 2, 0xa0, 0x01, 7}},
	} {
		var m onnxproto.Message
		onnxproto.Set("a", test.value).Write(&m)
		assert.Equal(t, test.want, []byte(m), name)
	}
}
