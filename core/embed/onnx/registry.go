package onnx

import (
	"context"
	"sync"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// identity is what makes two loads the same model: where it lies, what it computes, how it is run.
type identity struct {
	dir         string
	fingerprint string
	threads     int
	quantised   bool
	device      embed.Device // in effect
}

type sharedModel struct {
	identity identity
	model    *model
	users    int // guarded by registry.mu
}

// registry holds the models of the process.
type registry struct {
	// loading lets one load go on at a time: two of the same directory would hold it twice in memory.
	loading chan struct{}

	mu     sync.Mutex
	loaded map[identity]*sharedModel
}

var models = &registry{loading: make(chan struct{}, 1), loaded: map[identity]*sharedModel{}}

// acquire finds a model among the loaded ones or loads it, and counts the caller as its user.
func (r *registry) acquire(ctx context.Context, wanted recipe) (*sharedModel, error) {
	select {
	case r.loading <- struct{}{}:
	case <-ctx.Done():
		return nil, errs.From(ctx.Err())
	}
	defer func() { <-r.loading }()

	id := identity{dir: wanted.layout.Dir, threads: wanted.threads, quantised: wanted.quantise, device: wanted.device}
	if r.hasDirectory(id) {
		// Only a directory that is loaded is hashed before anything else: its files may have changed since.
		var err error
		if id.fingerprint, err = wanted.fingerprint(ctx); err != nil {
			return nil, err
		}
		if shared := r.find(id); shared != nil {
			return shared, nil
		}
	}
	m, err := open(ctx, wanted)
	if err != nil {
		return nil, err
	}
	giveBackFreeMemory()
	id.fingerprint = m.fingerprint
	shared := &sharedModel{identity: id, model: m, users: 1}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded[id] = shared
	return shared, nil
}

func (r *registry) hasDirectory(like identity) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.loaded {
		if id.dir == like.dir && id.threads == like.threads && id.quantised == like.quantised && id.device == like.device {
			return true
		}
	}
	return false
}

func (r *registry) find(id identity) *sharedModel {
	r.mu.Lock()
	defer r.mu.Unlock()
	shared := r.loaded[id]
	if shared != nil {
		shared.users++
	}
	return shared
}

func (r *registry) retain(shared *sharedModel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shared.users++
}

func (r *registry) release(shared *sharedModel) {
	r.mu.Lock()
	shared.users--
	last := shared.users == 0
	if last {
		delete(r.loaded, shared.identity)
	}
	r.mu.Unlock()
	if last {
		shared.model.destroy()
		giveBackFreeMemory()
	}
}

// count is how many models are loaded.
func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.loaded)
}
