package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// MaxRuns is the most runs of one RunMany.
const MaxRuns = 4096

// RunMany runs the query once for each of params, all against one state of the rows, and returns as many results: those of Run one by one,
// sooner where the search is exact, since what is read of the rows serves several runs. Commits wait for its end. A mistake is that of Run and
// names the run as "params[3].name"; there are no results then. More than MaxRuns are LimitExceeded.
func (p *Prepared) RunMany(ctx context.Context, params []Params) ([]*Result, error) {
	if err := p.engine.calls.enter(); err != nil {
		return nil, err
	}
	defer p.engine.calls.leave()
	if len(params) > MaxRuns {
		return nil, errs.New(errs.LimitExceeded, "a query runs at most %d times in one call, got %d; split the params", MaxRuns, len(params)).At("params")
	}
	if len(params) == 0 {
		return []*Result{}, nil
	}
	runs := make([]*running, len(params))
	for i, of := range params {
		var err error
		if runs[i], err = p.start(ctx, of); err != nil {
			return nil, errorOfRun(i, err)
		}
	}
	results, err := p.search(ctx, runs)
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		if err := p.engine.fetchImages(ctx, result); err != nil {
			return nil, errs.From(err)
		}
	}
	return results, nil
}

// errorOfRun names the run in the path of its error. A place in the query itself, "$...", is the same in all runs.
func errorOfRun(number int, err error) error {
	failed := *errs.From(err)
	if failed.Status == errs.Cancelled || strings.HasPrefix(failed.Path, "$") {
		return &failed
	}
	run := fmt.Sprintf("params[%d]", number)
	if rest, ok := strings.CutPrefix(failed.Path, "params."); ok {
		failed.Path = run + "." + rest
		return &failed
	}
	return failed.At(run)
}
