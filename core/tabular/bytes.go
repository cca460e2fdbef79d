package tabular

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/innerspace/innerspace/core/errs"
)

// byteCells gives the bytes of cell i of an array of strings or binaries. i is a valid position and not null. The
// bytes belong to the array.
type byteCells func(i int) ([]byte, error)

// isText says whether a type holds UTF-8, and isBinary whether it holds bytes.
func isText(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW:
		return true
	}
	return false
}

func isBinary(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.FIXED_SIZE_BINARY:
		return true
	}
	return false
}

// newByteCells reads the array's buffers and not its accessors, which follow any offset. The type is text or binary.
func newByteCells(arr arrow.Array) byteCells {
	data := arr.Data()
	switch arr.DataType().ID() {
	case arrow.STRING, arrow.BINARY:
		return offsetCells(data, arrow.Int32Traits.CastFromBytes(bufferBytes(data, 1)))
	case arrow.LARGE_STRING, arrow.LARGE_BINARY:
		return offsetCells(data, arrow.Int64Traits.CastFromBytes(bufferBytes(data, 1)))
	case arrow.STRING_VIEW, arrow.BINARY_VIEW:
		return viewCells(data)
	case arrow.FIXED_SIZE_BINARY:
		return fixedCells(data, arr.DataType().(*arrow.FixedSizeBinaryType).ByteWidth)
	}
	return nil
}

// bufferBytes is buffer i, nil where there is none, as for arrays without rows.
func bufferBytes(data arrow.ArrayData, i int) []byte {
	buffers := data.Buffers()
	if i >= len(buffers) || buffers[i] == nil {
		return nil
	}
	return buffers[i].Bytes()
}

func offsetCells[T int32 | int64](data arrow.ArrayData, offsets []T) byteCells {
	values, first := bufferBytes(data, 2), data.Offset()
	return func(i int) ([]byte, error) {
		if first+i+1 >= len(offsets) {
			return nil, malformed("its offsets end before row %d", i)
		}
		start, end := offsets[first+i], offsets[first+i+1]
		if start < 0 || end < start || int64(end) > int64(len(values)) {
			return nil, malformed("row %d is said to be bytes %d to %d of %d", i, start, end, len(values))
		}
		return values[start:end:end], nil
	}
}

func viewCells(data arrow.ArrayData) byteCells {
	headers, first := arrow.ViewHeaderTraits.CastFromBytes(bufferBytes(data, 1)), data.Offset()
	var buffers []*memory.Buffer
	if all := data.Buffers(); len(all) > 2 {
		buffers = all[2:]
	}
	return func(i int) ([]byte, error) {
		if first+i >= len(headers) {
			return nil, malformed("its views end before row %d", i)
		}
		header := &headers[first+i]
		length := int64(header.Len())
		if length < 0 {
			return nil, malformed("row %d is said to have %d bytes", i, length)
		}
		if header.IsInline() {
			return header.InlineBytes(), nil
		}
		index, start := int(header.BufferIndex()), int64(header.BufferOffset())
		if index < 0 || index >= len(buffers) || buffers[index] == nil {
			return nil, malformed("row %d is said to be in buffer %d of %d", i, index, len(buffers))
		}
		values := buffers[index].Bytes()
		if start < 0 || start+length > int64(len(values)) {
			return nil, malformed("row %d is said to be bytes %d to %d of %d", i, start, start+length, len(values))
		}
		return values[start : start+length : start+length], nil
	}
}

func fixedCells(data arrow.ArrayData, width int) byteCells {
	values, first := bufferBytes(data, 1), data.Offset()
	return func(i int) ([]byte, error) {
		start, end := (first+i)*width, (first+i+1)*width
		if start < 0 || end < start || end > len(values) {
			return nil, malformed("row %d is said to be bytes %d to %d of %d", i, start, end, len(values))
		}
		return values[start:end:end], nil
	}
}

// malformed is the error for Arrow data that contradicts itself. It ends the stream, unlike a bad value.
func malformed(format string, args ...any) *errs.Error {
	return errs.New(errs.InvalidInput, "the Arrow data is malformed: "+format, args...)
}

// storageOf returns the array below extension types. It is valid as long as arr is.
func storageOf(arr arrow.Array) arrow.Array {
	for {
		extension, ok := arr.(array.ExtensionArray)
		if !ok {
			return arr
		}
		arr = extension.Storage()
	}
}

// storageType is the type of storageOf.
func storageType(t arrow.DataType) arrow.DataType {
	for {
		extension, ok := t.(arrow.ExtensionType)
		if !ok {
			return t
		}
		t = extension.StorageType()
	}
}
