package onnx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	ort "github.com/yalue/onnxruntime_go"
	"golang.org/x/sys/cpu"

	"github.com/innerspace/innerspace/core/embed/modelcache"
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/embed/quantize"
	"github.com/innerspace/innerspace/core/errs"
)

// weightBits is how fine int8 weights are on this processor: without VNNI an x86 adds two products of bytes in
// 16 bits, which full range would overflow.
func weightBits() int {
	if runtime.GOARCH == "amd64" && !cpu.X86.HasAVX512VNNI && !cpu.X86.HasAVXVNNI {
		return 7
	}
	return 8
}

// fingerprint identifies what the model computes.
func (r recipe) fingerprint(ctx context.Context) (string, error) {
	fingerprint, err := r.layout.Fingerprint(ctx)
	if err != nil || !r.quantise {
		return fingerprint, err
	}
	return digest("innerspace int8 %d %d %s", quantize.Version, weightBits(), fingerprint), nil
}

func digest(format string, parts ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, format, parts...))
	return hex.EncodeToString(sum[:])
}

// openQuantised loads the towers as int8.
func (m *model) openQuantised(ctx context.Context, r recipe) error {
	err := together(
		func() (err error) { m.fingerprint, err = r.fingerprint(ctx); return err },
		func() error { return m.loadTokenizer(r.layout) },
	)
	if err != nil {
		return err
	}
	defer giveBackGarbage()
	// Each tower is tried out with a copy of the model, so the model changes only when both are there.
	var text, image *session
	textsPerRun, imagesPerRun := m.textsPerRun, m.imagesPerRun
	err = together(
		func() (err error) {
			q := quantiser{graph: m.textTower.graph, key: r.key("text", m.fingerprint), threads: r.threads,
				inputs: m.textTower.inputNames(), output: m.textTower.output, keepsBits: m.textsKeepBits, batch: m.textTower.batch}
			text, textsPerRun, err = q.open(ctx, m.textsPerRun)
			return err
		},
		func() (err error) {
			if r.layout.Image.Missing() {
				return nil
			}
			q := quantiser{graph: m.imageTower.graph, key: r.key("image", m.fingerprint), threads: r.threads,
				inputs: []string{m.imageTower.input}, output: m.imageTower.output,
				height: m.preprocessing.Height, width: m.preprocessing.Width, keepsBits: m.imagesKeepBits, batch: m.imageTower.batch}
			image, imagesPerRun, err = q.open(ctx, m.imagesPerRun)
			return err
		},
	)
	m.text, m.image, m.textsPerRun, m.imagesPerRun = text, image, textsPerRun, imagesPerRun
	if err == nil && m.text.narrow != nil {
		m.lanes = newLanes(r.threads)
	}
	return err
}

// key says all that the files of a quantised tower depend on. Weights are laid out for the processor's instructions
// by this very ONNX Runtime: on another machine, or after an update, they are made anew.
func (r recipe) key(tower, fingerprint string) string {
	runtimeLibrary.Lock()
	defer runtimeLibrary.Unlock()
	size := int64(0)
	if info, err := os.Stat(runtimeLibrary.path); err == nil {
		size = info.Size()
	}
	return digest("innerspace prepared 1\n%s %s\n%s %d\n%s %+v %+v", tower, fingerprint,
		runtimeLibrary.version, size, runtime.GOARCH, cpu.X86, cpu.ARM64)
}

// quantiser makes one tower int8.
type quantiser struct {
	graph         source
	key           string
	threads       int
	inputs        []string
	output        value
	height, width int   // of the pictures; 0 of a text tower
	batch         int64 // fixed number of items a run; anyLength where open
	// keepsBits tries out whether an item has the same vector in a batch as alone.
	keepsBits func(context.Context, *session) (bool, error)
}

// The files of a cache entry.
const (
	preparedGraph   = "model.onnx"
	preparedWeights = "weights.bin"
	preparedBatches = "batches" // there where a tower may be run on several items at a time
)

