package blob

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/innerspace/innerspace/core"
	"github.com/innerspace/innerspace/core/imaging"
)

// Options are the caps and the network rules of a Resolver. The zero value is
// ready for use: every zero field means its default.
type Options struct {
	// MaxBytes caps the content of one image however it arrives: a file, a response after decompression,
	// decoded base64, bytes. Default DefaultMaxBytes.
	MaxBytes int64
	// MaxRawBytes caps decoded pixels, which never were a file: their real cap is the number of pixels
	// (core/imaging), so this one is wider. Default DefaultMaxRawBytes.
	MaxRawBytes int64
	// Timeout is for one whole fetch: lookup, connection, redirects, headers, body. Default DefaultTimeout.
	Timeout time.Duration
	// AllowPrivate lifts the refusal of addresses that are not on the public Internet. It also lets the proxies of
	// the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) take part. Without it they are ignored: through a proxy it
	// is the proxy that looks the name up, so no address could be checked.
	AllowPrivate bool
	// MaxRedirects is how many redirects one fetch may follow. Default DefaultMaxRedirects.
	MaxRedirects int
	// UserAgent is sent with each request. Default innerspace/<version>.
	UserAgent string
	// Lookup resolves a host name. Default net.DefaultResolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial connects to an address ("192.0.2.1:443") that was checked. Default net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// IsImage says whether content begins like an image. It decides whether text is base64 of an image and whether a
	// server answered with one. Default: imaging.Sniff knows the format.
	IsImage func([]byte) bool
}

const (
	// DefaultMaxBytes is 64 MiB.
	DefaultMaxBytes = 64 << 20
	// DefaultMaxRawBytes is room for imaging.DefaultMaxPixels of 4 bytes.
	DefaultMaxRawBytes = 4 * imaging.DefaultMaxPixels
	// DefaultTimeout is for one whole fetch.
	DefaultTimeout = 10 * time.Second
	// DefaultMaxRedirects is for one fetch.
	DefaultMaxRedirects = 5
)

func (o Options) withDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxRawBytes <= 0 {
		o.MaxRawBytes = DefaultMaxRawBytes
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxRedirects <= 0 {
		o.MaxRedirects = DefaultMaxRedirects
	}
	if o.UserAgent == "" {
		o.UserAgent = "innerspace/" + core.Version
	}
	if o.Lookup == nil {
		o.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	}
	if o.IsImage == nil {
		o.IsImage = func(content []byte) bool { _, ok := imaging.Sniff(content); return ok }
	}
	return o
}
