package blob

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/innerspace/innerspace/core/errs"
)

// maxConcurrentFetches bounds the connections and, times MaxBytes, the memory of fetches.
const maxConcurrentFetches = 16

func newClient(options Options) *http.Client {
	transport := &http.Transport{
		DialContext:            dialer{options}.dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // decompressed here, where the cap is
		MaxIdleConns:           maxConcurrentFetches,
		MaxIdleConnsPerHost:    maxConcurrentFetches,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if options.AllowPrivate {
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &http.Client{Transport: transport, CheckRedirect: redirectCheck(options.MaxRedirects)}
}

// redirectCheck holds what can be told from a redirect's URL; its address is checked when it is dialled.
func redirectCheck(limit int) func(*http.Request, []*http.Request) error {
	return func(request *http.Request, via []*http.Request) error {
		request.Header.Del("Referer") // the URL before may hold a secret in its query
		last := via[len(via)-1].URL
		switch {
		case len(via) > limit:
			return errs.New(errs.LimitExceeded, "the server redirected more than %d times", limit)
		case request.URL.Scheme != "http" && request.URL.Scheme != "https":
			return errs.New(errs.Forbidden, "the server redirected to %s, which is neither http nor https", publicURL(request.URL))
		case last.Scheme == "https" && request.URL.Scheme == "http":
			return errs.New(errs.Forbidden, "the server redirected from https to %s, which is not encrypted", publicURL(request.URL))
		}
		return nil
	}
}

func (r *Resolver) fetch(ctx context.Context, text string) (Content, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		// Neither the text nor url.Parse's message may be shown: a password may stand anywhere in them.
		return Content{}, errs.New(errs.InvalidInput, "the %s URL is malformed; one looks like https://example.org/picture.png",
			strings.ToLower(text[:strings.IndexByte(text, ':')]))
	}
	select {
	case r.fetches <- struct{}{}:
		defer func() { <-r.fetches }()
	case <-ctx.Done():
		return Content{}, errs.From(ctx.Err())
	}
	limited, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	content, err := r.get(limited, u)
	if err == nil {
		return Content{Encoded: content, Origin: publicURL(u), Location: u.String()}, nil
	}
	if ctx.Err() != nil {
		return Content{}, errs.From(ctx.Err())
	}
	return Content{}, r.fetchError(limited, u, err)
}

// fetchError puts the URL and a status to whatever ended a fetch.
func (r *Resolver) fetchError(limited context.Context, u *url.URL, err error) error {
	var ours *errs.Error
	switch {
	case errors.As(err, &ours):
		return errs.Wrap(ours, ours.Status, "Failed to open image %s. It could not be fetched: %s", publicURL(u), ours.Message)
	case limited.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		return errs.Wrap(err, errs.Timeout, "Failed to open image %s. It was not fetched within %s (url_timeout)",
			publicURL(u), r.options.Timeout)
	}
	var urlError *url.Error
	if errors.As(err, &urlError) {
		err = urlError.Err // without its URL, which may hold secrets
	}
	return errs.Wrap(err, errs.UnexpectedResponse, "Failed to open image %s. The fetch failed: %s", publicURL(u), excerpt(err.Error()))
}

func (r *Resolver) get(ctx context.Context, u *url.URL) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errs.New(errs.InvalidInput, "the URL is malformed")
	}
	request.Header.Set("User-Agent", r.options.UserAgent)
	request.Header.Set("Accept", "image/*, */*;q=0.1")
	request.Header.Set("Accept-Encoding", "identity")
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if err := r.checkResponse(response); err != nil {
		return nil, err
	}
	body, err := decodedBody(response)
	if err != nil {
		return nil, err
	}
	content, err := readCapped(ctx, body, response.ContentLength, r.options.MaxBytes)
	switch {
	case errors.Is(err, errOverCap):
		return nil, r.tooLarge("the answer", 0)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errs.Wrap(err, errs.UnexpectedResponse, "the connection ended before the answer did")
	case err != nil:
		return nil, err
	case len(content) == 0:
		return nil, errs.New(errs.UnexpectedResponse, "the answer is empty")
	}
	return content, r.checkContent(response, content)
}

func (r *Resolver) checkResponse(response *http.Response) error {
	switch {
	case response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusGone:
		return errs.New(errs.NotFound, "the server answered %s", excerpt(response.Status))
	case response.StatusCode != http.StatusOK:
		return errs.New(errs.UnexpectedResponse, "the server answered %s", excerpt(response.Status))
	case response.ContentLength > r.options.MaxBytes:
		return r.tooLarge("the answer", response.ContentLength)
	}
	return nil
}

// decodedBody undoes a compression that was not asked for; the reader after it holds the cap.
func decodedBody(response *http.Response) (io.Reader, error) {
	switch encoding := strings.ToLower(response.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return response.Body, nil
	case "gzip", "x-gzip":
		body, err := gzip.NewReader(response.Body)
		if err != nil {
			return nil, errs.Wrap(err, errs.UnexpectedResponse, "the answer is not the gzip that its header claims")
		}
		return body, nil
	default:
		return nil, errs.New(errs.UnexpectedResponse, "the answer has the Content-Encoding %s, which was not asked for", excerpt(encoding))
	}
}

// checkContent refuses what was not asked for, above all the HTML of an error or a login page. A picture of a format
// that is not known here passes: core/imaging has better words for it.
func (r *Resolver) checkContent(response *http.Response, content []byte) error {
	if r.options.IsImage(content) {
		return nil
	}
	declared, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	detected, _, _ := mime.ParseMediaType(http.DetectContentType(content))
	switch {
	case declared == "text/html" || declared == "application/xhtml+xml" || detected == "text/html":
		return errs.New(errs.UnexpectedResponse, "the answer is an HTML page, not an image")
	case strings.HasPrefix(declared, "image/"):
		return nil
	case err != nil || declared == "application/octet-stream":
		declared = detected
	}
	return errs.New(errs.UnexpectedResponse, "the answer is %s, not an image", excerpt(declared))
}
