package blob

import (
	"context"
	"fmt"
	"net/http"

	"github.com/innerspace/innerspace/core/errs"
)

// Resolver turns Values into Contents. It is safe for concurrent use, keeps connections for the next fetch and runs
// at most maxConcurrentFetches fetches at a time.
type Resolver struct {
	options Options
	client  *http.Client
	fetches chan struct{}
}

// NewResolver returns a Resolver for options.
func NewResolver(options Options) *Resolver {
	r := &Resolver{options: options.withDefaults(), fetches: make(chan struct{}, maxConcurrentFetches)}
	r.client = newClient(r.options)
	return r
}

// Resolve returns the content that v stands for. Text is decided in this order:
//
//  1. a data: URI, with or without ;base64; the media type it claims is ignored, its content decides
//  2. a URL with the scheme file, http or https (white space around it is ignored); any other scheme:// is Unsupported
//  3. an existing file, relative to the working directory; ~ is not expanded
//  4. base64 of something that is an image: standard or URL-safe alphabet, padding and line breaks optional
//
// and is otherwise an error that says why it is none of these. Encoded bytes and pixels are passed on without a copy:
// the caller must not change them while the Content is in use. What the bytes hold is checked by core/imaging.
//
// Statuses: NotFound for a missing file, an unknown host and HTTP 404 and 410; InvalidInput for a directory, a file
// that may not be read or is no regular file, empty content and a malformed URL; LimitExceeded over a cap; Forbidden
// for an address outside the public Internet and a redirect from https to http; Unsupported for other schemes;
// Timeout; UnexpectedResponse for any other answer of a server; Cancelled when ctx is.
func (r *Resolver) Resolve(ctx context.Context, v Value) (Content, error) {
	if err := ctx.Err(); err != nil {
		return Content{}, errs.From(err)
	}
	switch v.Kind {
	case Text:
		return r.resolveText(ctx, v.Data)
	case Path:
		return r.resolvePath(ctx, string(v.Data))
	case Encoded:
		return r.resolveEncoded(v.Data)
	case Raw:
		return r.resolveRaw(v)
	}
	return Content{}, errs.New(errs.InvalidInput,
		"%d is no kind of image value; the kinds are 0 (text), 1 (path), 2 (encoded bytes) and 3 (raw pixels)", v.Kind)
}

func (r *Resolver) resolveEncoded(data []byte) (Content, error) {
	if len(data) == 0 {
		return Content{}, errs.New(errs.InvalidInput, "the image has no bytes; give the content of an image file")
	}
	if int64(len(data)) > r.options.MaxBytes {
		return Content{}, r.tooLarge("the image", int64(len(data)))
	}
	return Content{Encoded: data, Origin: "bytes"}, nil
}

func (r *Resolver) resolveRaw(v Value) (Content, error) {
	if int64(len(v.Data)) > r.options.MaxRawBytes {
		return Content{}, errs.New(errs.LimitExceeded,
			"the image is %dx%d with %d bytes of pixels, more than the %d that max_pixels leaves room for; shrink it, or raise max_pixels",
			v.Width, v.Height, len(v.Data), r.options.MaxRawBytes)
	}
	return Content{
		Pixels: &Pixels{Mode: v.Mode, Width: v.Width, Height: v.Height, Data: v.Data},
		Origin: fmt.Sprintf("%s pixels", excerpt(v.Mode)),
	}, nil
}

// tooLarge is the error for something with more bytes than MaxBytes; size is 0 where it isn't known.
func (r *Resolver) tooLarge(what string, size int64) *errs.Error {
	if size == 0 {
		return errs.New(errs.LimitExceeded, "%s has more than the %d bytes that max_blob_bytes allows", what, r.options.MaxBytes)
	}
	return errs.New(errs.LimitExceeded, "%s has %d bytes, more than the %d that max_blob_bytes allows", what, size, r.options.MaxBytes)
}
