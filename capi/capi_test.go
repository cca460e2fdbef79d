package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

var comments = regexp.MustCompile(`(?s)/\*.*?\*/`)

// declared are the functions of the public header.
func declared() []string {
	var names []string
	for _, match := range regexp.MustCompile(`\b(innerspace_\w+)\s*\(`).FindAllStringSubmatch(comments.ReplaceAllString(header, ""), -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return names
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestTheLinkersListsAreTheHeaders(t *testing.T) {
	require.Greater(t, len(declared()), 10)
	for path, pattern := range map[string]string{
		"exports.map":    `(?m)^\s+(innerspace_\w+);$`,
		"exports.darwin": `(?m)^_(innerspace_\w+)$`,
	} {
		var listed []string
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(read(t, path), -1) {
			listed = append(listed, match[1])
		}
		slices.Sort(listed)
		assert.Equal(t, declared(), listed, path)
	}
}

// TestStatusesAreOneList walks the statuses of Go, of the header and of the Python package.
func TestStatusesAreOneList(t *testing.T) {
	var want []string
	for _, status := range errs.Statuses() {
		want = append(want, strings.ToUpper(status.String())+"="+strconv.Itoa(int(status)))
	}
	collect := func(pattern, text string) (found []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, match[1]+"="+match[2])
		}
		return found
	}
	enum := regexp.MustCompile(`(?s)enum \{.*?\};`).FindString(header)
	assert.Equal(t, want, collect(`INNERSPACE_(\w+) = (\d+)`, enum), "the header")

	python := read(t, "../python/innerspace/exceptions.py")
	class := regexp.MustCompile(`(?s)class Status\(IntEnum\):.*?\n\n\n`).FindString(python)
	assert.Equal(t, want[1:], collect(`(?m)^    (\w+) = (\d+)$`, class), "Python's Status")
	mapping := python[strings.Index(python, "EXCEPTION_BY_STATUS"):]
	for _, status := range errs.Statuses()[1:] {
		assert.Contains(t, mapping, "Status."+strings.ToUpper(status.String())+":", "Python's exceptions")
	}
}
