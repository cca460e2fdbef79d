package arrowstream

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

const (
	maxRows    = 1 << 40 // length plus offset of one array
	maxBytes   = 1 << 46 // of one buffer: below what a process can address, so that no size overflows
	maxBuffers = 1 << 20 // of one array of views
)

// checkTable checks the array of a record batch: a struct whose own validity means nothing.
func (l *layout) checkTable(a *cArray) error {
	if err := l.check(a); err != nil {
		return err
	}
	if l.nullCount(a) > 0 {
		return invalid("a record batch has null rows; give the columns nulls instead")
	}
	return nil
}

// check says whether an array is what its layout says, and safe to read as far
// as the pointers in it point to what they should.
func (l *layout) check(a *cArray) error {
	if err := l.checkCounts(a); err != nil {
		return at(err, l.name)
	}
	if err := l.checkContents(a); err != nil {
		return at(err, l.name)
	}
	children := values[uintptr](a.child, a.children)
	for i, child := range l.children {
		c := (*cArray)(pointer(children[i]))
		if err := child.check(c); err != nil {
			return at(err, l.name)
		}
		if err := l.checkChildLength(a, c, child.name); err != nil {
			return at(err, l.name)
		}
	}
	return nil
}

// checkCounts looks at the struct alone: after it, lengths, buffers and children can be followed.
func (l *layout) checkCounts(a *cArray) error {
	if a.length < 0 || a.offset < 0 || a.length > maxRows || a.offset > maxRows {
		return invalid("an Arrow array has length %d and offset %d; both must be 0 to %d", a.length, a.offset, int64(maxRows))
	}
	if a.nulls < -1 || a.nulls > a.length {
		return invalid("an Arrow array of length %d says that it has %d nulls", a.length, a.nulls)
	}
	if err := l.checkBufferCount(a); err != nil {
		return err
	}
	if a.children != int64(len(l.children)) {
		return invalid("an Arrow array has %d children where its schema has %d", a.children, len(l.children))
	}
	children, err := pointers("children of an Arrow array", a.child, a.children, maxNodes)
	if err != nil {
		return err
	}
	for i, p := range children {
		if !isAddress(p) {
			return invalid("child %d of an Arrow array is null", i)
		}
	}
	if (l.dictionary != nil) != isAddress(a.dictionary) {
		return invalid("the Arrow array and its schema do not agree on whether there is a dictionary")
	}
	return nil
}

func (l *layout) checkBufferCount(a *cArray) error {
	buffers, err := pointers("buffers of an Arrow array", a.buffer, a.buffers, maxBuffers)
	if err != nil {
		return err
	}
	want := int64(l.shape.buffers())
	switch {
	case l.shape == nullShape: // old producers give one, which means nothing
		return nil
	case l.shape == viewShape && a.buffers < want, l.shape != viewShape && a.buffers != want:
		return invalid("an Arrow array of %s has %d buffers; it needs %d", l.dataType, a.buffers, want)
	}
	if a.nulls > 0 && !isAddress(buffers[0]) {
		return invalid("an Arrow array says that it has %d nulls, but its validity buffer is null", a.nulls)
	}
	return nil
}

// buffers is the number of buffers of a shape; views may have more.
func (s shape) buffers() int {
	switch s {
	case nullShape:
		return 0
	case structShape, fixedList:
		return 1
	case fixedShape, list32, list64:
		return 2
	}
	return 3
}

// checkContents checks what the array itself holds.
func (l *layout) checkContents(a *cArray) error {
	buffers := values[uintptr](a.buffer, a.buffers)
	n := a.length + a.offset
	switch l.shape {
	case fixedShape:
		if l.bits > 0 && n > maxBytes/l.bits {
			return invalid("an Arrow array of %s has length %d, which no memory holds", l.dataType, n)
		}
		if l.bits > 0 && n > 0 && !isAddress(buffers[1]) {
			return invalid("the values of an Arrow array of %s are null, but it has %d rows", l.dataType, n)
		}
		if l.dictionary != nil {
			return l.checkDictionary(a, buffers[1])
		}
	case offset32:
		end, err := checkOffsets[int32](a, buffers[1])
		if err == nil && end > 0 && !isAddress(buffers[2]) {
			err = invalid("the bytes of an Arrow array of %s are null, but its offsets run to %d", l.dataType, end)
		}
		return err
	case offset64:
		end, err := checkOffsets[int64](a, buffers[1])
		if err == nil && end > 0 && !isAddress(buffers[2]) {
			err = invalid("the bytes of an Arrow array of %s are null, but its offsets run to %d", l.dataType, end)
		}
		return err
	case list32:
		_, err := checkOffsets[int32](a, buffers[1])
		return err
	case list64:
		_, err := checkOffsets[int64](a, buffers[1])
		return err
	case viewShape:
		return checkViews(a, buffers)
	}
	return nil
}

