package onnx

import (
	"context"
	"sort"
	"strings"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
)

// Caps of one run: texts, and tokens over all of them. Beyond these a run gets slower per
// text, not faster, and its memory grows with the square of the length.
const (
	maxTextsPerRun  = 32
	maxTokensPerRun = 1024
)

// texts embeds texts, spread over the lanes. Only texts of one length in tokens share a run,
// so nothing is padded: no work on padding, and no vector that depends on its batch mates.
func (m *model) texts(ctx context.Context, texts []string) ([]embed.Text, error) {
	encodings := make([]tokenize.Encoding, len(texts))
	outcomes := make([]embed.Text, len(texts))
	order := make([]int, len(texts))
	for i, text := range texts {
		e := m.tokenizer.Encode(text)
		encodings[i], order[i] = e, i
		outcomes[i] = embed.Text{Tokens: e.Tokens, Truncated: e.Truncated}
	}
	sort.SliceStable(order, func(a, b int) bool { return len(encodings[order[a]].IDs) < len(encodings[order[b]].IDs) })
	runs := m.plan(order, encodings)

	err := m.lanes.forEach(ctx, len(runs), func(ctx context.Context, r int) error {
		batch := make([]tokenize.Encoding, len(runs[r]))
		for i, text := range runs[r] {
			batch[i] = encodings[text]
		}
		data, dimension, err := m.runTexts(ctx, batch, company(len(runs) > 1))
		if err != nil {
			return err
		}
		vectors := make([][]float32, len(batch))
		copyRows(vectors, data, int(dimension))
		for i, text := range runs[r] {
			outcomes[text].Vector = vectors[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// plan cuts texts that are sorted by length into runs.
func (m *model) plan(order []int, encodings []tokenize.Encoding) [][]int {
	var runs [][]int
	for first := 0; first < len(order); {
		length := len(encodings[order[first]].IDs)
		same := first
		if fixed := m.textTower.length; fixed != anyLength {
			length, same = int(fixed), len(order)
		}
		for same < len(order) && len(encodings[order[same]].IDs) == length {
			same++
		}
		most := max(1, min(m.textsPerRun, maxTokensPerRun/length))
		// Few texts of one length are still shared out among the lanes.
		most = max(1, min(most, (same-first+cap(m.lanes)-1)/cap(m.lanes)))
		for ; first < same; first += most {
			runs = append(runs, order[first:min(first+most, same)])
		}
		first = same
	}
	return runs
}

// runTexts is one run on encodings of one length, or of any where the tower has one. Then padding follows the
// end token: a causal tower does not look there, another has its mask or was trained with it.
// Where the graph fixes the batch, the first text is repeated.
func (m *model) runTexts(ctx context.Context, batch []tokenize.Encoding, company company) ([]float32, int64, error) {
	rows, length := len(batch), len(batch[0].IDs)
	if fixed := m.textTower.batch; fixed != anyLength {
		rows = max(rows, int(fixed))
	}
	if fixed := m.textTower.length; fixed != anyLength {
		length = int(fixed)
	}
	columns := map[textRole][]int64{}
	for _, in := range m.textTower.inputs {
		columns[in.role] = make([]int64, rows*length)
	}
	for row := range rows {
		encoding := batch[0]
		if row < len(batch) {
			encoding = batch[row]
		}
		m.textTower.fillRow(columns, row*length, length, encoding.IDs, m.tokenizer.PadID())
	}
	var inputs values
	defer inputs.destroy()
	for _, in := range m.textTower.inputs {
		if err := addTokens(&inputs, in, columns[in.role], int64(rows), int64(length)); err != nil {
			return nil, 0, err
		}
	}
	data, dimension, err := m.text.run(ctx, &inputs, int64(rows), m.textTower.dimension, company)
	if err != nil && m.textTower.vocabulary == 0 && strings.Contains(err.Error(), "out of data bounds") {
		return nil, 0, errs.Wrap(err, errs.InvalidInput, "%v: it may not know a token id of the text; does the tokenizer.json belong to another model?", err)
	}
	return data, dimension, err
}

// fillRow writes one text; a tower that reads its padding attends to all of it.
func (t textTower) fillRow(columns map[textRole][]int64, from, length int, ids []int64, padID int64) {
	row := columns[tokenIDs][from : from+length]
	for i := range row[copy(row, ids):] {
		row[len(ids)+i] = padID
	}
	if mask := columns[attentionMask]; mask != nil {
		seen := len(ids)
		if t.readsPadding {
			seen = length
		}
		for i := range seen {
			mask[from+i] = 1
		}
	}
}

func addTokens(to *values, in textInput, data []int64, shape ...int64) error {
	if in.wide {
		return add(to, data, shape...)
	}
	narrow := make([]int32, len(data))
	for i, id := range data {
		narrow[i] = int32(id)
	}
	return add(to, narrow, shape...)
}
