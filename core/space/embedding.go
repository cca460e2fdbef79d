package space

import (
	"context"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// embedding is what spaces with a model have in common.
type embedding struct {
	embedder Embedder
	info     embed.Info
}

func (e *embedding) embedTexts(ctx context.Context, texts []string, progress func(int)) ([]embed.Outcome, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	outcomes, err := e.embedder.Texts(ctx, texts, progress)
	return e.checked(outcomes, len(texts), err)
}

func (e *embedding) embedImages(ctx context.Context, images []blob.Content, progress func(int)) ([]embed.Outcome, error) {
	if len(images) == 0 {
		return nil, nil
	}
	outcomes, err := e.embedder.Images(ctx, images, progress)
	return e.checked(outcomes, len(images), err)
}

// checked refuses what a model that keeps its word never gives, before a sum goes out of bounds.
func (e *embedding) checked(outcomes []embed.Outcome, wanted int, err error) ([]embed.Outcome, error) {
	if err != nil {
		return nil, err
	}
	if len(outcomes) != wanted {
		return nil, errs.New(errs.Internal, "the model %s gave %d outputs for %d inputs", e.info.Name, len(outcomes), wanted)
	}
	for _, outcome := range outcomes {
		if outcome.Err == nil && len(outcome.Vector) != e.info.Dimension {
			return nil, errs.New(errs.Internal, "the model %s gave a vector of length %d; its dimension is %d",
				e.info.Name, len(outcome.Vector), e.info.Dimension)
		}
	}
	return outcomes, nil
}

// sum makes a query vector of inputs, each of which was embedded or is a stored vector.
func (e *embedding) sum(inputs []Input, outcomes []embed.Outcome) (*QueryVector, error) {
	terms := make([]vector.Weighted, len(inputs))
	var truncated []InputTruncation
	for i, outcome := range outcomes {
		terms[i].Weight = inputs[i].Weight
		if stored := inputs[i].Stored; stored != nil {
			terms[i].Vector = *stored
			continue
		}
		vector.Normalize(outcome.Vector)
		terms[i].Vector = vector.Plain(outcome.Vector)
		if outcome.Truncated {
			truncated = append(truncated, InputTruncation{Input: i, Tokens: outcome.Tokens, Limit: e.info.MaxTokens})
		}
	}
	result, err := sumOfUnits(e.info.Dimension, terms)
	if err != nil {
		return nil, err
	}
	result.Truncated = truncated
	return result, nil
}