// checkOffsets checks that offsets grow from 0 or more, and returns the last.
func checkOffsets[T int32 | int64](a *cArray, p uintptr) (end int64, err error) {
	if a.length == 0 {
		return 0, nil
	}
	if !isAddress(p) {
		return 0, invalid("the offsets of an Arrow array of length %d are null", a.length)
	}
	offsets := values[T](p, a.offset+a.length+1)[a.offset:]
	previous := offsets[0]
	if previous < 0 {
		return 0, invalid("the first offset of an Arrow array is negative (%d)", previous)
	}
	for i, offset := range offsets {
		if offset < previous {
			return 0, invalid("the offsets of an Arrow array shrink from %d to %d at position %d", previous, offset, i)
		}
		previous = offset
	}
	if int64(previous) > maxBytes {
		return 0, invalid("the offsets of an Arrow array run to %d, which no memory holds", int64(previous))
	}
	return int64(previous), nil
}

// checkChildLength checks that a child is long enough for its parent.
func (l *layout) checkChildLength(a, child *cArray, name string) error {
	var need int64
	switch l.shape {
	case structShape:
		need = a.offset + a.length
	case fixedList:
		if n := a.offset + a.length; l.size > 0 && n > maxRows/l.size {
			return invalid("an Arrow array of %s has length %d, which no memory holds", l.dataType, n)
		}
		need = (a.offset + a.length) * l.size
	case list32, list64:
		if a.length == 0 {
			return nil
		}
		p := values[uintptr](a.buffer, a.buffers)[1]
		if l.shape == list32 {
			need = int64(values[int32](p, a.offset+a.length+1)[a.offset+a.length])
		} else {
			need = values[int64](p, a.offset+a.length+1)[a.offset+a.length]
		}
	}
	if child.length < need {
		return invalid("the child %q of an Arrow array has %d values; its parent needs %d", name, child.length, need)
	}
	return nil
}

// checkDictionary checks the values, and that every index that counts is one of a value.
func (l *layout) checkDictionary(a *cArray, indices uintptr) error {
	dictionary := (*cArray)(pointer(a.dictionary))
	if err := l.dictionary.check(dictionary); err != nil {
		return err
	}
	bad := func(row, index any) error {
		return invalid("the dictionary index %v at position %v is not one of its %d values", index, row, dictionary.length)
	}
	switch {
	case l.bits == 8 && l.isSigned():
		return checkIndices[int8](a, indices, dictionary.length, bad)
	case l.bits == 8:
		return checkIndices[uint8](a, indices, dictionary.length, bad)
	case l.bits == 16 && l.isSigned():
		return checkIndices[int16](a, indices, dictionary.length, bad)
	case l.bits == 16:
		return checkIndices[uint16](a, indices, dictionary.length, bad)
	case l.bits == 32 && l.isSigned():
		return checkIndices[int32](a, indices, dictionary.length, bad)
	case l.bits == 32:
		return checkIndices[uint32](a, indices, dictionary.length, bad)
	case l.isSigned():
		return checkIndices[int64](a, indices, dictionary.length, bad)
	}
	return checkIndices[uint64](a, indices, dictionary.length, bad)
}

func (l *layout) isSigned() bool {
	return arrow.IsSignedInteger(l.dataType.(*arrow.DictionaryType).IndexType.ID())
}

func checkIndices[T int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64](
	a *cArray, p uintptr, size int64, bad func(row, index any) error,
) error {
	valid := a.validity()
	for i, index := range values[T](p, a.offset+a.length) {
		if int64(i) < a.offset || (valid != nil && !bitutil.BitIsSet(valid, i)) {
			continue
		}
		if index < 0 || uint64(index) >= uint64(size) {
			return bad(int64(i)-a.offset, index)
		}
	}
	return nil
}

// validity is the validity bitmap from bit 0, nil where there is none.
func (a *cArray) validity() []byte {
	buffers := values[uintptr](a.buffer, a.buffers)
	if len(buffers) == 0 || !isAddress(buffers[0]) || a.length == 0 {
		return nil
	}
	return values[byte](buffers[0], bitutil.BytesForBits(a.offset+a.length))
}

// viewInline is the longest text or bytes, in bytes, that a view holds itself.
const viewInline = 12

type view struct {
	size          int32
	_             [4]byte // the first bytes again
	buffer, start int32   // where size > viewInline
}

// checkViews checks that every view that counts lies inside its buffer; views say how long theirs are.
func checkViews(a *cArray, buffers []uintptr) error {
	data, last := buffers[2:len(buffers)-1], buffers[len(buffers)-1]
	if len(data) > 0 && !isAddress(last) {
		return invalid("the buffer sizes of an Arrow array of views are null")
	}
	sizes := values[int64](last, int64(len(data)))
	for i, size := range sizes {
		if size < 0 || size > maxBytes || (size > 0 && !isAddress(data[i])) {
			return invalid("buffer %d of an Arrow array of views has size %d, or is null", i, size)
		}
	}
	if a.length == 0 {
		return nil
	}
	if !isAddress(buffers[1]) {
		return invalid("the views of an Arrow array of length %d are null", a.length)
	}
	valid := a.validity()
	for i, v := range values[view](buffers[1], a.offset+a.length) {
		if int64(i) < a.offset || (valid != nil && !bitutil.BitIsSet(valid, i)) || (v.size >= 0 && v.size <= viewInline) {
			continue
		}
		if v.size < 0 || v.buffer < 0 || int(v.buffer) >= len(sizes) || v.start < 0 ||
			int64(v.start)+int64(v.size) > sizes[v.buffer] {
			return invalid("the view at position %d of an Arrow array does not lie inside its buffers", int64(i)-a.offset)
		}
	}
	return nil
}
