package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/innerspace/innerspace/core/errs"
)

// readChunk is how much is read between two looks at the context.
const readChunk = 1 << 20

func (r *Resolver) resolvePath(ctx context.Context, path string) (Content, error) {
	if path == "" {
		return Content{}, errs.New(errs.InvalidInput, "the path of the image is empty")
	}
	info, err := statFile(path)
	if err != nil {
		return Content{}, errs.Wrap(err, err.Status, "Failed to open image %s. %s", excerpt(path), sentence(err.Message))
	}
	return r.readFile(ctx, path, info)
}

// sentence begins words that can follow "no file:" with a capital.
func sentence(words string) string {
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// statFile says why a path is no file, in words that can follow "no file:".
func statFile(path string) (fs.FileInfo, *errs.Error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(err, path)
	}
	return info, nil
}

func fileError(err error, path string) *errs.Error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		where := ""
		if directory, e := os.Getwd(); e == nil && !filepath.IsAbs(path) {
			where = " in " + excerpt(directory)
		}
		if strings.HasPrefix(path, "~") {
			where += "; ~ is not expanded, use pathlib.Path.expanduser"
		}
		return errs.Wrap(err, errs.NotFound, "there is no such file%s", where)
	case errors.Is(err, fs.ErrPermission):
		return errs.Wrap(err, errs.InvalidInput, "permission denied")
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err // without the path, which the message already shows
	}
	return errs.Wrap(err, errs.InvalidInput, "%v", err)
}

// readFile reads a regular file. Devices, pipes and sockets are refused because they have no end; the cap is held
// against what is read as well as against the size, which is 0 under /proc and outdated for a growing file.
func (r *Resolver) readFile(ctx context.Context, path string, info fs.FileInfo) (Content, error) {
	name := excerpt(path)
	if err := r.checkFile(name, info); err != nil {
		return Content{}, err
	}
	// O_NONBLOCK: if the file became a pipe in the meantime, opening it must not wait for a writer.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		e := fileError(err, path)
		return Content{}, errs.Wrap(err, e.Status, "Failed to open image %s. %s", name, sentence(e.Message))
	}
	defer func() { _ = file.Close() }()
	if info, err = file.Stat(); err != nil {
		return Content{}, errs.Wrap(err, errs.InvalidInput, "Failed to open image %s. %v", name, sentence(fileError(err, path).Message))
	}
	if err := r.checkFile(name, info); err != nil {
		return Content{}, err
	}
	content, err := readCapped(ctx, file, info.Size(), r.options.MaxBytes)
	switch {
	case errors.Is(err, errOverCap):
		return Content{}, r.tooLarge("the file "+name, 0)
	case ctx.Err() != nil:
		return Content{}, errs.From(ctx.Err())
	case err != nil:
		return Content{}, errs.Wrap(err, errs.InvalidInput, "Failed to open image %s. %s", name, sentence(fileError(err, path).Message))
	case len(content) == 0:
		return Content{}, errs.New(errs.InvalidInput, "Failed to open image %s. The file is empty", name)
	}
	location, err := filepath.Abs(path)
	if err != nil { // there is no working directory any more
		location = ""
	}
	return Content{Encoded: content, Origin: name, Location: location}, nil
}

func (r *Resolver) checkFile(name string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errs.New(errs.InvalidInput, "Failed to open image %s. It is a directory; name an image file in it", name)
	case !info.Mode().IsRegular():
		return errs.New(errs.InvalidInput, "Failed to open image %s. It is no regular file (%s)", name, info.Mode().Type())
	case info.Size() > r.options.MaxBytes:
		return r.tooLarge("the file "+name, info.Size())
	}
	return nil
}

// filePath returns the path that a file: URL names.
func filePath(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", errs.New(errs.InvalidInput, "the URL %s is malformed; a file URL looks like file:///folder/picture.png", excerpt(text))
	}
	if u.User != nil || u.Host != "" && !strings.EqualFold(u.Host, "localhost") {
		return "", errs.New(errs.InvalidInput,
			"the file URL names the host %q, but only files of this machine can be opened: file:///folder/picture.png", excerpt(u.Host))
	}
	if u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return "", errs.New(errs.InvalidInput,
			"the file URL %s has a ? or a #; in the name of a file they are written %%3F and %%23", publicURL(u))
	}
	return u.Path, nil
}

var errOverCap = errors.New("more bytes than allowed")

// readCapped reads to the end, or fails with errOverCap as soon as there are more than limit bytes. hint is the
// expected size and only trusted up to readChunk, so that no claim makes it allocate what never comes.
func readCapped(ctx context.Context, source io.Reader, hint, limit int64) ([]byte, error) {
	capacity := min(max(hint, 0), limit, readChunk) + 1
	content := make([]byte, 0, capacity)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(content) == cap(content) {
			grown := make([]byte, len(content), min(2*int64(cap(content)), limit+1))
			copy(grown, content)
			content = grown
		}
		n, err := source.Read(content[len(content):min(cap(content), len(content)+readChunk)])
		content = content[:len(content)+n]
		if int64(len(content)) > limit {
			return nil, errOverCap
		}
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
