package onnx

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

func TestLibraryVersion(t *testing.T) {
	version, err := libraryVersion(embedtest.Library(t))
	require.NoError(t, err)
	assert.NoError(t, checkVersion(version, "it"))

	garbage := filepath.Join(t.TempDir(), "garbage.so")
	require.NoError(t, os.WriteFile(garbage, []byte("\x7fELF and then nothing"), 0o644))
	_, err = libraryVersion(garbage)
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, garbage)
}

// A download that broke off must not reach dlopen, which would kill the process.
func TestALibraryThatWasCutOff(t *testing.T) {
	whole, err := os.ReadFile(embedtest.Library(t))
	require.NoError(t, err)
	require.NoError(t, checkComplete(embedtest.Library(t)))
	path := filepath.Join(t.TempDir(), "libonnxruntime.so")
	for _, length := range []int{0, 10, 64, 4096, len(whole) / 2, len(whole) - len(whole)/10} {
		require.NoError(t, os.WriteFile(path, whole[:length], 0o644))
		err := checkComplete(path)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%d bytes: %v", length, err)
		assert.ErrorContains(t, err, path)
	}
	// Without the table at the file's end, which loading does not need, the segments tell.
	for at := range 8 {
		whole[0x28+at] = 0
	}
	for at := range 4 {
		whole[0x3c+at] = 0
	}
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o644))
	assert.ErrorContains(t, checkComplete(path), "was cut off: it has")
}

func TestAnotherLibraryIsNotONNXRuntime(t *testing.T) {
	// Of this machine's kind: a cross compiler brings others.
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	candidates, err := filepath.Glob("/lib/" + machine + "-linux-gnu/libm.so.6")
	require.NoError(t, err)
	if len(candidates) == 0 {
		candidates = []string{"/usr/lib/libSystem.B.dylib"}
	}
	_, err = libraryVersion(candidates[0])
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%v", err)
	assert.ErrorContains(t, err, "OrtGetApiBase")
}

func TestCheckVersion(t *testing.T) {
	for version, status := range map[string]errs.Status{
		"1.24.0": errs.OK, "1.24.0-rc1": errs.OK, "1.32.0": errs.OK, "2.0": errs.OK,
		"1.23.2": errs.Unsupported, "0.9": errs.Unsupported,
		"": errs.InvalidInput, "1": errs.InvalidInput, "one.two": errs.InvalidInput,
	} {
		err := checkVersion(version, "/lib/libonnxruntime.so")
		assert.Equal(t, status, errs.StatusOf(err), "%q: %v", version, err)
		if err != nil {
			assert.ErrorContains(t, err, "/lib/libonnxruntime.so")
		}
	}
}

func TestResolveLibrary(t *testing.T) {
	dir := t.TempDir()
	for path, status := range map[string]errs.Status{
		dir: errs.InvalidInput, filepath.Join(dir, "none.so"): errs.NotFound, "a\x00b": errs.InvalidInput,
	} {
		_, err := resolveLibrary(path, "the option")
		assert.Equal(t, status, errs.StatusOf(err), "%q: %v", path, err)
		assert.ErrorContains(t, err, "the option")
	}
}
