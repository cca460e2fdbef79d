package blob

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

// TestBrokenAnswers speaks HTTP by hand, since no Go server sends these.
func TestBrokenAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"length too large": "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + string(pngBytes),
		"cut chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" + string(pngBytes),
		"cut gzip":         "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x00",
		"cut in a header":  "HTTP/1.1 200 OK\r\nContent-Le",
		"nothing":          "",
		"not HTTP":         "SSH-2.0-OpenSSH_9.2\r\n",
		"bad length":       "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
		"endless header":   "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20),
		"bad chunk size":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer func() { _ = listener.Close() }()
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = conn.Write([]byte(answer))
					_ = conn.Close()
				}
			}()
			r := NewResolver(Options{AllowPrivate: true, Timeout: 5 * time.Second})
			_, err = resolve(t, r, Text, "http://"+listener.Addr().String()+"/x.png")
			requireStatus(t, errs.UnexpectedResponse, err)
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	_, err = resolve(t, NewResolver(Options{AllowPrivate: true}), Text, "http://"+listener.Addr().String())
	assert.Contains(t, requireStatus(t, errs.UnexpectedResponse, err), "refused")
}

func TestSlowServers(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"headers": func(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() },
		"body": func(w http.ResponseWriter, request *http.Request) {
			for request.Context().Err() == nil {
				_, _ = w.Write(pngBytes[:1])
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
		"redirects": func(w http.ResponseWriter, request *http.Request) {
			time.Sleep(60 * time.Millisecond)
			http.Redirect(w, request, "/next", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, server := local(t, handler)
			r := NewResolver(Options{AllowPrivate: true, Timeout: 150 * time.Millisecond})
			began := time.Now()
			_, err := resolve(t, r, Text, server)
			requireStatus(t, errs.Timeout, err)
			assert.Less(t, time.Since(began), 5*time.Second)

			r = NewResolver(Options{AllowPrivate: true, Timeout: time.Hour, MaxRedirects: 1 << 30})
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			began = time.Now()
			_, err = r.Resolve(ctx, Value{Data: []byte(server)})
			requireStatus(t, errs.Cancelled, err)
			assert.Less(t, time.Since(began), 5*time.Second)
		})
	}
}
