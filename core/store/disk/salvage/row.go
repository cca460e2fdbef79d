package salvage

import (
	"encoding/binary"
	"math"
)

// maxPayload is far more than a row of a store can take.
const maxPayload = 1 << 30

// row reads the cell at a place of a page.
func (i *Image) row(content []byte, number uint32, at int, h *header) (Row, error) {
	if h.interior {
		at += 4
	}
	size, at := varint(content[:usable], at)
	most := (usable-12)*64/255 - 23
	var row Row
	if h.table {
		row.Number, at = varint(content[:usable], at)
		most = usable - 35
	}
	if size < 0 || size > min(maxPayload, int64(i.pages)*usable) || at > usable {
		row.Values = []any{Missing{}}
		return row, nil
	}
	local := int(size)
	if local > most {
		const least = (usable-12)*32/255 - 23
		if local = least + (int(size)-least)%(usable-4); local > most {
			local = least
		}
	}
	if at+local > usable || local < int(size) && at+local+4 > usable {
		row.Values = []any{Missing{}}
		return row, nil
	}
	payload := content[at : at+local]
	if local < int(size) {
		var err error
		payload, err = i.goOn(append(make([]byte, 0, min(int(size), 1<<20)), payload...), int(size), number, binary.BigEndian.Uint32(content[at+local:]))
		if err != nil {
			return row, err
		}
	}
	row.Values = valuesOf(payload)
	return row, nil
}

// goOn reads the rest of a payload from overflow pages, until one is not what it should be.
func (i *Image) goOn(payload []byte, size int, from, next uint32) ([]byte, error) {
	wanted := overflow
	for len(payload) < size {
		if next == 0 || next > i.pages || !i.known[next].whole {
			return payload, nil
		}
		if p := i.known[next]; p.use != unknown && (p.use != wanted || p.parent != from) {
			return payload, nil
		}
		content, _, err := i.read(next)
		if err != nil {
			return nil, err
		}
		payload = append(payload, content[4:min(usable, 4+size-len(payload))]...)
		from, next, wanted = next, binary.BigEndian.Uint32(content), moreOverflow
	}
	return payload, nil
}

// varint reads an integer of up to 9 bytes, and returns where it ends; beyond the content where that is too short.
func varint(content []byte, at int) (int64, int) {
	value := uint64(0)
	for n := range 9 {
		if at >= len(content) {
			return -1, math.MaxInt32
		}
		b := content[at]
		at++
		if n == 8 {
			return int64(value<<8 | uint64(b)), at
		}
		value = value<<7 | uint64(b&0x7f)
		if b < 0x80 {
			break
		}
	}
	return int64(value), at
}

// valuesOf reads a record, of which the end may be missing.
func valuesOf(payload []byte) (values []any) {
	end, at := varint(payload, 0)
	if end < 0 || end > int64(len(payload)) {
		return []any{Missing{}}
	}
	place := end
	for int64(at) < end {
		var kind int64
		kind, at = varint(payload[:end], at)
		size := sizeOf(kind)
		if size < 0 || place+size > int64(len(payload)) {
			values = append(values, Missing{})
			place = int64(len(payload)) // what comes later is missing too, unless it takes no room
			continue
		}
		values = append(values, valueOf(kind, payload[place:place+size]))
		place += size
	}
	return values
}

// sizeOf is how many bytes a value of a kind takes; -1 for a kind that is none.
func sizeOf(kind int64) int64 {
	switch {
	case kind >= 12:
		return (kind - 12) / 2
	case kind < 0 || kind > 9:
		return -1
	}
	return [...]int64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0}[kind]
}

func valueOf(kind int64, bytes []byte) any {
	switch {
	case kind == 0:
		return nil
	case kind == 7:
		return math.Float64frombits(binary.BigEndian.Uint64(bytes))
	case kind >= 12 && kind%2 == 0:
		return append([]byte{}, bytes...)
	case kind >= 12:
		return string(bytes)
	case kind >= 8:
		return kind - 8
	}
	value := int64(int8(bytes[0]))
	for _, b := range bytes[1:] {
		value = value<<8 | int64(b)
	}
	return value
}
