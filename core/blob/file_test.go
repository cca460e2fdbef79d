package blob

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

func TestPathIsOnlyAPath(t *testing.T) {
	r, _, dials := offline(Options{})
	path := writeFile(t, pngBytes)
	content, err := resolve(t, r, Path, path)
	require.NoError(t, err)
	assert.Equal(t, pngBytes, content.Encoded)

	for _, text := range []string{"data:,x", "http://example.org/x.png", "file://" + path, "iVBORw0KGgoA"} {
		_, err := resolve(t, r, Path, text)
		assert.Contains(t, requireStatus(t, errs.NotFound, err), "Failed to open image "+text)
	}
	assert.Zero(t, dials.Load())
}

func TestMissingFileKeepsTheKnownWording(t *testing.T) {
	_, err := resolve(t, NewResolver(Options{}), Path, "/nonexistent/x.png")
	assert.Contains(t, requireStatus(t, errs.NotFound, err), "Failed to open image /nonexistent/x.png.")
	_, err = resolve(t, NewResolver(Options{}), Path, "")
	requireStatus(t, errs.InvalidInput, err)
}

func TestFileCap(t *testing.T) {
	r := NewResolver(Options{MaxBytes: int64(len(pngBytes))})
	_, err := resolve(t, r, Path, writeFile(t, pngBytes))
	require.NoError(t, err)
	_, err = resolve(t, r, Path, writeFile(t, append(pngBytes, 0)))
	requireStatus(t, errs.LimitExceeded, err)

	// A sparse file of a petabyte: refused by its size, nothing is read or allocated.
	path := writeFile(t, nil)
	if os.Truncate(path, 1<<43) == nil {
		_, err = resolve(t, r, Path, path)
		requireStatus(t, errs.LimitExceeded, err)
	}
}

func TestOnlyRegularFilesAreRead(t *testing.T) {
	directory := t.TempDir()
	fifo := filepath.Join(directory, "pipe")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	socket := filepath.Join(directory, "socket")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	link := filepath.Join(directory, "link")
	require.NoError(t, os.Symlink("/dev/zero", link))

	r := NewResolver(Options{})
	for _, path := range []string{directory, fifo, socket, link, "/dev/zero", "/dev/null"} {
		for _, kind := range []Kind{Path, Text} {
			finished := make(chan error, 1)
			go func() {
				_, err := r.Resolve(context.Background(), Value{Kind: kind, Data: []byte(path)})
				finished <- err
			}()
			select {
			case err := <-finished:
				assert.Contains(t, requireStatus(t, errs.InvalidInput, err), path)
			case <-time.After(5 * time.Second):
				t.Fatalf("%s: opening it blocks", path)
			}
		}
	}
}

// TestFileThatBecomesAPipe holds the second check, after the file is open.
func TestFileThatBecomesAPipe(t *testing.T) {
	path := writeFile(t, pngBytes)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	_, err = NewResolver(Options{}).readFile(context.Background(), path, info)
	requireStatus(t, errs.InvalidInput, err)
}

func TestFileWithoutASize(t *testing.T) {
	if _, err := os.Stat("/proc/self/maps"); err == nil { // Linux only; its size is given as 0
		content, err := resolve(t, NewResolver(Options{}), Path, "/proc/self/maps")
		require.NoError(t, err)
		assert.NotEmpty(t, content.Encoded)
		_, err = resolve(t, NewResolver(Options{MaxBytes: 10}), Path, "/proc/self/maps")
		requireStatus(t, errs.LimitExceeded, err)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	_, err := resolve(t, NewResolver(Options{}), Path, writeFile(t, nil))
	assert.Contains(t, requireStatus(t, errs.InvalidInput, err), "empty")

	_, err = resolve(t, NewResolver(Options{}), Path, "/nonexistent/x.png")
	assert.Equal(t, "Failed to open image /nonexistent/x.png. There is no such file", requireStatus(t, errs.NotFound, err))

	// Root may read everything, so the refusal is also checked where the system's error is translated.
	assert.Equal(t, errs.InvalidInput, fileError(&os.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "x").Status)
	if os.Geteuid() != 0 {
		path := writeFile(t, pngBytes)
		require.NoError(t, os.Chmod(path, 0))
		_, err = resolve(t, NewResolver(Options{}), Path, path)
		assert.Contains(t, requireStatus(t, errs.InvalidInput, err), ". Permission denied")
	}
}

func TestReadCapped(t *testing.T) {
	data := make([]byte, 3*readChunk+17)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	size := int64(len(data))
	for name, hint := range map[string]int64{"unknown": -1, "too small": 5, "exact": size, "too large": 1 << 60} {
		t.Run(name, func(t *testing.T) {
			for _, limit := range []int64{size, size + 1, 1 << 40} {
				content, err := readCapped(context.Background(), iotest.DataErrReader(bytes.NewReader(data)), hint, limit)
				require.NoError(t, err)
				require.True(t, bytes.Equal(data, content))
			}
			for _, limit := range []int64{1, size - 1} {
				_, err := readCapped(context.Background(), bytes.NewReader(data), hint, limit)
				require.ErrorIs(t, err, errOverCap)
			}
		})
	}
	_, err := readCapped(context.Background(), endless{}, 0, 1<<20)
	require.ErrorIs(t, err, errOverCap)
	_, err = readCapped(context.Background(), iotest.ErrReader(io.ErrClosedPipe), 0, 10)
	require.ErrorIs(t, err, io.ErrClosedPipe)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = readCapped(ctx, endless{}, 0, 1<<62)
	require.ErrorIs(t, err, context.Canceled)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
