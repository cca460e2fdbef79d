package embed

import (
	"context"
	"sync"
	"time"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// imagesPerCall is how many pictures go to the model at most at a time.
const imagesPerCall = 8

// Images embeds pictures, one outcome each, in order. The same content is embedded once.
// Decoding and preprocessing run on Options.Workers goroutines while the model runs; at most a
// few batches of tensors are in memory, however many pictures there are.
//
// A picture that cannot be used is its own Outcome.Err and does not disturb the others.
// progress and the error are as in Texts; a model for texts alone is Unsupported.
func (e *Embedder) Images(ctx context.Context, contents []blob.Content, progress func(n int)) ([]Outcome, error) {
	if e.model.Preprocessing().TensorLen() == 0 {
		return nil, errs.New(errs.Unsupported, "the model %s embeds texts only; name one that embeds pictures too, such as a CLIP", e.info.Name)
	}
	call := e.newCall(e.imageKeys(contents), func(place int) bool { return e.withinLimits(contents[place]) }, progress)
	if len(call.misses) == 0 {
		return call.outcomes, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	p := e.newPipeline(ctx, contents, call.misses)
	defer p.workers.Wait()
	defer cancel()
	if err := p.infer(ctx, call); err != nil {
		return nil, errs.From(err)
	}
	return call.outcomes, nil
}

// withinLimits tells whether a picture's header is within this Embedder's limits: the cache may hold its vector from one
// with wider limits.
func (e *Embedder) withinLimits(content blob.Content) bool {
	if pixels := content.Pixels; content.Encoded == nil && pixels != nil {
		return e.options.Limits.Check(pixels.Width, pixels.Height) == nil
	}
	_, err := imaging.Probe(content.Encoded, e.options.Limits)
	return err == nil
}

// imageKeys hashes contents, on as many goroutines as decode: files may be large.
func (e *Embedder) imageKeys(contents []blob.Content) []key {
	keys := make([]key, len(contents))
	workers := min(e.options.Workers, len(contents))
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < len(contents); i += workers {
				keys[i] = imageKey(e.info.Fingerprint, e.options.Policy, contents[i])
			}
		})
	}
	group.Wait()
	return keys
}

// pipeline carries the pictures of one call from the workers that decode to the one goroutine
// that runs the model.
type pipeline struct {
	embedder      *Embedder
	contents      []blob.Content
	preprocessing imaging.Preprocessing
	todo          chan *item
	done          chan prepared
	free          chan []float32 // tensors of one picture; their number bounds the memory
	workers       sync.WaitGroup
}

// prepared is one picture as a tensor, or the reason why not.
type prepared struct {
	item   *item
	tensor []float32
	err    error
}

func (e *Embedder) newPipeline(ctx context.Context, contents []blob.Content, items []*item) *pipeline {
	workers := min(e.options.Workers, len(items))
	// A batch may wait while every worker holds one more.
	tensors := min(imagesPerCall+workers, len(items))
	p := &pipeline{
		embedder: e, contents: contents, preprocessing: e.model.Preprocessing(),
		todo: make(chan *item), done: make(chan prepared, imagesPerCall), free: make(chan []float32, tensors),
	}
	for range tensors {
		p.free <- nil // allocated by the first worker to need it
	}
	p.workers.Go(func() {
		defer close(p.todo)
		for _, it := range items {
			select {
			case p.todo <- it:
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		p.workers.Go(func() { p.work(ctx) })
	}
	return p
}

// work prepares pictures until there are no more or ctx ends.
func (p *pipeline) work(ctx context.Context) {
	for it := range p.todo {
		var tensor []float32
		select {
		case tensor = <-p.free:
		case <-ctx.Done():
			return
		}
		if tensor == nil {
			tensor = make([]float32, p.preprocessing.TensorLen())
		}
		ready := prepared{item: it, tensor: tensor}
		ready.err = p.embedder.prepare(p.contents[it.first()], p.preprocessing, tensor)
		select {
		case p.done <- ready:
		case <-ctx.Done():
			return
		}
	}
}

// infer runs the model on what the workers have ready, up to a batch at a time, until every item is finished.
func (p *pipeline) infer(ctx context.Context, c *call) error {
	left := len(c.misses)
	size := p.preprocessing.TensorLen()
	batch := make([]float32, 0, min(imagesPerCall, left)*size)
	items := make([]*item, 0, imagesPerCall)
	for left > 0 {
		batch, items = batch[:0], items[:0]
		for len(items) < imagesPerCall && len(items) < left {
			ready, ok := p.next(ctx, len(items) == 0)
			if !ok {
				break
			}
			if ready.err != nil {
				c.fail(ready.item, func(place int) error { return named(ready.err, p.contents[place]) })
				left--
			} else {
				batch = append(batch, ready.tensor...)
				items = append(items, ready.item)
			}
			p.free <- ready.tensor
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(items) == 0 {
			continue
		}
		if err := p.embedder.inferBatch(ctx, c, batch, items); err != nil {
			return err
		}
		left -= len(items)
	}
	return nil
}

// next takes a prepared picture; false where none is ready and there is something to do without it, or ctx ended.
func (p *pipeline) next(ctx context.Context, wait bool) (prepared, bool) {
	if !wait {
		select {
		case ready := <-p.done:
			return ready, true
		default:
			return prepared{}, false
		}
	}
	select {
	case ready := <-p.done:
		return ready, true
	case <-ctx.Done():
		return prepared{}, false
	}
}

func (e *Embedder) inferBatch(ctx context.Context, c *call, batch []float32, items []*item) error {
	start := time.Now()
	vectors, err := e.model.Images(ctx, batch, len(items))
	measure(&e.timers.images, start)
	if err != nil {
		return err
	}
	if len(vectors) != len(items) {
		return errs.New(errs.Internal, "the model %s gave %d vectors for %d pictures", e.info.Name, len(vectors), len(items))
	}
	for i, it := range items {
		if err := c.finish(it, embedding{vector: vectors[i]}, "picture"); err != nil {
			return err
		}
	}
	return nil
}

// prepare turns one picture into the model's tensor. A decoder that panics on a hostile file costs that
// picture: on this goroutine nobody else would recover, and the process would end.
func (e *Embedder) prepare(content blob.Content, p imaging.Preprocessing, tensor []float32) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = errs.New(errs.Internal, "the picture could not be decoded: %v", cause)
		}
	}()
	start := time.Now()
	rgb, err := e.decode(content)
	measure(&e.timers.decode, start)
	if err != nil {
		return err
	}
	start = time.Now()
	defer func() { measure(&e.timers.preprocess, start) }()
	return p.Apply(rgb, tensor)
}

func (e *Embedder) decode(content blob.Content) (*imaging.RGB, error) {
	switch pixels := content.Pixels; {
	case content.Encoded != nil:
		return imaging.Decode(content.Encoded, e.options.Policy, e.options.Limits)
	case pixels != nil:
		return imaging.FromRaw(pixels.Mode, pixels.Width, pixels.Height, pixels.Data, e.options.Policy, e.options.Limits)
	}
	return nil, errs.New(errs.InvalidInput, "the picture is empty")
}

// named puts what the user called a picture into its error.
func named(err error, content blob.Content) error {
	e := *errs.From(err)
	if content.Origin != "" {
		e.Message = content.Origin + ": " + e.Message
	}
	return &e
}
