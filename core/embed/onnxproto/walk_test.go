package onnxproto_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// every is a message with a field of each wire type.
func every() onnxproto.Message {
	var m onnxproto.Message
	m.Integer(1, 300)
	m.Text(2, "name")
	m.Float(3, 1)
	m = append(m, 4<<3|byte(onnxproto.Fixed64), 1, 2, 3, 4, 5, 6, 7, 8)
	m.Child(20, func(m *onnxproto.Message) { m.Integer(1, -1) })
	return m
}

// step is what both walks say of a field.
type step struct {
	number  int
	wire    onnxproto.Wire
	value   uint64
	content string
}

func inMemory(message []byte) (steps []step, err error) {
	err = onnxproto.Walk(message, func(f onnxproto.Field) error {
		value := f.Value
		if f.Wire != onnxproto.Varint {
			value = 0
		}
		steps = append(steps, step{f.Number, f.Wire, value, string(f.Bytes)})
		return nil
	})
	return steps, err
}

func inFile(message []byte) (steps []step, err error) {
	r := onnxproto.NewReader(bytes.NewReader(message))
	err = r.Walk(0, int64(len(message)), func(f onnxproto.FileField) error {
		steps = append(steps, step{f.Number, f.Wire, f.Value, string(message[f.Start:f.End])})
		return nil
	})
	return steps, err
}

func TestWalks(t *testing.T) {
	want := []step{
		{1, onnxproto.Varint, 300, ""}, {2, onnxproto.Bytes, 0, "name"}, {3, onnxproto.Fixed32, 0, ""},
		{4, onnxproto.Fixed64, 0, ""}, {20, onnxproto.Bytes, 0, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
	}
	for name, walk := range map[string]func([]byte) ([]step, error){"in memory": inMemory, "in a file": inFile} {
		steps, err := walk(every())
		require.NoError(t, err, name)
		assert.Equal(t, want, steps, name)
		for wrong, message := range map[string][]byte{
			"an unknown wire type": {1<<3 | 3},
			"a length too long":    {1<<3 | 2, 5, 'a'},
			"a huge length":        {1<<3 | 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1},
			"a number too long":    {1 << 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2},
			"half a number":        {1 << 3, 255},
			"half a float":         {1<<3 | 5, 1, 2, 3},
			"half a double":        {1<<3 | 1, 1, 2, 3, 4, 5, 6, 7},
		} {
			steps, err := walk(message)
			assert.Error(t, err, "%s %s", wrong, name)
			assert.Empty(t, steps, "%s %s", wrong, name)
		}
	}
}

func TestFieldsAsTheyStand(t *testing.T) {
	var copied onnxproto.Rope
	require.NoError(t, onnxproto.Walk(every(), func(f onnxproto.Field) error {
		copied.Add(f.Whole)
		return nil
	}))
	assert.Equal(t, []byte(every()), copied.Join())
}

func TestIntegers(t *testing.T) {
	var one, packed onnxproto.Message
	one.Integer(1, 7)
	packed.Bytes(1, []byte{1, 0xac, 0x02})
	var found []int64
	for _, m := range []onnxproto.Message{one, packed} {
		require.NoError(t, onnxproto.Walk(m, func(f onnxproto.Field) (err error) {
			found, err = f.Integers(found)
			return err
		}))
	}
	assert.Equal(t, []int64{7, 1, 300}, found)
	_, err := onnxproto.Field{Wire: onnxproto.Bytes, Bytes: []byte{0xac}}.Integers(nil)
	assert.ErrorIs(t, err, onnxproto.ErrTruncated)
}

func TestNamesInFiles(t *testing.T) {
	var m onnxproto.Message
	m.Text(1, "name")
	m.Text(2, "")
	m.Bytes(3, make([]byte, 1025))
	m.Integer(4, 4)
	r := onnxproto.NewReader(bytes.NewReader(m))
	names, refused := map[int]string{}, map[int]bool{}
	require.NoError(t, r.Walk(0, int64(len(m)), func(f onnxproto.FileField) (err error) {
		names[f.Number], err = r.Text(f)
		refused[f.Number] = err != nil
		return nil
	}))
	assert.Equal(t, map[int]string{1: "name", 2: "", 3: "", 4: ""}, names)
	assert.Equal(t, map[int]bool{1: false, 2: false, 3: true, 4: true}, refused)
}

func TestWalksEndWithTheVisit(t *testing.T) {
	enough := errors.New("enough")
	assert.ErrorIs(t, onnxproto.Walk(every(), func(onnxproto.Field) error { return enough }), enough)
	err := onnxproto.NewReader(bytes.NewReader(every())).Walk(0, 3, func(onnxproto.FileField) error { return enough })
	assert.ErrorIs(t, err, enough)
}

// A rope writes what a message writes.
func TestRope(t *testing.T) {
	raw := []byte{1, 2, 3, 4}
	tensor := onnxproto.Tensor{Name: "w", Element: onnxproto.Uint8, Shape: []int64{2, 2}}
	var m onnxproto.Message
	m.Child(5, func(m *onnxproto.Message) { tensor.WriteRaw(m, raw) })
	var r onnxproto.Rope
	r.Child(5, tensor.RawRope(raw))
	assert.Equal(t, []byte(m), r.Join())
	assert.Equal(t, len(m), r.Len())
}

// FuzzWalks: both walks see the same fields and refuse the same messages.
func FuzzWalks(f *testing.F) {
	f.Add([]byte(every()))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0})
	f.Fuzz(func(t *testing.T, message []byte) {
		ours, failed := inMemory(message)
		theirs, alsoFailed := inFile(message)
		assert.Equal(t, ours, theirs)
		assert.Equal(t, failed != nil, alsoFailed != nil, "%v, %v", failed, alsoFailed)
	})
}
