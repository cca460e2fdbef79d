package disk

import (
	"context"
	"sync"
)

// background runs one piece of work at a time.
type background struct {
	mu      sync.Mutex
	running chan struct{} // closed when the work ends; nil: there is none
	cancel  context.CancelFunc
	stopped bool
}

// start starts work, unless some is under way or it was stopped.
func (b *background) start(work func(context.Context)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil || b.stopped {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	running := make(chan struct{})
	b.running, b.cancel = running, cancel
	go func() {
		defer func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.running = nil
			cancel()
			close(running)
		}()
		work(ctx)
	}()
}

// stop cancels the work and waits for its end; none can be started after it.
func (b *background) stop() {
	b.mu.Lock()
	b.stopped = true
	running := b.running
	if running != nil {
		b.cancel()
	}
	b.mu.Unlock()
	if running != nil {
		<-running
	}
}
