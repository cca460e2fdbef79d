package onnx

import (
	"context"
	"runtime"
	"sync/atomic"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
)

// session is one graph, loaded. Runs may overlap.
type session struct {
	graph string                      // as messages call it
	half  bool                        // the output is float16
	ort   *ort.DynamicAdvancedSession // takes all threads to each run
	// narrow takes one thread to each run and shares its weights with ort; nil where that is not possible.
	narrow *ort.DynamicAdvancedSession
}

// company says whether a run is one of several that go on at the same time. Then each on one core is faster than each
// on all of them.
type company bool

const (
	alone   company = false
	crowded company = true
)

// liveValues counts the ONNX Runtime values (tensors, run options) in existence, for the leak test.
var liveValues atomic.Int64

// openSession loads a graph. Its one output is read by run.
func openSession(graph source, inputs []string, output value, r recipe) (*session, error) {
	options, err := sessionOptions(r.threads)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	if r.device == embed.CUDA {
		if err := addCUDA(options); err != nil {
			return nil, err
		}
	}
	loaded, err := graph.load(inputs, output.name, options)
	if err != nil && r.device == embed.CUDA {
		return nil, errs.Wrap(err, errs.Unsupported, `ONNX Runtime cannot load %s on the GPU: %v; take the device "cpu" or "auto"`, graph, err)
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "ONNX Runtime cannot load %s: %v", graph, err)
	}
	return &session{graph: graph.String(), half: output.element == onnxproto.Float16, ort: loaded}, nil
}

// sessionOptions are those of every session; the caller destroys them.
func sessionOptions(threads int) (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "ONNX Runtime gave no session options: %v", err)
	}
	for _, set := range []error{
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.SetLogSeverityLevel(ort.LoggingLevelFatal),
		// A pattern is kept for every shape of input ever seen, and texts have many.
		options.SetMemPattern(false),
		// A run has hundreds of operators, and between two of them a thread that sleeps takes longer to wake than
		// most of them last. So threads wait awake, but not for long (decoding wants the cores), and not after a run.
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", "1"),
		options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "50"),
		options.AddSessionConfigEntry("session.force_spinning_stop", "1"),
	} {
		if set != nil {
			options.Destroy()
			return nil, errs.Wrap(set, errs.Internal, "ONNX Runtime refused a session option: %v", set)
		}
	}
	return options, nil
}

func (s *session) destroy() {
	if s != nil {
		s.ort.Destroy()
		if s.narrow != nil {
			s.narrow.Destroy()
		}
	}
}

// values holds the tensors of one run. ONNX Runtime keeps pointers to the Go slices
// behind them for as long as they exist, which the cgo rules allow for pinned memory only.
type values struct {
	pin  runtime.Pinner
	list []ort.Value
}

// add makes a tensor over data, which must not be empty; it is not copied.
func add[T ort.TensorData](v *values, data []T, shape ...int64) error {
	v.pin.Pin(&data[0])
	tensor, err := ort.NewTensor(ort.NewShape(shape...), data)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "ONNX Runtime made no tensor of shape %v: %v", shape, err)
	}
	liveValues.Add(1)
	v.list = append(v.list, tensor)
	return nil
}

// addBytes is add for a type of number that Go does not have.
func addBytes(v *values, data []byte, element ort.TensorElementDataType, shape ...int64) error {
	v.pin.Pin(&data[0])
	tensor, err := ort.NewCustomDataTensor(ort.NewShape(shape...), data, element)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "ONNX Runtime made no tensor of shape %v: %v", shape, err)
	}
	liveValues.Add(1)
	v.list = append(v.list, tensor)
	return nil
}

// destroy lets go of the tensors, then of the memory behind them.
func (v *values) destroy() {
	for _, tensor := range v.list {
		tensor.Destroy()
		liveValues.Add(-1)
	}
	v.list = nil
	v.pin.Unpin()
}

// run executes the graph on inputs, in the order of the session's input names, and
// returns its output, [rows, dimension]; dimension is anyLength where only
// the run tells, which it does for float32 only: the binding reads half of a float16 output that
// ONNX Runtime allocated. A cancelled context stops it between two operators.
func (s *session) run(ctx context.Context, inputs *values, rows, dimension int64, company company) ([]float32, int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, errs.From(err)
	}
	options, err := ort.NewRunOptions()
	if err != nil {
		return nil, 0, errs.Wrap(err, errs.Internal, "ONNX Runtime gave no run options: %v", err)
	}
	liveValues.Add(1)
	defer func() {
		options.Destroy()
		liveValues.Add(-1)
	}()

	var data []float32
	var output values
	defer output.destroy()
	results := []ort.Value{nil}
	var half []byte
	switch {
	case s.half && dimension == anyLength:
		return nil, 0, errs.New(errs.Unsupported, "%s gives float16 vectors and does not say of how many numbers; take its fp32 graph", s.graph)
	case s.half:
		half = make([]byte, 2*rows*dimension)
		err = addBytes(&output, half, ort.TensorElementDataTypeFloat16, rows, dimension)
	case dimension != anyLength:
		data = make([]float32, rows*dimension)
		err = add(&output, data, rows, dimension)
	}
	if err != nil {
		return nil, 0, err
	}
	if len(output.list) > 0 {
		results[0] = output.list[0]
	}

	terminated := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(terminated)
		options.Terminate() // fails only on options that were destroyed, which wait for this
	})
	session := s.ort
	if company == crowded && s.narrow != nil {
		session = s.narrow
	}
	err = session.RunWithOptions(inputs.list, results, options)
	if !stop() {
		<-terminated
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, 0, errs.From(ctx.Err())
		}
		return nil, 0, errs.Wrap(err, errs.Internal, "%s failed: %v", s.graph, err)
	}
	if half != nil {
		data = make([]float32, rows*dimension)
		fromHalves(half, data)
	}
	if dimension != anyLength {
		return data, dimension, nil
	}
	defer results[0].Destroy()
	tensor, isFloat := results[0].(*ort.Tensor[float32])
	shape := results[0].GetShape()
	if !isFloat || len(shape) != 2 || shape[0] != rows || shape[1] < 1 {
		return nil, 0, errs.New(errs.InvalidInput, "%s gave an output of shape %v for %d inputs; it has to be float32[%d, dimension]", s.graph, shape, rows, rows)
	}
	return append(data, tensor.GetData()...), shape[1], nil
}
