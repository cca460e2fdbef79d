package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// directory is a model directory on disk. Names are slash-separated and relative to it.
type directory struct{ path string }

func openDirectory(dir string) (*directory, error) {
	if dir == "" {
		return nil, errs.New(errs.InvalidInput, "the model's directory is empty: give the path of a directory that holds a model")
	}
	absolute, err := filepath.Abs(dir)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return nil, openFailure(err, "model directory", dir)
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return nil, openFailure(err, "model directory", dir)
	}
	if !info.IsDir() {
		return nil, errs.New(errs.InvalidInput, "%s is a file; a model is a directory (%s)", dir, expected())
	}
	return &directory{path: absolute}, nil
}

// has says whether name is there, as a file or a link to one.
func (d *directory) has(name string) bool {
	info, err := os.Stat(d.join(name))
	return err == nil && !info.IsDir()
}

func (d *directory) join(name string) string {
	return filepath.Join(d.path, filepath.FromSlash(name))
}

// file stats a name that this package chose itself. A symbolic link may lead
// anywhere: a snapshot in the Hugging Face cache is made of links out of it.
func (d *directory) file(name string, limit int64) (File, error) {
	info, err := os.Stat(d.join(name))
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, errs.New(errs.NotFound, "the model directory %s has no %s; it holds %s", d.path, name, d.listing())
	}
	if err != nil {
		return File{}, openFailure(err, name+" of the model directory", d.path)
	}
	if err := checkFile(info, name, d.path, limit); err != nil {
		return File{}, err
	}
	if isPointer(d.join(name), info.Size()) {
		return File{}, errs.New(errs.InvalidInput, "%s of the model directory %s is a pointer of Git LFS, not the file that it stands for: run `git lfs pull` there",
			name, d.path)
	}
	return File{Name: name, Path: d.join(name), Size: info.Size()}, nil
}

// isPointer tells a file that a clone without Git LFS has in the place of a large one.
func isPointer(path string, size int64) bool {
	const first, most = "version https://git-lfs.github.com/spec/", 1024 // bytes; the specification's cap
	if size >= most {
		return false
	}
	content, err := os.ReadFile(path)
	return err == nil && bytes.HasPrefix(content, []byte(first))
}

// namedFile stats a name that stood in a file of the directory (key says where).
// Such a name, and the link behind it, must stay inside the directory.
func (d *directory) namedFile(name, key string, limit int64) (File, error) {
	if name == "" {
		return File{}, errs.New(errs.InvalidInput, "%s of the model directory %s is missing or empty; it has to name a file", key, d.path)
	}
	outside := errs.New(errs.Forbidden, "%s of the model directory %s is %q, which is not inside the directory", key, d.path, name)
	if strings.ContainsRune(name, '\\') || !filepath.IsLocal(filepath.FromSlash(name)) {
		return File{}, outside
	}
	if target, err := filepath.EvalSymlinks(d.join(name)); err == nil {
		relative, err := filepath.Rel(d.path, target)
		if err != nil || !filepath.IsLocal(relative) {
			return File{}, outside
		}
	}
	return d.file(name, limit)
}

// decode reads a JSON file of the directory into value.
func (d *directory) decode(name string, value any) error {
	file, err := d.file(name, MaxConfigBytes)
	if err != nil {
		return err
	}
	data, err := readCapped(file.Path, name, d.path, MaxConfigBytes)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), value); err != nil {
		return errs.Wrap(err, errs.InvalidInput, "%s of the model directory %s is not what it should be: %v", name, d.path, err)
	}
	return nil
}

// checkFile refuses what cannot be read as a file (a pipe would block) and what is empty or too large.
func checkFile(info fs.FileInfo, name, dir string, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return errs.New(errs.InvalidInput, "%s of the model directory %s is not a regular file", name, dir)
	case info.Size() == 0:
		return errs.New(errs.InvalidInput, "%s of the model directory %s is empty: was its download cut off?", name, dir)
	case info.Size() > limit:
		return errs.New(errs.LimitExceeded, "%s of the model directory %s has %d bytes; at most %d are read", name, dir, info.Size(), limit)
	}
	return nil
}

// readCapped reads a whole file, checking the cap on the open file, not on an earlier look at its name.
func readCapped(path, name, dir string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, openFailure(err, name+" of the model directory", dir)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, openFailure(err, name+" of the model directory", dir)
	}
	if err := checkFile(info, name, dir, limit); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, openFailure(err, name+" of the model directory", dir)
	}
	if int64(len(data)) > limit {
		return nil, errs.New(errs.LimitExceeded, "%s of the model directory %s grew over %d bytes while it was read", name, dir, limit)
	}
	return data, nil
}

// listing names what the directory holds, two levels deep and not without end.
func (d *directory) listing() string {
	const most = 20
	var names []string
	for _, pattern := range []string{"*", "*/*"} {
		matches, _ := filepath.Glob(filepath.Join(escapeGlob(d.path), pattern))
		for _, match := range matches {
			if info, err := os.Stat(match); err != nil || info.IsDir() {
				continue
			}
			if relative, err := filepath.Rel(d.path, match); err == nil {
				names = append(names, filepath.ToSlash(relative))
			}
		}
	}
	sort.Strings(names)
	switch {
	case len(names) == 0:
		return "no files"
	case len(names) > most:
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func (d *directory) unrecognised() error {
	return errs.New(errs.NotFound, "%s is not a model directory that innerspace knows: it holds %s; looked for %s",
		d.path, d.listing(), expected())
}

// expected lists the formats and their files.
func expected() string {
	var all []string
	for _, format := range formats {
		all = append(all, format.name+": "+strings.Join(format.files, ", "))
	}
	return strings.Join(all, "; ")
}

func openFailure(err error, what, path string) error {
	status, reason := errs.InvalidInput, err.Error()
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		reason = pathError.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		status, reason = errs.NotFound, "it does not exist"
	}
	return errs.Wrap(err, status, "cannot open the %s %s: %s", what, path, reason)
}
