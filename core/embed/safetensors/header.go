package safetensors

import (
	"bytes"
	"encoding/json"
	"math"
	"sort"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// metadata is the one member of a header that is not a tensor.
const metadata = "__metadata__"

type entry struct {
	Type    Type    `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"` // first byte and the one after the last, from the header's end
}

// parseHeader reads a header behind which the file goes on from start to end.
// The format has no holes: the tensors cover the file, each byte once.
func parseHeader(header []byte, start, end int64) ([]Tensor, error) {
	tensors, err := decodeHeader(header)
	if err != nil {
		return nil, err
	}
	order := make([]*Tensor, len(tensors))
	for i := range tensors {
		order[i] = &tensors[i]
	}
	sort.SliceStable(order, func(a, b int) bool {
		if order[a].Offset != order[b].Offset {
			return order[a].Offset < order[b].Offset
		}
		return order[a].Bytes < order[b].Bytes // an empty tensor stands before the one it shares its offset with
	})
	var position int64
	for _, t := range order {
		switch {
		case t.Offset < position:
			return nil, errs.New(errs.InvalidInput, "its tensor %q starts at byte %d, inside the tensor before it, which ends at %d", t.Name, t.Offset, position)
		case t.Offset > position:
			return nil, errs.New(errs.InvalidInput, "no tensor has the bytes %d to %d", position, t.Offset)
		case t.Bytes > end-start-position:
			return nil, errs.New(errs.InvalidInput, "its tensor %q ends at byte %d, but there are only %d: the file was cut off", t.Name, t.Offset+t.Bytes, end-start)
		}
		position += t.Bytes
		t.Offset += start
	}
	if start+position != end {
		return nil, errs.New(errs.InvalidInput, "%d bytes behind the last tensor belong to none", end-start-position)
	}
	return tensors, nil
}

// decodeHeader reads the JSON; offsets stay relative to the header's end.
func decodeHeader(header []byte) ([]Tensor, error) {
	malformed := func(err error) error {
		return errs.Wrap(err, errs.InvalidInput, "its header is not that of a safetensors file: %v", err)
	}
	if !utf8.Valid(header) {
		return nil, errs.New(errs.InvalidInput, "its header is not that of a safetensors file: it is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(header))
	decoder.DisallowUnknownFields()
	if token, err := decoder.Token(); err != nil {
		return nil, malformed(err)
	} else if token != json.Delim('{') {
		return nil, errs.New(errs.InvalidInput, "its header is not that of a safetensors file: it does not start with {")
	}
	var tensors []Tensor
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, malformed(err)
		}
		name, _ := token.(string) // the decoder gives nothing else for a member's name
		switch {
		case len(name) > maxNameBytes:
			return nil, errs.New(errs.LimitExceeded, "the name of a tensor has %d bytes; at most %d are read", len(name), maxNameBytes)
		case seen[name]:
			return nil, errs.New(errs.InvalidInput, "its header has %q twice", name)
		case len(seen) > MaxTensors:
			return nil, errs.New(errs.LimitExceeded, "it holds more than %d tensors", MaxTensors)
		}
		seen[name] = true
		if name == metadata {
			var ignored map[string]string
			if err := decoder.Decode(&ignored); err != nil {
				return nil, malformed(err)
			}
			continue
		}
		var e entry
		if err := decoder.Decode(&e); err != nil {
			return nil, malformed(err)
		}
		t, err := e.tensor(name)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, t)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, malformed(err)
	}
	if rest := bytes.TrimRight(header[decoder.InputOffset():], " "); len(rest) > 0 {
		return nil, errs.New(errs.InvalidInput, "its header goes on behind its end")
	}
	return tensors, nil
}

// tensor checks an entry against itself.
func (e entry) tensor(name string) (Tensor, error) {
	size, known := sizes[e.Type]
	switch {
	case !known:
		return Tensor{}, errs.New(errs.Unsupported, "its tensor %q has the type %.20q, which is not known", name, string(e.Type))
	case len(e.Shape) > maxRank:
		return Tensor{}, errs.New(errs.LimitExceeded, "its tensor %q has %d dimensions; at most %d are read", name, len(e.Shape), maxRank)
	case len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0]:
		return Tensor{}, errs.New(errs.InvalidInput, "its tensor %q has the offsets %v; they have to be where it starts and where it ends", name, e.Offsets[:min(len(e.Offsets), 3)])
	}
	bytes := size
	for _, n := range e.Shape {
		if n < 0 || n > 0 && bytes > math.MaxInt64/n {
			return Tensor{}, errs.New(errs.InvalidInput, "its tensor %q has the shape %v, which is impossible", name, e.Shape)
		}
		bytes *= n
	}
	if bytes != e.Offsets[1]-e.Offsets[0] {
		return Tensor{}, errs.New(errs.InvalidInput, "its tensor %q of the type %s and the shape %v takes %d bytes, but its offsets say %d",
			name, e.Type, e.Shape, bytes, e.Offsets[1]-e.Offsets[0])
	}
	return Tensor{Name: name, Type: e.Type, Shape: e.Shape, Offset: e.Offsets[0], Bytes: bytes}, nil
}
