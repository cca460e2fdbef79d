package packed_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/innerspace/innerspace/core/packed"
)

func TestWhatWasPackedIsRead(t *testing.T) {
	data := packed.AppendText([]byte{7}, "é")
	data = binary.LittleEndian.AppendUint64(data, math.MaxUint64-1)
	data = binary.AppendVarint(binary.AppendUvarint(data, 300), -300)
	r := packed.NewReader(append(data, 2, 1, 2))
	assert.Equal(t, byte(7), r.Byte())
	assert.Equal(t, "é", r.Text())
	assert.Equal(t, uint64(math.MaxUint64-1), r.Word())
	assert.Equal(t, uint64(300), r.Unsigned(300))
	assert.Equal(t, int64(-300), r.Signed())
	assert.False(t, r.Ended(), "two bytes are left")
	assert.Equal(t, []byte{1, 2}, r.Take(r.Count(1)))
	assert.True(t, r.Ended())
}

func TestWhatDoesNotFitReadsAsNothingFromThenOn(t *testing.T) {
	unended := []byte{0x80}
	for name, read := range map[string]struct {
		data []byte
		with func(*packed.Reader) any
		none any
	}{
		"bytes":               {[]byte{1}, func(r *packed.Reader) any { return r.Take(2) }, []byte(nil)},
		"byte":                {nil, func(r *packed.Reader) any { return r.Byte() }, byte(0)},
		"word":                {make([]byte, 7), func(r *packed.Reader) any { return r.Word() }, uint64(0)},
		"unsigned, unended":   {unended, func(r *packed.Reader) any { return r.Unsigned(math.MaxUint64) }, uint64(0)},
		"unsigned, too large": {[]byte{5}, func(r *packed.Reader) any { return r.Unsigned(4) }, uint64(0)},
		"signed":              {unended, func(r *packed.Reader) any { return r.Signed() }, int64(0)},
		"count":               {[]byte{3, 0, 0, 0}, func(r *packed.Reader) any { return r.Count(2) }, 0},
		"text":                {[]byte{2, 'a'}, func(r *packed.Reader) any { return r.Text() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := packed.NewReader(read.data)
			assert.Equal(t, read.none, read.with(&r))
			assert.True(t, r.Bad())
			assert.False(t, r.Ended())
			assert.Zero(t, r.Byte())
			assert.Empty(t, r.Text())
			assert.Empty(t, r.Take(0))
		})
	}
}
