package onnx_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/errs"
)

const silentVariable = "INNERSPACE_TEST_SILENT_MODEL"

// A process of its own loads, runs, fails and cancels: it must not print anything nor leave anything in the user's
// home, as ONNX Runtime's telemetry would, and what it does before a library is loaded must fail in the right way.
func TestNothingIsPrintedOrLeftBehind(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "libonnxruntime.so")
	require.NoError(t, os.WriteFile(garbage, []byte("not a library"), 0o644))
	home := t.TempDir()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME=", "XDG_DATA_HOME=", "XDG_STATE_HOME=", "ORT_DISABLE_TELEMETRY=",
		silentVariable+"="+embedtest.TinyCLIP(t), "TEST_LIBRARY="+embedtest.Library(t), "TEST_GARBAGE="+garbage, "INNERSPACE_ORT_LIBRARY=")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	assert.Empty(t, output.String())
	require.NoError(t, err, "the exit status numbers the step that went wrong")
	left, err := os.ReadDir(home)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// runSilently is the program; its result is 0 or the number of the step that went wrong.
func runSilently(dir string) int {
	ctx := context.Background()
	library, garbage := os.Getenv("TEST_LIBRARY"), os.Getenv("TEST_GARBAGE")
	fails := func(library string, status errs.Status) bool {
		_, err := onnx.Load(ctx, dir, onnx.Options{Library: library})
		return errs.StatusOf(err) == status
	}
	broken, err := os.MkdirTemp("", "model")
	if err != nil {
		return 1
	}
	defer os.RemoveAll(broken)
	steps := []func() bool{
		func() bool { return fails("", errs.NotFound) },
		func() bool { return fails(garbage, errs.InvalidInput) },
		func() bool { return fails(garbage+".none", errs.NotFound) },
		func() bool { return os.Setenv(onnx.LibraryVariable, library) == nil && fails("", errs.OK) },
		func() bool { return fails(garbage, errs.InvalidState) },
		func() bool {
			for _, step := range []error{
				os.CopyFS(broken, os.DirFS(dir)),
				os.Truncate(filepath.Join(broken, "onnx", "text_model.onnx"), 5_000_000),
			} {
				if step != nil {
					return false
				}
			}
			_, err := onnx.Load(ctx, broken, onnx.Options{})
			return errs.StatusOf(err) == errs.InvalidInput
		},
		func() bool {
			model, err := onnx.Load(ctx, dir, onnx.Options{})
			if err != nil {
				return false
			}
			defer model.Close()
			if _, err = model.Texts(ctx, []string{"a", "b"}); err != nil {
				return false
			}
			cancelled, cancel := context.WithCancel(ctx)
			cancel()
			_, err = model.Images(cancelled, make([]float32, 3*224*224), 1)
			return errs.StatusOf(err) == errs.Cancelled
		},
	}
	for i, step := range steps {
		if !step() {
			return 10 + i
		}
	}
	return 0
}

func TestASecondLibraryIsRefused(t *testing.T) {
	load(t, embedtest.TinyCLIP(t))
	other := filepath.Join(t.TempDir(), "libonnxruntime.so")
	require.NoError(t, os.WriteFile(other, []byte("another"), 0o644))
	_, err := onnx.Load(context.Background(), embedtest.TinyCLIP(t), onnx.Options{Library: other})
	require.Equal(t, errs.InvalidState, errs.StatusOf(err))
	real, evalErr := filepath.EvalSymlinks(embedtest.Library(t))
	require.NoError(t, evalErr)
	assert.ErrorContains(t, err, real)
	assert.ErrorContains(t, err, other)

	link := filepath.Join(t.TempDir(), fmt.Sprint("link-", os.Getpid()))
	require.NoError(t, os.Symlink(embedtest.Library(t), link))
	model, err := onnx.Load(context.Background(), embedtest.TinyCLIP(t), onnx.Options{Library: link})
	require.NoError(t, err, "a link to the same file is the same library")
	require.NoError(t, model.Close())
}
