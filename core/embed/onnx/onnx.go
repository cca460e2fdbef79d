// Package onnx runs a model directory (core/embed/layout) on ONNX Runtime. It is
// the only package that knows ONNX Runtime: it loads the library once per process,
// decides from the graphs how they are called, and shares the loaded
// sessions between everyone who names the same directory.
package onnx

import (
	"context"
	"os"
	"sync"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// Options say how a model is run.
type Options struct {
	Library string // path of libonnxruntime; "" takes the environment variable INNERSPACE_ORT_LIBRARY
	Threads int    // cores to use; 0 means those that the process may use (affinity and cgroup)
	Name    string // Info().Name; "" takes what the directory calls itself
	// TextDir is the directory of the text half, where that is another one than dir; else "".
	TextDir string
	// Precision chooses among the graphs of a directory; "" is embed.FP32. Where embed.INT8 is asked for and the directory has
	// no such graphs, they are made from the float32 ones and kept in the user's cache (core/embed/modelcache).
	Precision embed.Precision
	// Device is what the model runs on; "" is embed.CPU. Under embed.Auto Info tells why it is not the GPU.
	Device embed.Device
}

// Load loads the model in dir, or joins whoever has loaded it already.
//
// Besides what layout.Read and tokenize.Load refuse it returns NotFound without an ONNX
// Runtime library, InvalidState where the process runs another one already,
// InvalidInput for a graph that ONNX Runtime cannot load or towers that do not belong
// together, Unsupported for a graph that cannot be called as a tower or needs operators from elsewhere, and where embed.CUDA is
// asked for and cannot be had, Forbidden for external data outside the graph's directory, Cancelled when ctx ends.
func Load(ctx context.Context, dir string, options Options) (embed.Model, error) {
	if options.Threads < 0 || options.Threads > 1024 {
		return nil, errs.New(errs.InvalidInput, "threads is %d; it has to be between 0 (all cores) and 1024", options.Threads)
	}
	threads := options.Threads
	if threads == 0 {
		threads = coreCount(os.DirFS("/"))
	}
	device, err := embed.ParseDevice(string(options.Device))
	if err != nil {
		return nil, err
	}
	l, err := layout.Read(dir, layout.Choice{TextDir: options.TextDir, Precision: options.Precision})
	if err != nil {
		return nil, err
	}
	if err := findWeights(l); err != nil {
		return nil, err
	}
	if err := initialise(options.Library); err != nil {
		return nil, err
	}
	shared, reason, err := loadOn(ctx, device, options.Precision,
		recipe{layout: l, threads: threads, quantise: options.Precision == embed.INT8 && l.Precision != embed.INT8})
	if err != nil {
		return nil, err
	}
	return &handle{shared: shared, name: options.Name, fallback: reason}, nil
}

// handle is one caller's hold on a shared model.
type handle struct {
	name     string
	fallback string // why the model is not on the GPU, under embed.Auto

	mu     sync.Mutex
	shared *sharedModel
	closed bool
}

var _ embed.Model = (*handle)(nil)

// Info implements embed.Model; it works on a closed model too.
func (h *handle) Info() embed.Info {
	info := h.shared.model.info(h.name)
	info.Device, info.Fallback = h.shared.identity.device, h.fallback
	return info
}

// Preprocessing implements embed.Model; it works on a closed model too.
func (h *handle) Preprocessing() imaging.Preprocessing { return h.shared.model.preprocessing }

// Texts implements embed.Model.
func (h *handle) Texts(ctx context.Context, texts []string) ([]embed.Text, error) {
	m, release, err := h.use()
	if err != nil {
		return nil, err
	}
	defer release()
	return m.texts(ctx, texts)
}

// Images implements embed.Model.
func (h *handle) Images(ctx context.Context, tensor []float32, n int) ([][]float32, error) {
	m, release, err := h.use()
	if err != nil {
		return nil, err
	}
	defer release()
	return m.images(ctx, tensor, n)
}

// Close gives the hold up. Calls that are under way finish; the last hold to go, theirs
// included, frees the sessions. Closing twice is not an error.
func (h *handle) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		models.release(h.shared)
	}
	return nil
}

// use holds the model for the length of one call.
func (h *handle) use() (*model, func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, errs.New(errs.InvalidState, "the model is closed")
	}
	models.retain(h.shared)
	return h.shared.model, func() { models.release(h.shared) }, nil
}
