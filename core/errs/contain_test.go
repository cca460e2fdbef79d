package errs_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/innerspace/innerspace/core/errs"
)

func TestContain(t *testing.T) {
	reason := errors.New("reason")
	assert.Same(t, reason, errs.Contain("the work", func() error { return reason }))
	assert.NoError(t, errs.Contain("the work", func() error { return nil }))
	err := errs.Contain("the work", func() error {
		panic("no room")
	})
	assert.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.ErrorContains(t, err, "the work failed: no room")
}
