package errs_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

func TestFrom(t *testing.T) {
	own := errs.New(errs.NotFound, "no such file %q", "x")
	for name, c := range map[string]struct {
		err    error
		status errs.Status
	}{
		"nil":              {nil, errs.OK},
		"its own":          {own, errs.NotFound},
		"its own, wrapped": {fmt.Errorf("while reading: %w", own), errs.NotFound},
		"cancelled":        {fmt.Errorf("stopped: %w", context.Canceled), errs.Cancelled},
		"expired":          {context.DeadlineExceeded, errs.Timeout},
		"another":          {io.ErrUnexpectedEOF, errs.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.status, errs.StatusOf(c.err))
			if c.err != nil && c.err != error(own) && name != "its own, wrapped" {
				assert.ErrorIs(t, errs.From(c.err), c.err, "the cause is kept")
			}
		})
	}
	assert.Nil(t, errs.From(nil))
	assert.Same(t, own, errs.From(own))
	assert.ErrorIs(t, errs.Wrap(io.EOF, errs.UnexpectedResponse, "cut"), io.EOF)
}

func TestAt(t *testing.T) {
	err := errs.New(errs.InvalidInput, "is empty")
	for _, c := range []struct {
		err  *errs.Error
		text string
	}{
		{err, "is empty"},
		{err.At("name"), "name: is empty"},
		{err.At("name").At("fields[2]"), "fields[2].name: is empty"},
		{err.At("[3]").At("rows"), "rows[3]: is empty"},
	} {
		assert.EqualError(t, c.err, c.text)
	}
	assert.Empty(t, err.Path, "At leaves the original alone")
}

// TestStatusesAreThoseOfTheHeader keeps the numbers equal to the C ABI's.
func TestStatusesAreThoseOfTheHeader(t *testing.T) {
	header, err := os.ReadFile("../../capi/include/innerspace.h")
	require.NoError(t, err)
	declared := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\s*INNERSPACE_([A-Z_]+) = (\d+),?$`).FindAllStringSubmatch(string(header), -1) {
		number, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		declared[strings.ToLower(m[1])] = number
	}
	ours := map[string]int{}
	for _, status := range errs.Statuses() {
		ours[status.String()] = int(status)
	}
	assert.Equal(t, declared, ours)
}

func TestUnknownStatusesHaveAName(t *testing.T) {
	assert.Equal(t, "status(99)", errs.Status(99).String())
	assert.Equal(t, "status(-1)", errs.Status(-1).String())
}
