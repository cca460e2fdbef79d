package onnx

import (
	"context"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// appendCUDA puts ONNX Runtime's CUDA provider into session options. Tests put another function in its place.
var appendCUDA = appendCUDAProvider

func appendCUDAProvider(options *ort.SessionOptions) error {
	cuda, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer cuda.Destroy()
	// TF32 rounds the factors of float32 products to 10 bits; a vector has to be the processor's, with the same fingerprint.
	if err := cuda.Update(map[string]string{"use_tf32": "0"}); err != nil {
		return err
	}
	return options.AppendExecutionProviderCUDA(cuda)
}

const howToGetCUDA = "a GPU needs the library of onnxruntime-gpu (pip install 'onnxruntime-gpu>=1.24'), named by " + LibraryVariable +
	`, and the CUDA and cuDNN that it was built for; else take the device "cpu" or "auto"`

// addCUDA is appendCUDA with an error that says what to do.
func addCUDA(options *ort.SessionOptions) error {
	if err := appendCUDA(options); err != nil {
		return errs.Wrap(err, errs.Unsupported, `the device "cuda" cannot be used: ONNX Runtime says: %v; %s`, err, howToGetCUDA)
	}
	return nil
}

// loadOn loads a model on the device that is asked for. Under embed.Auto whatever keeps it from the GPU is the
// reason that it runs on the processor: it is given back, "" where there is none.
func loadOn(ctx context.Context, device embed.Device, precision embed.Precision, wanted recipe) (shared *sharedModel, reason string, err error) {
	wanted.device = embed.CPU
	if device == embed.CPU {
		shared, err = models.acquire(ctx, wanted)
		return shared, "", err
	}
	onGPU := wanted
	onGPU.device = embed.CUDA
	if err = checkCUDA(precision); err == nil {
		shared, err = models.acquire(ctx, onGPU)
	}
	if err == nil || device == embed.CUDA || errs.StatusOf(err) == errs.Cancelled {
		return shared, "", err
	}
	reason = err.Error()
	shared, err = models.acquire(ctx, wanted)
	return shared, reason, err
}

// checkCUDA finds out, before any graph is read, whether ONNX Runtime can use a GPU.
func checkCUDA(precision embed.Precision) error {
	if precision == embed.INT8 {
		return errs.New(errs.Unsupported, `int8 models run on the processor only: take the precision fp32, or the device "cpu"`)
	}
	options, err := sessionOptions(1)
	if err != nil {
		return err
	}
	defer options.Destroy()
	return addCUDA(options)
}
