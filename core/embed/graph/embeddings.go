package graph

import "github.com/innerspace/innerspace/core/embed/onnxproto"

// embedTokens looks tokens up and adds the embedding of their positions, counted from first.
// The table of positions is [first + positions, width].
func (b *builder) embedTokens(ids edge, table, positionTable string, vocabulary, positions, first, width int) tokens {
	looked := b.node("Gather", []edge{b.weight(table, vocabulary, width), ids}, onnxproto.Set("axis", 0))
	from, to := b.integers(first), b.node("Add", []edge{b.integers(first), b.length(ids)})
	position := b.node("Slice", []edge{b.weight(positionTable, first+positions, width), from, to, b.integers(0)})
	x := b.add(looked, position)
	return tokens{flat: b.reshape(x, -1, width), shape: b.node("Shape", []edge{x})}
}

// length is how many tokens the texts have, int64 [1].
func (b *builder) length(ids edge) edge {
	return b.node("Shape", []edge{ids}, onnxproto.Set("start", 1), onnxproto.Set("end", 2))
}

// batch is how many texts or pictures there are, int64 [1].
func (b *builder) batch(x edge) edge {
	return b.node("Shape", []edge{x}, onnxproto.Set("start", 0), onnxproto.Set("end", 1))
}

// endPosition is where a text is read, int64 [batch]: at the first end token or, where end is negative, at the highest id.
func (b *builder) endPosition(ids edge, end int) edge {
	found := ids
	if end >= 0 {
		found = b.node("Equal", []edge{ids, b.integer(end)})
	}
	// ArgMax takes the first of several; of int64 ONNX Runtime has none for the CPU.
	found = b.node("Cast", []edge{found}, onnxproto.Set("to", onnxproto.Int32))
	return b.node("ArgMax", []edge{found}, onnxproto.Set("axis", 1), onnxproto.Set("keepdims", 0))
}

// scalarOf makes a scalar of an int64 [1].
func (b *builder) scalarOf(x edge) edge {
	return b.node("Squeeze", []edge{x, b.integers(0)})
}

// count is 0, 1, … up to one less than n, an int64 [1].
func (b *builder) count(n edge) edge {
	return b.node("Range", []edge{b.integer(0), b.scalarOf(n), b.integer(1)})
}

// pickAt takes of each text the token at position, int64 [batch].
func (b *builder) pickAt(ids, position edge) picker {
	start := b.node("Mul", []edge{b.count(b.batch(ids)), b.length(ids)})
	row := b.add(start, position)
	return func(flat edge) edge {
		return b.node("Gather", []edge{flat, row}, onnxproto.Set("axis", 0))
	}
}

// pickSame takes the token at the same position, which may count from the end (-1), of every sequence.
func (b *builder) pickSame(shape edge, position int) picker {
	return func(flat edge) edge {
		return b.gather(b.node("Reshape", []edge{flat, shape}), position, 1)
	}
}

// hidden is what is added to the score of a token that must not be seen.
const hidden = -1e30

// upTo lets the token at position, int64 [batch], see those up to itself: float32 [batch, 1, 1, tokens].
func (b *builder) upTo(ids, position edge) edge {
	behind := b.node("Greater", []edge{b.count(b.length(ids)), b.node("Unsqueeze", []edge{position, b.integers(1, 2, 3)})})
	return b.node("Where", []edge{behind, b.scalar(hidden), b.scalar(0)})
}
