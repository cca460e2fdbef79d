package engine

import (
	"context"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// EmbedInput is what to embed: texts or images.
type EmbedInput struct {
	Texts  []string
	Images []blob.Value
}

// Embed embeds texts or images with the model of a space and stores nothing. There is one outcome an input, in
// order, with the raw output of the model; an input that cannot be used has its Err set. The vectors must not be
// changed. An unknown space is NotFound, texts and images at once are InvalidInput, a space without a model is Unsupported.
func (e *Engine) Embed(ctx context.Context, space string, input EmbedInput, progress Progress) ([]embed.Outcome, error) {
	if err := e.calls.enter(); err != nil {
		return nil, err
	}
	defer e.calls.leave()
	embedder, err := e.embedderOf(space)
	if err != nil {
		return nil, err
	}
	if len(input.Texts) > 0 && len(input.Images) > 0 {
		return nil, errs.New(errs.InvalidInput, "give texts or images, not both in one call")
	}
	count := len(input.Texts) + len(input.Images)
	meter := newMeter(progress, count)
	meter.begin(count, count)
	var outcomes []embed.Outcome
	if len(input.Images) > 0 {
		outcomes, err = e.embedImages(ctx, embedder, input.Images, meter.step)
	} else {
		outcomes, err = embedder.Texts(ctx, input.Texts, meter.step)
	}
	if err != nil {
		return nil, errs.From(err)
	}
	meter.end()
	return outcomes, nil
}

func (e *Engine) embedderOf(space string) (*embed.Embedder, error) {
	names := make([]string, len(e.spaces))
	for i, s := range e.spaces {
		names[i] = s.Name()
		if s.Name() != space {
			continue
		}
		reference, ok := s.Model()
		if !ok {
			return nil, errs.New(errs.Unsupported, "the space %s has no model to embed with", space)
		}
		return e.embedders[reference], nil
	}
	return nil, errs.New(errs.NotFound, "there is no space %q; the engine has %s", space, quoted(names))
}

func (e *Engine) embedImages(ctx context.Context, embedder *embed.Embedder, values []blob.Value, step func(int)) ([]embed.Outcome, error) {
	outcomes := make([]embed.Outcome, len(values))
	var contents []blob.Content
	var positions []int
	for i, value := range values {
		content, err := e.resolver.Resolve(ctx, value)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			outcomes[i].Err = err
			step(1)
		default:
			contents, positions = append(contents, content), append(positions, i)
		}
	}
	embedded, err := embedder.Images(ctx, contents, step)
	if err != nil {
		return nil, err
	}
	for i, outcome := range embedded {
		outcomes[positions[i]] = outcome
	}
	return outcomes, nil
}
