// Command parity embeds texts and picture files with a model directory, for parity.py to compare
// with the library that the model comes from.
//
//	parity < request.json > vectors.json
//
// The request is {"model": directory, "texts": [text, …], "images": [path, …]}, the answer
// {"texts": [vector, …], "images": [vector, …]}. INNERSPACE_ORT_LIBRARY names the ONNX Runtime library.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/onnx"
)

type request struct {
	Model  string   `json:"model"`
	Texts  []string `json:"texts"`
	Images []string `json:"images"`
}

type answer struct {
	Texts  [][]float32 `json:"texts"`
	Images [][]float32 `json:"images"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(1)
	}
}

func run(input io.Reader, output io.Writer) error {
	var r request
	if err := json.NewDecoder(input).Decode(&r); err != nil {
		return err
	}
	ctx := context.Background()
	model, err := onnx.Load(ctx, r.Model, onnx.Options{})
	if err != nil {
		return err
	}
	defer model.Close()
	embedder := embed.NewEmbedder(model, embed.Options{})
	var a answer
	outcomes, err := embedder.Texts(ctx, r.Texts, nil)
	if err != nil {
		return err
	}
	if a.Texts, err = vectors(outcomes); err != nil {
		return err
	}
	if len(r.Images) > 0 {
		contents := make([]blob.Content, len(r.Images))
		for i, path := range r.Images {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			contents[i] = blob.Content{Encoded: data, Origin: path}
		}
		if outcomes, err = embedder.Images(ctx, contents, nil); err != nil {
			return err
		}
		if a.Images, err = vectors(outcomes); err != nil {
			return err
		}
	}
	return json.NewEncoder(output).Encode(a)
}

func vectors(outcomes []embed.Outcome) ([][]float32, error) {
	all := make([][]float32, len(outcomes))
	for i, outcome := range outcomes {
		if outcome.Err != nil {
			return nil, outcome.Err
		}
		all[i] = outcome.Vector
	}
	return all, nil
}
