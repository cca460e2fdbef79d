package engine

import (
	"context"
	"time"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/imaging"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
)

// Options are the options of a definition.
type Options struct {
	Pixels                imaging.Policy
	MaxPixels             int64         // width x height of a picture
	MaxBlobBytes          int64         // bytes of an encoded picture
	URLTimeout            time.Duration // for one whole fetch
	AllowPrivateAddresses bool
	EmbeddingCacheBytes   int64        // 0: no cache for this engine
	Threads               int          // 0: the cores this process may use
	ONNXRuntimeLibrary    string       // "": INNERSPACE_ORT_LIBRARY, else what core/embed/onnx finds
	Device                embed.Device // of the models; it does not change their fingerprints
	Now                   int64        // what counts as the present, in unix seconds; 0: the clock's time of each put and query
	Store                 StoreOptions // where rows are kept
}

// DefaultOptions are the options of a definition that names none.
func DefaultOptions() Options {
	return Options{
		MaxPixels: imaging.DefaultMaxPixels, MaxBlobBytes: blob.DefaultMaxBytes, URLTimeout: blob.DefaultTimeout,
		EmbeddingCacheBytes: 64 << 20, Device: embed.CPU,
	}
}

const (
	maxMaxPixels  = 1 << 32
	maxMaxBytes   = 1 << 40
	maxURLTimeout = 24 * 60 * 60
	maxThreads    = 1024
	maxNow        = 1 << 40 // some thirty thousand years; a count of milliseconds is beyond it
)

func readOptions(node document.Node) Options {
	options := DefaultOptions()
	object := node.Object("pixels", "max_pixels", "max_blob_bytes", "url_timeout_seconds", "allow_private_addresses",
		"embedding_cache_bytes", "threads", "onnxruntime_library", "device", "now", "store")
	if pixels, ok := object.Get("pixels"); ok {
		switch pixels.Text() {
		case "faithful":
			options.Pixels = imaging.Faithful
		case "reference":
			options.Pixels = imaging.Reference
		default:
			pixels.Fail("unknown policy %q; known are faithful and reference", pixels.Text())
		}
	}
	if n, ok := object.Get("max_pixels"); ok {
		options.MaxPixels = n.Integer(1, maxMaxPixels)
	}
	if n, ok := object.Get("max_blob_bytes"); ok {
		options.MaxBlobBytes = n.Integer(1, maxMaxBytes)
	}
	if seconds, ok := object.Get("url_timeout_seconds"); ok {
		options.URLTimeout = time.Duration(seconds.Positive(maxURLTimeout) * float64(time.Second))
	}
	if allow, ok := object.Get("allow_private_addresses"); ok {
		options.AllowPrivateAddresses = allow.Bool()
	}
	if n, ok := object.Get("embedding_cache_bytes"); ok {
		options.EmbeddingCacheBytes = n.Integer(0, maxMaxBytes)
	}
	if n, ok := object.Get("threads"); ok {
		options.Threads = int(n.Integer(0, maxThreads))
	}
	if library, ok := object.Get("onnxruntime_library"); ok && !library.IsNull() {
		options.ONNXRuntimeLibrary = library.Text()
	}
	if named, ok := object.Get("device"); ok {
		device, err := embed.ParseDevice(named.Text())
		named.FailWith(err)
		options.Device = device
	}
	if now, ok := object.Get("now"); ok && !now.IsNull() {
		options.Now = now.Integer(-maxNow, maxNow)
	}
	if kept, ok := object.Get("store"); ok && !kept.IsNull() {
		options.Store = readStoreOptions(kept)
	}
	return options
}

// pixelsName is what a definition calls a policy.
func pixelsName(policy imaging.Policy) string {
	if policy == imaging.Reference {
		return "reference"
	}
	return "faithful"
}

// ModelReference names a model of a definition: what the user called it, and its directory.
type ModelReference = space.ModelReference

// ModelLoader loads the model that a reference names. It is called once for each distinct reference, for several at the same time.
type ModelLoader func(ctx context.Context, reference ModelReference, options Options) (embed.Model, error)

// Resolver turns what a user calls an image into content; *blob.Resolver is one.
type Resolver interface {
	Resolve(ctx context.Context, value blob.Value) (blob.Content, error)
}

// Option changes what an engine is made of.
type Option func(*parts)

type parts struct {
	load     ModelLoader
	resolver Resolver
	clock    func() time.Time
	progress Progress
	files    filesystem.FileSystem // nil: the operating system's
}

// WithModelLoader replaces the loading of models from their directories. The engine closes the models it gets.
func WithModelLoader(load ModelLoader) Option { return func(p *parts) { p.load = load } }

// WithResolver replaces the resolver of images, and with it the caps and network rules of the definition's options.
func WithResolver(resolver Resolver) Option { return func(p *parts) { p.resolver = resolver } }

// WithProgress tells how far the opening of a store is whose definition was added to: rows that have their new vectors.
func WithProgress(progress Progress) Option { return func(p *parts) { p.progress = progress } }

// WithFileSystem replaces the operating system's files for the store.
func WithFileSystem(files filesystem.FileSystem) Option { return func(p *parts) { p.files = files } }

// WithClock replaces the system's clock, which says what counts as the present where neither the definition nor a query does.
func WithClock(clock func() time.Time) Option { return func(p *parts) { p.clock = clock } }
