// Package embed turns texts and images into vectors. Model is what a loaded
// model can do; Embedder adds what every model needs around it: decoding in
// parallel with inference, batching, the content cache, per-item outcomes.
// It knows nothing of schemas, spaces or stores.
package embed

import (
	"context"

	"github.com/innerspace/innerspace/core/imaging"
)

// Info describes a loaded model.
type Info struct {
	Name        string // "embedded", or the directory or name that was asked for
	Fingerprint string // sha256 (hex) over the files that decide its output
	Dimension   int    // length of every vector
	MaxTokens   int    // longest text in tokens, markers included
	Format      string // how its directory is laid out, in the words of core/embed/layout
	Device      Device // what it runs on: CPU or CUDA
	Fallback    string // why that is the processor where Auto was asked for; else ""
	// Calibration makes readable scores of cosines; nil where the model has none. It changes no vector.
	Calibration *Calibration
}

// Text is the outcome for one text.
type Text struct {
	Vector    []float32 // raw model output, not normalised by us
	Tokens    int       // tokens of the whole text, markers included
	Truncated bool      // Tokens > MaxTokens: only the beginning was embedded
}

// Model is a two-tower model: texts and images to vectors of one space.
// Implementations are safe for concurrent use.
type Model interface {
	Info() Info
	// Preprocessing is what Images expects of its tensors; zero where the model embeds texts only.
	Preprocessing() imaging.Preprocessing
	// Texts embeds texts, one outcome each, in order. A vector does not depend on its batch mates.
	Texts(ctx context.Context, texts []string) ([]Text, error)
	// Images embeds n preprocessed pictures: tensor is float32 [n, 3, Height, Width]. It returns [n][Dimension],
	// each vector in memory of its own, and does not keep tensor.
	Images(ctx context.Context, tensor []float32, n int) ([][]float32, error)
	Close() error
}
