package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The bytes are those of the protocol buffer documentation's own examples and of protoc.
func TestMessage(t *testing.T) {
	for name, test := range map[string]struct {
		write func(*message)
		want  []byte
	}{
		"150 in field 1":       {func(m *message) { m.integer(1, 150) }, []byte{0x08, 0x96, 0x01}},
		"a negative number":    {func(m *message) { m.integer(1, -1) }, []byte{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
		"a text":               {func(m *message) { m.text(2, "testing") }, []byte{0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'}},
		"a message":            {func(m *message) { m.child(3, func(m *message) { m.integer(1, 150) }) }, []byte{0x1a, 0x03, 0x08, 0x96, 0x01}},
		"an empty message":     {func(m *message) { m.child(3, func(*message) {}) }, []byte{0x1a, 0x00}},
		"a float":              {func(m *message) { m.float(2, 1) }, []byte{0x15, 0, 0, 0x80, 0x3f}},
		"a field of two bytes": {func(m *message) { m.integer(20, 1) }, []byte{0xa0, 0x01, 0x01}},
	} {
		var m message
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
		var m message
		attribute{"a", test.value}.write(&m)
		assert.Equal(t, test.want, []byte(m), name)
	}
}

func TestFolderOf(t *testing.T) {
	for want, paths := range map[string][]string{
		"/models/a": {"/models/a/model.safetensors"},
		"/models":   {"/models/a/model.safetensors", "/models/ab/model.safetensors"},
		"/m":        {"/m/model.safetensors", "/m/2_Dense/model.safetensors"},
		"/":         {"/a/x", "/b/y"},
	} {
		assert.Equal(t, want, folderOf(paths))
	}
	assert.Equal(t, "/m", folderOf([]string{"/m/2_Dense/x", "/m/x"}))
}
