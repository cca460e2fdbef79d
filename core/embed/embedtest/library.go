package embedtest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Library is the path of the ONNX Runtime library for tests that run a real model: what
// INNERSPACE_ORT_LIBRARY names, or what ./build.sh setup has fetched. Without one the test fails.
func Library(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("INNERSPACE_ORT_LIBRARY"); path != "" {
		return path
	}
	pattern := "libonnxruntime.so.*"
	if runtime.GOOS == "darwin" {
		pattern = "libonnxruntime.*.dylib"
	}
	pattern = filepath.Join(Root(t), "build", "onnxruntime", pattern)
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("this test needs the ONNX Runtime library: run ./build.sh setup, or set INNERSPACE_ORT_LIBRARY (looked for %s, found %v)", pattern, found)
	}
	return found[0]
}

// EmbeddedModel is the directory of the model that the package ships.
func EmbeddedModel(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), "python", "innerspace", "models", "embedded")
}

// TinyCLIP is the directory of a small random CLIP in the layout of Transformers.js.
func TinyCLIP(t testing.TB) string {
	t.Helper()
	return filepath.Join(Root(t), "testdata", "models", "tiny-clip")
}

// Root is the repository's root, found from the test's own directory.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = filepath.Dir(dir)
	}
}
