package engine

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/errs"
)

// loadONNX is the ModelLoader of an engine that is given none.
func loadONNX(ctx context.Context, reference ModelReference, options Options) (embed.Model, error) {
	return onnx.Load(ctx, reference.Path, onnx.Options{
		Library: options.ONNXRuntimeLibrary, Threads: options.Threads, Name: reference.Name,
		TextDir: reference.TextPath, Precision: reference.Precision, Device: options.Device,
	})
}

// loadModels loads each distinct model of the spaces once, all at the same time. Where one fails the
// others are closed again, and the error has the path of the first space that names it.
func loadModels(ctx context.Context, d *definition, load ModelLoader) (map[ModelReference]embed.Model, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	paths := map[ModelReference]string{}
	var references []ModelReference
	for i, s := range d.spaces {
		reference, ok := s.Model()
		if _, known := paths[reference]; ok && !known {
			paths[reference] = itemPath("$.spaces", i) + ".model"
			references = append(references, reference)
		}
	}
	models := make([]embed.Model, len(references))
	failures := make([]error, len(references))
	var group sync.WaitGroup
	for i, reference := range references {
		group.Go(func() {
			failures[i] = errs.Contain("loading the model", func() (err error) {
				models[i], err = load(ctx, reference, d.options)
				return err
			})
			if failures[i] == nil && models[i] == nil {
				failures[i] = errs.New(errs.Internal, "the loader gave no model for %q", reference.Name)
			}
			if failures[i] != nil {
				failures[i] = errs.From(failures[i]).At(paths[reference])
				cancel()
			}
		})
	}
	group.Wait()
	loaded := make(map[ModelReference]embed.Model, len(references))
	for i, model := range models {
		if failures[i] == nil {
			loaded[references[i]] = model
		}
	}
	if failure := firstFailure(failures); failure != nil {
		_ = closeModels(loaded) // the reason for closing matters more than how it went
		return nil, failure
	}
	return loaded, nil
}

// firstFailure prefers a failure with a reason of its own to one that another failure's cancellation caused.
func firstFailure(failures []error) (first error) {
	for _, failure := range failures {
		if failure == nil {
			continue
		}
		if errs.StatusOf(failure) != errs.Cancelled {
			return failure
		}
		if first == nil {
			first = failure
		}
	}
	return first
}

func closeModels(models map[ModelReference]embed.Model) error {
	var first error
	for _, model := range models {
		if err := model.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
