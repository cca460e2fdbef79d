package blob

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// schemePattern is the scheme of RFC 3986 where an authority follows.
var schemePattern = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)

// maxPathBytes is Linux's PATH_MAX; longer text is no path and is not handed to the file system.
const maxPathBytes = 4096

func (r *Resolver) resolveText(ctx context.Context, text []byte) (Content, error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return Content{}, errs.New(errs.InvalidInput, "the image is an empty text; give a path, a URL, a data: URI or base64")
	}
	if hasPrefixFold(trimmed, "data:") {
		return r.resolveDataURI(trimmed)
	}
	if scheme := schemePattern.FindSubmatch(trimmed); scheme != nil {
		return r.resolveURL(ctx, strings.ToLower(string(scheme[1])), string(trimmed))
	}
	if hasPrefixFold(trimmed, "file:/") {
		return r.resolveURL(ctx, "file", string(trimmed))
	}

	fileErr := errs.New(errs.InvalidInput, "too long for a path")
	if len(text) <= maxPathBytes {
		var info, err = statFile(string(text))
		if err == nil {
			return r.readFile(ctx, string(text), info)
		}
		fileErr = err
	}
	decoded, base64Err := decodeBase64(trimmed, r.options.MaxBytes)
	if errs.StatusOf(base64Err) == errs.LimitExceeded {
		return Content{}, base64Err
	}
	if base64Err == nil && !r.options.IsImage(decoded) {
		base64Err = errs.New(errs.InvalidInput, "it decodes to %d bytes that do not begin like an image", len(decoded))
	}
	if base64Err == nil {
		return Content{Encoded: decoded, Origin: "base64 text"}, nil
	}
	return Content{}, errs.New(fileErr.Status,
		"Failed to open image %s. It is no data: URI (it does not begin with data:), no URL (it does not begin with "+
			"file://, http:// or https://), no file (%s) and no base64 of an image (%s)",
		excerpt(string(text)), fileErr.Message, errs.From(base64Err).Message)
}

func (r *Resolver) resolveURL(ctx context.Context, scheme, text string) (Content, error) {
	switch scheme {
	case "file":
		path, err := filePath(text)
		if err != nil {
			return Content{}, err
		}
		return r.resolvePath(ctx, path)
	case "http", "https":
		return r.fetch(ctx, text)
	}
	return Content{}, errs.New(errs.Unsupported,
		"Unsupported scheme in path: %s, possible values: file, http, https and data", excerpt(scheme))
}

func hasPrefixFold(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(string(text[:len(prefix)]), prefix)
}
