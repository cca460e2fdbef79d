package blob

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core"
	"github.com/innerspace/innerspace/core/errs"
)

// picture answers every request with pngBytes and shows each request to watch.
func picture(watch func(*http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if watch != nil {
			watch(request)
		}
		_, _ = w.Write(pngBytes)
	})
}

// local starts a server on 127.0.0.1 and a resolver that may reach it.
func local(t *testing.T, handler http.HandlerFunc) (*Resolver, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return NewResolver(Options{AllowPrivate: true, MaxBytes: 1 << 16, Timeout: 5 * time.Second}), server.URL
}

func TestFetch(t *testing.T) {
	var request *http.Request
	r, server := local(t, picture(func(r *http.Request) { request = r }).ServeHTTP)
	content, err := resolve(t, r, Text, strings.Replace(server, "://", "://me:secret@", 1)+"/a%20b.png?size=1#part")
	require.NoError(t, err)
	assert.Equal(t, pngBytes, content.Encoded)
	assert.Equal(t, server+"/a%20b.png?…", content.Origin)
	assert.Equal(t, strings.Replace(server, "://", "://me:secret@", 1)+"/a%20b.png?size=1#part", content.Location)
	assert.Equal(t, "innerspace/"+core.Version, request.UserAgent())
	assert.Equal(t, "identity", request.Header.Get("Accept-Encoding"))
	assert.Equal(t, "size=1", request.URL.RawQuery)
	user, password, _ := request.BasicAuth()
	assert.Equal(t, "me secret", user+" "+password)
}

func TestAnswersThatAreNoPicture(t *testing.T) {
	answer := func(status int, header, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, line := range strings.Split(header, "\n") {
				if name, value, found := strings.Cut(line, ": "); found {
					w.Header().Set(name, value)
				}
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		status  errs.Status
		says    string
	}{
		"404":                {answer(404, "", "no"), errs.NotFound, "404"},
		"410":                {answer(410, "", "no"), errs.NotFound, "410"},
		"401":                {answer(401, "", "no"), errs.UnexpectedResponse, "401"},
		"403":                {answer(403, "", "no"), errs.UnexpectedResponse, "403"},
		"429":                {answer(429, "", "no"), errs.UnexpectedResponse, "429"},
		"500":                {answer(500, "", "no"), errs.UnexpectedResponse, "500"},
		"500 with a picture": {answer(500, "Content-Type: image/png", string(pngBytes)), errs.UnexpectedResponse, "500"},
		"206":                {answer(206, "", string(pngBytes)), errs.UnexpectedResponse, "206"},
		"302 to nowhere":     {answer(302, "", ""), errs.UnexpectedResponse, "302"},
		"HTML":               {answer(200, "Content-Type: text/html; charset=utf-8", "<!doctype html><p>log in"), errs.UnexpectedResponse, "HTML"},
		"HTML, no type":      {answer(200, "", "<html><p>log in"), errs.UnexpectedResponse, "HTML"},
		"HTML as PNG":        {answer(200, "Content-Type: image/png", "<html>"), errs.UnexpectedResponse, "HTML"},
		"JSON":               {answer(200, "Content-Type: application/json", "{}"), errs.UnexpectedResponse, "application/json"},
		"octets":             {answer(200, "Content-Type: application/octet-stream", "plain words"), errs.UnexpectedResponse, "text/plain"},
		"XHTML":              {answer(200, "Content-Type: application/xhtml+xml", "<?xml?>"), errs.UnexpectedResponse, "HTML"},
		"empty":              {answer(200, "Content-Type: image/png", ""), errs.UnexpectedResponse, "empty"},
		"brotli":             {answer(200, "Content-Encoding: br", string(pngBytes)), errs.UnexpectedResponse, "br"},
		"false gzip":         {answer(200, "Content-Encoding: gzip", string(pngBytes)), errs.UnexpectedResponse, "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			r, server := local(t, test.handler)
			_, err := resolve(t, r, Text, server+"/x.png?key=secret")
			message := requireStatus(t, test.status, err)
			assert.Contains(t, message, test.says)
			assert.Contains(t, message, "Failed to open image "+server+"/x.png?….")
			assert.NotContains(t, message, "secret")
		})
	}
}

func TestPictureOfAnUnknownFormatIsPassedOn(t *testing.T) {
	r, server := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/avif")
		_, _ = w.Write([]byte("\x00\x00\x00\x20ftypavif"))
	})
	_, err := resolve(t, r, Text, server)
	require.NoError(t, err)
}

