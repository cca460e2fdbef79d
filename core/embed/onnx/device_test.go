package onnx

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	ort "github.com/yalue/onnxruntime_go"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

// substituteCUDA puts add in the provider's place until the test ends, and counts its calls.
func substituteCUDA(t *testing.T, add func(*ort.SessionOptions) error) *atomic.Int64 {
	t.Helper()
	var calls atomic.Int64
	original := appendCUDA
	appendCUDA = func(options *ort.SessionOptions) error {
		calls.Add(1)
		return add(options)
	}
	t.Cleanup(func() { appendCUDA = original })
	return &calls
}

func noGPU(*ort.SessionOptions) error { return errors.New("no CUDA-capable device is detected") }

// onlyGPU is a provider that is there and runs none of the graph, where the processor may not step in.
func onlyGPU(options *ort.SessionOptions) error {
	return options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1")
}

func refusedOn(t *testing.T, options Options) error {
	t.Helper()
	options.Library = embedtest.Library(t)
	_, err := Load(context.Background(), embedtest.TinyCLIP(t), options)
	require.Error(t, err)
	assert.Zero(t, models.count(), "nothing is left loaded")
	return err
}

func TestAGPUIsUsedWhereItIsAskedFor(t *testing.T) {
	calls := substituteCUDA(t, func(*ort.SessionOptions) error { return nil })
	dir := embedtest.TinyCLIP(t)
	onCPU := mustLoad(t, dir, Options{})
	defer onCPU.Close()
	assert.Equal(t, embed.CPU, onCPU.Info().Device)
	assert.Zero(t, calls.Load(), "the processor is the default")

	onGPU := mustLoad(t, dir, Options{Device: embed.CUDA})
	defer onGPU.Close()
	assert.Equal(t, embed.CUDA, onGPU.Info().Device)
	assert.Empty(t, onGPU.Info().Fallback)
	assert.EqualValues(t, 3, calls.Load(), "once to find out, once for each tower")
	assert.NotSame(t, onCPU.shared, onGPU.shared, "sessions on another device are others")
	assert.Equal(t, onCPU.Info().Fingerprint, onGPU.Info().Fingerprint, "the device does not change what a model is")

	auto := mustLoad(t, dir, Options{Device: embed.Auto})
	defer auto.Close()
	assert.Same(t, onGPU.shared, auto.shared)
	assert.Equal(t, embed.CUDA, auto.Info().Device)
	assert.Empty(t, auto.Info().Fallback)
	assert.EqualValues(t, 4, calls.Load(), "shared sessions are not made again")
	_, err := auto.Texts(context.Background(), []string{"a red circle"})
	assert.NoError(t, err)
}

func TestAutoFallsBackToTheProcessor(t *testing.T) {
	dir := embedtest.TinyCLIP(t)
	for name, test := range map[string]struct {
		add   func(*ort.SessionOptions) error
		calls int64
		says  string
	}{
		"no GPU":                {noGPU, 1, "no CUDA-capable device is detected"},
		"a GPU that cannot run": {onlyGPU, 3, "on the GPU: "},
	} {
		t.Run(name, func(t *testing.T) {
			calls := substituteCUDA(t, test.add)
			onCPU := mustLoad(t, dir, Options{})
			defer onCPU.Close()
			auto := mustLoad(t, dir, Options{Device: embed.Auto})
			defer auto.Close()
			assert.Equal(t, test.calls, calls.Load())
			assert.Equal(t, embed.CPU, auto.Info().Device)
			assert.Contains(t, auto.Info().Fallback, test.says)
			assert.Same(t, onCPU.shared, auto.shared, "the device in effect decides who shares")
			assert.Empty(t, onCPU.Info().Fallback, "only who asked is told")
			assert.Equal(t, 1, models.count())
		})
	}
}

func TestAGPUThatCannotBeUsedIsAnError(t *testing.T) {
	for name, test := range map[string]struct {
		add     func(*ort.SessionOptions) error
		options Options
		says    []string
	}{
		"no GPU": {noGPU, Options{Device: embed.CUDA},
			[]string{"no CUDA-capable device is detected", "pip install 'onnxruntime-gpu>=1.24'", LibraryVariable}},
		"a GPU that cannot run": {onlyGPU, Options{Device: embed.CUDA}, []string{"cannot load the", "on the GPU: ", `the device "cpu"`}},
		"int8":                  {onlyGPU, Options{Device: embed.CUDA, Precision: embed.INT8}, []string{"int8 models run on the processor only"}},
	} {
		t.Run(name, func(t *testing.T) {
			substituteCUDA(t, test.add)
			err := refusedOn(t, test.options)
			assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
			for _, words := range test.says {
				assert.ErrorContains(t, err, words)
			}
		})
	}
}

func TestAutoRunsInt8OnTheProcessor(t *testing.T) {
	t.Setenv("INNERSPACE_CACHE_DIR", t.TempDir())
	calls := substituteCUDA(t, func(*ort.SessionOptions) error { return nil })
	model := mustLoad(t, embedtest.TinyCLIP(t), Options{Device: embed.Auto, Precision: embed.INT8})
	defer model.Close()
	assert.Equal(t, embed.CPU, model.Info().Device)
	assert.Contains(t, model.Info().Fallback, "int8 models run on the processor only")
	assert.Zero(t, calls.Load())
}

// The library of the tests is built for the processor: it refuses CUDA itself.
func TestTheProcessorsLibraryRefusesCUDA(t *testing.T) {
	err := refusedOn(t, Options{Device: embed.CUDA})
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err))
	assert.ErrorContains(t, err, "CUDA execution provider is not enabled in this build")
	assert.ErrorContains(t, err, "pip install 'onnxruntime-gpu>=1.24'")

	auto := mustLoad(t, embedtest.TinyCLIP(t), Options{Device: embed.Auto})
	defer auto.Close()
	assert.Equal(t, embed.CPU, auto.Info().Device)
	assert.Contains(t, auto.Info().Fallback, "CUDA execution provider is not enabled in this build")
}

func TestAnUnknownDevice(t *testing.T) {
	err := refusedOn(t, Options{Device: "tpu"})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, `"tpu" is not a device; known are cpu, cuda and auto`)
}

func TestACancelledLoadDoesNotFallBack(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := substituteCUDA(t, func(*ort.SessionOptions) error { cancel(); return nil })
	_, err := Load(ctx, embedtest.TinyCLIP(t), Options{Library: embedtest.Library(t), Device: embed.Auto})
	assert.Equal(t, errs.Cancelled, errs.StatusOf(err), "%v", err)
	assert.LessOrEqual(t, calls.Load(), int64(3))
	assert.Zero(t, models.count())
}
