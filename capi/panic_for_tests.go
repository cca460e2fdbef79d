//go:build innerspace_panic

package main

import (
	"context"
	"slices"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/engine"
)

// panicText is what a model must be asked to make it panic in this build, which capi/test uses to see that a
// panic stays where it happened.
const panicText = "panic, please"

type panickingModel struct{ embed.Model }

func (m panickingModel) Texts(ctx context.Context, texts []string) ([]embed.Text, error) {
	if slices.Contains(texts, panicText) {
		panic("asked to panic")
	}
	return m.Model.Texts(ctx, texts)
}

func init() {
	openOptions = append(openOptions, engine.WithModelLoader(
		func(ctx context.Context, reference engine.ModelReference, options engine.Options) (embed.Model, error) {
			model, err := onnx.Load(ctx, reference.Path, onnx.Options{
				Library: options.ONNXRuntimeLibrary, Threads: options.Threads, Name: reference.Name, Device: options.Device,
			})
			if err != nil {
				return nil, err
			}
			return panickingModel{model}, nil
		}))
}