// open loads the tower from the cache, where it is put first if need be. There the weights lie as ONNX Runtime wants
// them, so that its sessions map one copy of them. Where there is no cache, one session holds the tower in memory.
// The number is that of items that a run may take, out of perRun.
func (q quantiser) open(ctx context.Context, perRun int) (*session, int, error) {
	if cache, err := modelcache.Default(); err == nil {
		entry, err := cache.Entry(ctx, q.key, func(directory string) error { return q.prepare(ctx, directory) })
		if err == nil {
			var mapped *session
			if mapped, err = q.load(entry); err == nil {
				if _, err := os.Stat(filepath.Join(entry, preparedBatches)); err != nil {
					perRun = 1
				}
				return mapped, perRun, nil
			}
		}
		if ctx.Err() != nil {
			return nil, 0, errs.From(ctx.Err())
		}
	}
	graph, err := q.rewrite()
	if err != nil {
		return nil, 0, err
	}
	whole, err := q.create(q.threads, q.fromBytes(graph))
	if err != nil {
		return nil, 0, err
	}
	return q.wrap(whole, nil), 1, nil
}

// load makes the sessions of a cache entry.
func (q quantiser) load(entry string) (*session, error) {
	path := filepath.Join(entry, preparedGraph)
	fromFile := func(options *ort.SessionOptions) (*ort.DynamicAdvancedSession, error) {
		return ort.NewDynamicAdvancedSession(path, q.inputs, []string{q.output.name}, options)
	}
	whole, err := q.create(q.threads, fromFile)
	if err != nil {
		return nil, err
	}
	if q.threads == 1 {
		return q.wrap(whole, nil), nil
	}
	narrow, err := q.create(1, fromFile)
	if err != nil {
		whole.Destroy()
		return nil, err
	}
	return q.wrap(whole, narrow), nil
}

func (q quantiser) wrap(whole, narrow *ort.DynamicAdvancedSession) *session {
	return &session{graph: q.graph.String(), half: q.output.element == onnxproto.Float16, ort: whole, narrow: narrow}
}

// prepare fills a cache entry: ONNX Runtime optimises the int8 graph and writes it out, with the weights laid out for
// its kernels in a file of their own.
func (q quantiser) prepare(ctx context.Context, directory string) error {
	graph, err := q.rewrite()
	if err != nil {
		return err
	}
	session, err := q.create(1, func(options *ort.SessionOptions) (*ort.DynamicAdvancedSession, error) {
		for _, set := range []error{
			options.SetOptimizedModelFilePath(filepath.Join(directory, preparedGraph)),
			options.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", preparedWeights),
			options.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "1024"),
			options.AddSessionConfigEntry("session.save_external_prepacked_constant_initializers", "1"),
		} {
			if set != nil {
				return nil, set
			}
		}
		return q.fromBytes(graph)(options)
	})
	if err != nil {
		return err
	}
	session.Destroy()
	if q.batch != anyLength {
		return nil // every run has the same size
	}
	trial, err := q.load(directory)
	if err != nil {
		return err
	}
	defer trial.destroy()
	keeps, err := q.keepsBits(ctx, trial)
	if err != nil || !keeps {
		return err
	}
	if err := os.WriteFile(filepath.Join(directory, preparedBatches), []byte("any\n"), 0o644); err != nil {
		return errs.Wrap(err, errs.InvalidState, "cannot write to the cache of models: %v", err)
	}
	return nil
}

// rewrite makes the int8 graph.
func (q quantiser) rewrite() ([]byte, error) {
	from := quantize.Source{Name: q.graph.String(), Bytes: q.graph.written.Bytes, Folder: q.graph.written.Folder}
	if from.Bytes == nil {
		file, err := quantize.OpenFile(q.graph.path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from.Bytes, from.Folder = file.Bytes, filepath.Dir(q.graph.path)
	}
	made, err := quantize.Graph(from, quantize.Options{WeightBits: weightBits(), Height: q.height, Width: q.width})
	return made.Bytes, err
}

// opener makes a session.
type opener func(options *ort.SessionOptions) (*ort.DynamicAdvancedSession, error)

func (q quantiser) fromBytes(graph []byte) opener {
	return func(options *ort.SessionOptions) (*ort.DynamicAdvancedSession, error) {
		return ort.NewDynamicAdvancedSessionWithONNXData(graph, q.inputs, []string{q.output.name}, options)
	}
}

func (q quantiser) create(threads int, open opener) (*ort.DynamicAdvancedSession, error) {
	options, err := sessionOptions(threads)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	session, err := open(options)
	if err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "ONNX Runtime cannot load %s as int8: %v", q.graph, err)
	}
	return session, nil
}