func TestWrongMediaTypeOfAPictureIsIgnored(t *testing.T) {
	r, server := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(pngBytes)
	})
	_, err := resolve(t, r, Text, server)
	require.NoError(t, err)
}

func TestResponseCap(t *testing.T) {
	var written atomic.Int64
	flood := func(w http.ResponseWriter, request *http.Request) {
		chunk := bytes.Repeat(pngBytes, 100)
		for request.Context().Err() == nil {
			n, err := w.Write(chunk)
			if written.Add(int64(n)); err != nil {
				return
			}
		}
	}
	bomb := compressed(make([]byte, 32<<20))
	for name, handler := range map[string]http.HandlerFunc{
		"endless": flood,
		"declared": func(w http.ResponseWriter, request *http.Request) {
			w.Header().Set("Content-Length", "1099511627776")
			flood(w, request)
		},
		"gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
	} {
		t.Run(name, func(t *testing.T) {
			written.Store(0)
			r, server := local(t, handler)
			_, err := resolve(t, r, Text, server)
			requireStatus(t, errs.LimitExceeded, err)
			assert.Less(t, written.Load(), int64(256<<20), "the transfer went on after the refusal")
		})
	}
}

func compressed(data []byte) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, _ = writer.Write(data)
	_ = writer.Close()
	return buffer.Bytes()
}

func TestGzipThatWasNotAskedFor(t *testing.T) {
	r, server := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(compressed(pngBytes))
	})
	content, err := resolve(t, r, Text, server)
	require.NoError(t, err)
	assert.Equal(t, pngBytes, content.Encoded)
}

func TestRedirectLimits(t *testing.T) {
	var requests atomic.Int64
	r, server := local(t, func(w http.ResponseWriter, request *http.Request) {
		requests.Add(1)
		var left int
		if _, err := fmt.Sscanf(request.URL.Path, "/%d", &left); err == nil && left == 0 {
			assert.Empty(t, request.Referer())
			_, _ = w.Write(pngBytes)
			return
		}
		http.Redirect(w, request, fmt.Sprintf("/%d", left-1), http.StatusFound)
	})
	_, err := resolve(t, r, Text, server+"/5?key=secret")
	require.NoError(t, err)
	_, err = resolve(t, r, Text, server+"/6")
	requireStatus(t, errs.LimitExceeded, err)
	requests.Store(0)
	_, err = resolve(t, r, Text, server+"/-1")
	requireStatus(t, errs.LimitExceeded, err)
	assert.Equal(t, int64(DefaultMaxRedirects+1), requests.Load())
}

func TestRedirectFromHTTPSToHTTPIsRefused(t *testing.T) {
	plain := httptest.NewServer(picture(func(*http.Request) { t.Error("the plain server was asked") }))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.RedirectHandler(strings.Replace(plain.URL, "://", "://me:secret@", 1), http.StatusFound))
	defer secure.Close()
	r := NewResolver(Options{AllowPrivate: true})
	_, err := resolve(t, r, Text, secure.URL)
	assert.Contains(t, requireStatus(t, errs.UnexpectedResponse, err), "certificate")

	r.client.Transport.(*http.Transport).TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	_, err = resolve(t, r, Text, secure.URL)
	message := requireStatus(t, errs.Forbidden, err)
	assert.Contains(t, message, "not encrypted")
	assert.NotContains(t, message, "secret")
}

func TestConnectionsAreReusedAndFetchesBounded(t *testing.T) {
	var connections, running, most atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now := running.Add(1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		time.Sleep(2 * time.Millisecond)
		_, _ = w.Write(pngBytes)
		running.Add(-1)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	r := NewResolver(Options{AllowPrivate: true})
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for range 4 {
				_, err := r.Resolve(context.Background(), Value{Data: []byte(server.URL)})
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
	assert.LessOrEqual(t, most.Load(), int64(maxConcurrentFetches))
	assert.LessOrEqual(t, connections.Load(), int64(2*maxConcurrentFetches))
}

func TestWaitingForATurnCanBeCancelled(t *testing.T) {
	r, _, dials := offline(Options{})
	for range maxConcurrentFetches {
		r.fetches <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := r.Resolve(ctx, Value{Data: []byte("http://example.org/")})
	requireStatus(t, errs.Cancelled, err)
	assert.Zero(t, dials.Load())
}

func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	for _, allow := range []bool{false, true} {
		transport := NewResolver(Options{AllowPrivate: allow}).client.Transport.(*http.Transport)
		assert.Equal(t, allow, transport.Proxy != nil)
	}
}
