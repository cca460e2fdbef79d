package tabular

import (
	"encoding/binary"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// rawArray makes an array of exactly these buffers, which nothing has checked. It may panic, as arrow-go does.
func rawArray(dataType arrow.DataType, length int, buffers ...[]byte) arrow.Array {
	wrapped := make([]*memory.Buffer, len(buffers))
	for i, buffer := range buffers {
		if buffer != nil {
			wrapped[i] = memory.NewBufferBytes(buffer)
		}
	}
	data := array.NewData(dataType, length, wrapped, nil, 0, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func int32s(values ...int32) []byte {
	var bytes []byte
	for _, value := range values {
		bytes = binary.NativeEndian.AppendUint32(bytes, uint32(value))
	}
	return bytes
}

func int64s(values ...int64) []byte {
	var bytes []byte
	for _, value := range values {
		bytes = binary.NativeEndian.AppendUint64(bytes, uint64(value))
	}
	return bytes
}

func TestMalformedArraysEndTheStream(t *testing.T) {
	text := []byte("abcdef")
	for name, make := range map[string]func() arrow.Array{
		"offsets out of order":      func() arrow.Array { return rawArray(arrow.BinaryTypes.String, 3, nil, int32s(0, 4, 2, 6), text) },
		"negative offset":           func() arrow.Array { return rawArray(arrow.BinaryTypes.String, 2, nil, int32s(-4, 2, 6), text) },
		"offset past the end":       func() arrow.Array { return rawArray(arrow.BinaryTypes.String, 2, nil, int32s(0, 600, 6), text) },
		"last offset past the end":  func() arrow.Array { return rawArray(arrow.BinaryTypes.String, 2, nil, int32s(0, 2, 600), text) },
		"too few offsets":           func() arrow.Array { return rawArray(arrow.BinaryTypes.String, 3, nil, int32s(0, 2), text) },
		"no offsets":                func() arrow.Array { return rawArray(arrow.BinaryTypes.String, 1, nil, nil, text) },
		"large offsets":             func() arrow.Array { return rawArray(arrow.BinaryTypes.LargeString, 2, nil, int64s(0, 1<<40, 6), text) },
		"large offset, negative":    func() arrow.Array { return rawArray(arrow.BinaryTypes.LargeBinary, 2, nil, int64s(0, -1, 6), text) },
		"values not there":          func() arrow.Array { return rawArray(arrow.BinaryTypes.Binary, 1, nil, int32s(5, 9), nil) },
		"view of negative length":   func() arrow.Array { return rawArray(arrow.BinaryTypes.StringView, 1, nil, int32s(-1, 0, 0, 0)) },
		"view into no buffer":       func() arrow.Array { return rawArray(arrow.BinaryTypes.StringView, 1, nil, int32s(20, 0, 0, 0)) },
		"view into another buffer":  func() arrow.Array { return rawArray(arrow.BinaryTypes.BinaryView, 1, nil, int32s(20, 0, 7, 0), text) },
		"view into buffer -1":       func() arrow.Array { return rawArray(arrow.BinaryTypes.BinaryView, 1, nil, int32s(20, 0, -1, 0), text) },
		"view past the end":         func() arrow.Array { return rawArray(arrow.BinaryTypes.StringView, 1, nil, int32s(20, 0, 0, 0), text) },
		"view at a negative offset": func() arrow.Array { return rawArray(arrow.BinaryTypes.StringView, 1, nil, int32s(20, 0, 0, -20), text) },
		"view that overflows": func() arrow.Array {
			return rawArray(arrow.BinaryTypes.StringView, 1, nil, int32s(1<<31-1, 0, 0, 1<<31-1), text)
		},
		"no views":              func() arrow.Array { return rawArray(arrow.BinaryTypes.StringView, 1, nil, nil) },
		"fixed size, too short": func() arrow.Array { return rawArray(&arrow.FixedSizeBinaryType{ByteWidth: 4}, 3, nil, text) },
		"validity too short": func() arrow.Array {
			return rawArray(arrow.BinaryTypes.LargeBinary, 9, []byte{0}, int64s(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), nil)
		},
		"index past the dictionary": func() arrow.Array { return rawDictionary([]byte{0, 5}, text) },
		"negative index":            func() arrow.Array { return rawDictionary([]byte{0, 0xff}, text) },
		"cells without children":    func() arrow.Array { return rawArray(imageCellType, 1, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			err := guarded(func() error {
				_, _, err := readColumn(t, make(), schema.Blob)
				return err
			})
			assert.Contains(t, requireStatus(t, errs.InvalidInput, err), "malformed")
		})
	}
}

// TestMemoryThatIsNotThere reads an array whose bytes cannot be read, as when a producer freed them.
func TestMemoryThatIsNotThere(t *testing.T) {
	page, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { _ = syscall.Munmap(page) }()
	_, _, err = readColumn(t, rawArray(arrow.BinaryTypes.String, 1, nil, int32s(0, 100), page), schema.String)
	assert.Contains(t, requireStatus(t, errs.InvalidInput, err), "malformed")
}

func rawDictionary(indices, text []byte) arrow.Array {
	values := rawArray(arrow.BinaryTypes.String, 2, nil, int32s(0, 2, 6), text)
	defer values.Release()
	dataType := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	data := array.NewDataWithDictionary(dataType, len(indices), []*memory.Buffer{nil, memory.NewBufferBytes(indices)}, 0, 0, values.Data().(*array.Data))
	defer data.Release()
	return array.NewDictionaryData(data)
}

// FuzzColumn reads arrays of arbitrary buffers: the outcome is cells of what the buffers hold, or an error.
func FuzzColumn(f *testing.F) {
	for kind := range fuzzTypes {
		f.Add(uint8(kind), uint8(2), uint8(0), []byte(nil), int32s(0, 2, 6), []byte("abcdef"), uint8(0))
		f.Add(uint8(kind), uint8(1), uint8(1), []byte{0xfe}, int32s(20, 0, 0, 2, 3, 0, 0, 0), []byte("abcdefabcdefabcdefabcdef"), uint8(1))
		f.Add(uint8(kind), uint8(2), uint8(0), []byte{0x01}, int64s(0, 2, 6), []byte("\xffbcdef"), uint8(2))
	}
	f.Fuzz(func(t *testing.T, kind, length, offset uint8, validity, middle, values []byte, fieldNumber uint8) {
		dataType := fuzzTypes[int(kind)%len(fuzzTypes)]
		field := []schema.Type{schema.ID, schema.String, schema.Blob}[fieldNumber%3]
		if !accepts(dataType, field) {
			return
		}
		present, total := 0, 0
		err := guarded(func() error {
			buffers := [][]byte{validity, middle, values}
			if _, fixed := dataType.(arrow.FixedWidthDataType); fixed {
				buffers = buffers[:2]
			}
			if len(validity) == 0 {
				buffers[0] = nil
			}
			arr := rawArray(dataType, int(length), buffers...)
			sliced := array.NewSlice(arr, int64(min(offset, length)), int64(length))
			read, err := newCells(sliced, field)
			if err != nil {
				return err
			}
			for i := range sliced.Len() {
				value, err := read(i)
				if _, bad := err.(badValue); bad {
					continue
				}
				if err != nil {
					return err
				}
				if value.present {
					present, total = present+1, max(total, value.size())
				}
			}
			return nil
		})
		if err != nil {
			if status := errs.StatusOf(err); status != errs.InvalidInput {
				t.Fatal(err)
			}
			return
		}
		if present > int(length) || total > max(len(values), len(middle), 24) {
			t.Fatalf("%d values, one of %d bytes, from an array of %d", present, total, length)
		}
	})
}

var fuzzTypes = []arrow.DataType{
	arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView,
	arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeBinary, arrow.BinaryTypes.BinaryView,
	&arrow.FixedSizeBinaryType{ByteWidth: 3}, &arrow.FixedSizeBinaryType{ByteWidth: 0},
	arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Float32,
	arrow.FixedWidthTypes.Float16, arrow.FixedWidthTypes.Boolean,
}
