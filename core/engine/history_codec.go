package engine

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/effect"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/packed"
	"github.com/innerspace/innerspace/core/vector"
)

// storedHistory is a history as a store keeps it: by the names that vectors have there. What it has of an index is never written to.
type storedHistory map[string]*storedIndexHistory

type storedIndexHistory struct {
	own   map[int]vector.Vector // by position of the space in the index
	pasts map[int]effect.Past   // by place of the group among described.groupKeys; those without an event are left out
}

const historyFormat = 1

// appendHistory writes a history: a byte for the format, then for each index its name, own vectors and pasts. Numbers are
// varints; a vector is its length, a byte that says whether entries are protected, its float32s, and then the bits of those that are.
func appendHistory(into []byte, h storedHistory) []byte {
	into = binary.AppendUvarint(append(into, historyFormat), uint64(len(h)))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		into = packed.AppendText(into, name)
		into = binary.AppendUvarint(into, uint64(len(h[name].own)))
		for _, position := range slices.Sorted(maps.Keys(h[name].own)) {
			into = appendVector(binary.AppendUvarint(into, uint64(position)), h[name].own[position])
		}
		into = binary.AppendUvarint(into, uint64(len(h[name].pasts)))
		for _, place := range slices.Sorted(maps.Keys(h[name].pasts)) {
			past := h[name].pasts[place]
			into = binary.AppendUvarint(into, uint64(place))
			for _, n := range []int64{past.Count, past.Average, past.Oldest} {
				into = binary.AppendVarint(into, n)
			}
			into = appendVector(into, past.Vector)
		}
	}
	return into
}

func appendVector(into []byte, v vector.Vector) []byte {
	into = binary.AppendUvarint(into, uint64(len(v.Values)))
	if v.Protected == nil {
		into = append(into, 0)
	} else {
		into = append(into, 1)
	}
	for _, x := range v.Values {
		into = binary.LittleEndian.AppendUint32(into, math.Float32bits(x))
	}
	for i := 0; i < len(v.Protected); i += 8 {
		bits := byte(0)
		for j, protected := range v.Protected[i:min(i+8, len(v.Protected))] {
			if protected {
				bits |= 1 << j
			}
		}
		into = append(into, bits)
	}
	return into
}

// readHistory reads what appendHistory wrote; anything else is InvalidInput.
func readHistory(data []byte) (storedHistory, error) {
	r := historyReader{packed.NewReader(data)}
	if format := r.Byte(); r.Bad() || format != historyFormat {
		return nil, errs.New(errs.InvalidInput, "what a row keeps of its events is damaged, or was written by a later version")
	}
	h := storedHistory{}
	for range r.Count(3) {
		name := r.Text()
		read := &storedIndexHistory{own: map[int]vector.Vector{}, pasts: map[int]effect.Past{}}
		for range r.Count(3) {
			read.own[r.position()] = r.vector()
		}
		for range r.Count(6) {
			place := r.position()
			read.pasts[place] = effect.Past{Count: r.Signed(), Average: r.Signed(), Oldest: r.Signed(), Vector: r.vector()}
		}
		h[name] = read
	}
	if !r.Ended() {
		return nil, errs.New(errs.InvalidInput, "what a row keeps of its events is damaged (%d bytes)", len(data))
	}
	return h, nil
}

// historyReader reads the parts of a history.
type historyReader struct{ packed.Reader }

func (r *historyReader) position() int { return int(r.Unsigned(math.MaxInt32)) }

func (r *historyReader) vector() vector.Vector {
	count := r.Count(4)
	flag := r.Byte()
	values := r.Take(4 * count)
	if r.Bad() || flag > 1 {
		r.Fail()
		return vector.Vector{}
	}
	v := vector.Vector{}
	if count > 0 {
		v.Values = make([]float32, count)
	}
	for i := range v.Values {
		v.Values[i] = math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:]))
	}
	if flag == 0 {
		return v
	}
	bits := r.Take((count + 7) / 8)
	if r.Bad() {
		return vector.Vector{}
	}
	v.Protected = make([]bool, count)
	for i := range v.Protected {
		v.Protected[i] = bits[i/8]&(1<<(i%8)) != 0
	}
	return v
}
