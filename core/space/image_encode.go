package space

import (
	"context"
	"slices"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/vector"
)

// gathered are the values of one kind in a batch, and the rows that they came from.
type gathered[T any] struct {
	rows   []int
	values []T
}

func gatherTexts(rows Rows, field string) (found gathered[string]) {
	if field == "" {
		return found
	}
	for row := range rows.Len() {
		// An empty description counts as none, as in the reference.
		if text, ok := rows.Text(row, field); ok && text != "" {
			found.rows, found.values = append(found.rows, row), append(found.values, text)
		}
	}
	return found
}

func gatherImages(rows Rows, field string) (found gathered[blob.Content]) {
	if field == "" {
		return found
	}
	for row := range rows.Len() {
		if image, ok := rows.Image(row, field); ok {
			found.rows, found.values = append(found.rows, row), append(found.values, image)
		}
	}
	return found
}

func (s *imageSpace) Encode(ctx context.Context, schema string, rows Rows, progress func(items int)) (*Encoding, error) {
	fields, dimension := s.fields[schema], s.Dimension()
	sums := make([]float32, rows.Len()*dimension) // one allocation for the whole batch
	result := &Encoding{Vectors: make([]vector.Vector, rows.Len())}
	texts := gatherTexts(rows, fields.description)
	outcomes, err := s.embedTexts(ctx, texts.values, progress)
	if err != nil {
		return nil, err
	}
	s.add(result, sums, fields.description, texts.rows, outcomes)
	images := gatherImages(rows, fields.image)
	outcomes, err = s.embedImages(ctx, images.values, progress)
	if err != nil {
		return nil, err
	}
	s.add(result, sums, fields.image, images.rows, outcomes)
	for row := range result.Vectors {
		values := sums[row*dimension : (row+1)*dimension : (row+1)*dimension]
		vector.Normalize(values)
		result.Vectors[row] = vector.Plain(values)
	}
	return result, nil
}

// add adds raw outputs to the sums of their rows, and takes note of what failed or was cut.
func (s *imageSpace) add(result *Encoding, sums []float32, field string, rows []int, outcomes []embed.Outcome) {
	info := s.info
	for i, outcome := range outcomes {
		row := rows[i]
		if outcome.Err != nil {
			result.Failures = append(result.Failures, Failure{Row: row, Field: field, Err: outcome.Err})
			continue
		}
		if outcome.Truncated {
			result.Truncated = append(result.Truncated, Truncation{Row: row, Field: field, Tokens: outcome.Tokens, Limit: info.MaxTokens})
		}
		sum := sums[row*info.Dimension : (row+1)*info.Dimension]
		for j, value := range outcome.Vector {
			sum[j] += value
		}
	}
}

// embedInputs embeds the inputs of a query, all texts in one call and all images in another.
func (s *imageSpace) embedInputs(ctx context.Context, inputs []Input) ([]embed.Outcome, error) {
	var texts gathered[string]
	var images gathered[blob.Content]
	for i, input := range inputs {
		switch {
		case input.Stored != nil:
		case input.Target == imageTarget:
			images.rows, images.values = append(images.rows, i), append(images.values, input.Image)
		default:
			texts.rows, texts.values = append(texts.rows, i), append(texts.values, input.Text)
		}
	}
	ofTexts, err := s.embedTexts(ctx, texts.values, nil)
	if err != nil {
		return nil, err
	}
	ofImages, err := s.embedImages(ctx, images.values, nil)
	if err != nil {
		return nil, err
	}
	outcomes := make([]embed.Outcome, len(inputs))
	for i, outcome := range slices.Concat(ofTexts, ofImages) {
		input := slices.Concat(texts.rows, images.rows)[i]
		if outcome.Err != nil {
			return nil, &InputError{Input: input, Err: outcome.Err}
		}
		outcomes[input] = outcome
	}
	return outcomes, nil
}
