package onnx

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/errs"
)

// lanes bounds how many runs of a model go on at a time, over all its users: as
// many as there are cores, since each more costs an arena of memory and wins nothing.
type lanes chan struct{}

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
