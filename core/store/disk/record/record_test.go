package record_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store/disk/record"
)

// values has one of each kind.
func values() []record.Value {
	return []record.Value{
		{},
		{Value: schema.TextValue("")},
		{Value: schema.TextValue("é\x00 text")},
		{Value: schema.IntegerValue(0)},
		{Value: schema.IntegerValue(math.MinInt64)},
		{Value: schema.FloatValue(math.Inf(-1))},
		{Value: schema.BooleanValue(true)},
		{Value: schema.TextListValue([]string{})},
		{Value: schema.TextListValue([]string{"", "a"})},
		{Value: schema.FloatListValue([]float64{})},
		{Value: schema.FloatListValue([]float64{1, math.Copysign(0, -1)})},
		{Value: schema.Value{Present: true}, Blob: &record.Blob{ID: 1 << 40, Size: 10 << 20}},
		{Value: schema.Value{Present: true}, Blob: &record.Blob{ID: 7, Size: 9, Sum: 1 << 31}},
	}
}

func TestRoundTrip(t *testing.T) {
	want := values()
	read, err := record.Read(record.Append(nil, want, nil), len(want))
	require.NoError(t, err)
	assert.Equal(t, want, read)
	for field := range want {
		value, err := record.ReadField(record.Append(nil, want, nil), len(want)+1, field)
		require.NoError(t, err)
		assert.Equal(t, want[field].Value, value)
	}
	value, err := record.ReadField(record.Append(nil, want, nil), len(want)+1, len(want))
	require.NoError(t, err)
	assert.Zero(t, value)
}

func TestFieldsAddedLaterAreAbsent(t *testing.T) {
	want := values()
	read, err := record.Read(record.Append(nil, want[:3], nil), len(want))
	require.NoError(t, err)
	assert.Equal(t, append(want[:3:3], make([]record.Value, len(want)-3)...), read)
}

func TestRefusesWhatIsNoRecord(t *testing.T) {
	whole := record.Append(nil, values(), nil)
	for name, data := range map[string][]byte{
		"nothing":           nil,
		"another format":    append([]byte{9}, whole[1:]...),
		"more values":       record.Append(nil, make([]record.Value, 14), nil),
		"a byte more":       append(whole[:len(whole):len(whole)], 0),
		"a byte less":       whole[:len(whole)-1],
		"a count of 2^60":   {1, 1, 1 | 1<<4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10},
		"unknown flags":     {1, 1, 0xff},
		"texts and floats":  {1, 1, 1 | 1<<4 | 1<<5, 0, 0},
		"flags, not there":  {1, 1, 2, 0},
		"a text that ends":  {1, 1, 3, 200, 1},
		"a number that end": {1, 1, 5, 1, 2},
	} {
		_, err := record.Read(data, 13)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), name)
	}
}

func TestSums(t *testing.T) {
	history := []byte("what was")
	whole := record.Append(nil, values(), history)
	for at := range whole {
		for bit := range 8 {
			data := slices.Clone(whole)
			data[at] ^= 1 << bit
			_, err := record.Read(data, 13)
			_, failed := record.ReadField(data, 13, 1)
			if at > 0 { // the format that a bit makes of this one has no sums
				require.Error(t, err, "byte %d", at)
				require.Error(t, failed)
			}
		}
	}
	_, err := record.Read(make([]byte, len(whole)), 13)
	require.Error(t, err)
	require.NoError(t, record.CheckHistory(whole, history))
	require.Error(t, record.CheckHistory(whole, make([]byte, len(history))))
	require.Error(t, record.CheckHistory(whole, nil))
	require.NoError(t, record.CheckHistory(record.Append(nil, nil, nil), nil))
}

// TestRecordsWithoutSums: those that earlier versions wrote are read.
func TestRecordsWithoutSums(t *testing.T) {
	now := record.Append(nil, values()[:12], nil)
	earlier := append([]byte{1}, now[9:]...)
	read, err := record.Read(earlier, 12)
	require.NoError(t, err)
	assert.Equal(t, values()[:12], read)
	require.NoError(t, record.CheckHistory(earlier, []byte("any")))
}

// FuzzRead: any bytes, with a right sum where there is one, are a record that is written again alike, or an error.
func FuzzRead(f *testing.F) {
	f.Add(record.Append(nil, values(), nil))
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 5 && data[0] == 2 {
			data = slices.Clone(data)
			binary.LittleEndian.PutUint32(data[1:], record.Sum(data[5:]))
		}
		read, err := record.Read(data, 20)
		for field := range 20 {
			value, failed := record.ReadField(data, 20, field)
			if err == nil {
				require.NoError(t, failed)
				require.Equal(t, read[field].Present, value.Present)
				require.Equal(t, read[field].Text, value.Text)
			}
		}
		if err != nil {
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			return
		}
		again, err := record.Read(record.Append(nil, read, nil), 20)
		require.NoError(t, err)
		require.Equal(t, record.Append(nil, read, nil), record.Append(nil, again, nil))
	})
}
