package modelcache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/innerspace/innerspace/core/errs"
)

// manifestName is the file of an entry that says what the others are. It is written last.
const manifestName = "manifest.json"

// maxManifestBytes and maxFiles are far above what an entry has.
const (
	maxManifestBytes = 1 << 16
	maxFiles         = 64
)

type manifest struct {
	Files map[string]fileRecord `json:"files"`
}

type fileRecord struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// writeManifest describes the files of a directory and returns their size together. Everything is on disk when it returns.
func writeManifest(ctx context.Context, directory string) (int64, error) {
	names, err := os.ReadDir(directory)
	if err != nil {
		return 0, unwritable(err)
	}
	m, total := manifest{Files: map[string]fileRecord{}}, int64(0)
	for _, name := range names {
		path := filepath.Join(directory, name.Name())
		record, err := describe(ctx, path)
		if err == nil {
			err = flush(path)
		}
		if err != nil {
			if ctx.Err() != nil {
				return 0, errs.From(ctx.Err())
			}
			return 0, unwritable(err)
		}
		m.Files[name.Name()] = record
		total += record.Bytes
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(directory, manifestName), text, 0o644)
	}
	if err == nil {
		err = flush(filepath.Join(directory, manifestName))
	}
	if err != nil {
		return 0, unwritable(err)
	}
	return total, nil
}

func flush(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func describe(ctx context.Context, path string) (fileRecord, error) {
	file, err := os.Open(path)
	if err != nil {
		return fileRecord{}, err
	}
	defer file.Close()
	sum := sha256.New()
	size, err := io.CopyBuffer(sum, contextReader{ctx, file}, make([]byte, 1<<20))
	return fileRecord{Bytes: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// verify compares the files of an entry with its manifest. The error is os.ErrNotExist where there is no entry.
func verify(ctx context.Context, entry string) error {
	path := filepath.Join(entry, manifestName)
	file, err := os.Open(path)
	if err != nil {
		if _, missing := os.Stat(entry); errors.Is(missing, os.ErrNotExist) {
			return os.ErrNotExist
		}
		// Between the two looks an entry may have appeared, whole: only what is still without a manifest is a ruin.
		file, err = os.Open(path)
	}
	if err != nil {
		return fmt.Errorf("it has no readable manifest: %v", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxManifestBytes))
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	if len(m.Files) == 0 || len(m.Files) > maxFiles {
		return fmt.Errorf("its manifest lists %d files", len(m.Files))
	}
	for name, want := range m.Files {
		if name != filepath.Base(name) {
			return fmt.Errorf("its manifest names %q", name)
		}
		info, err := os.Lstat(filepath.Join(entry, name))
		if err != nil || !info.Mode().IsRegular() || info.Size() != want.Bytes {
			return fmt.Errorf("%s is not the file that was written", name)
		}
		got, err := describe(ctx, filepath.Join(entry, name))
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s has changed since it was written", name)
		}
	}
	return nil
}

// contextReader lets a cancel stop the hashing of a large file.
type contextReader struct {
	ctx  context.Context
	from io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
