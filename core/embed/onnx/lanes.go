package onnx

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
)

// lanes bounds how many runs of a model go on at a time, over all its users. A
// session's threads are shared by its runs, so more runs mean more memory, not more cores.
//
// Measured with the embedded model on 2 cores (ONNX Runtime 1.32; items a second, milliseconds for one):
//
//	                               images  texts of 6, 12, 32, 128 tokens  one image  one text of 12, 128
//	1 thread a run, 2 runs            173      1449   760   256    62        11.0 ms       4.7, 33.1 ms
//	2 threads a run, 1 run            159      1181   699   273    65        10.8 ms       3.2, 17.8 ms
//	2 threads a run, 2 runs           156      1230   630   248    54
//
// One thread a run is a little better in bulk and much worse for the one text of a query, and
// having both would take every weight twice. So a session has a thread for each core, and
// there is one lane for two cores: the second run fills in where the first does not split well.
//
// An int8 model has both (quantised.go): its sessions map one copy of the weights. There it is a lane for each core,
// which takes 13 % off an image of ViT-B/32 (30.6 instead of 35.0 ms of processor time in batches of four).
type lanes chan struct{}

// lanesOf is the number of lanes for a number of threads.
func lanesOf(threads int) int { return max(1, threads/2) }

func newLanes(n int) lanes { return make(lanes, n) }

// forEach calls work(ctx, i) for i from 0 to n-1, as many at a time as there are
// lanes. The first error stops the others and is returned.
func (l lanes) forEach(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	if n == 1 { // a query: no goroutine, no wait for one
		return l.with(ctx, func() error { return work(ctx, 0) })
	}
	whole := ctx
	ctx, cancel := context.WithCancelCause(whole)
	defer cancel(nil)
	var group sync.WaitGroup
	next := make(chan int)
	for range min(n, cap(l)) {
		group.Go(func() {
			for i := range next {
				if err := l.with(ctx, func() error { return work(ctx, i) }); err != nil {
					cancel(err)
				}
			}
		})
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	group.Wait()
	switch {
	case whole.Err() != nil:
		return errs.From(whole.Err())
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return nil
}

// with runs work in a lane of its own.
func (l lanes) with(ctx context.Context, work func() error) error {
	select {
	case l <- struct{}{}:
	case <-ctx.Done():
		return errs.From(ctx.Err())
	}
	defer func() { <-l }()
	return guarded(work)
}

// guarded turns a panic into an error: on a goroutine of ours nobody else would
// recover, and it would end the process that we are a library in.
func guarded(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = errs.New(errs.Internal, "the model failed: %v", cause)
		}
	}()
	return work()
}
