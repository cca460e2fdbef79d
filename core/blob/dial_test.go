package blob

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

// network is a stand-in for the Internet: names with their addresses, and a server behind every one of them.
type network struct {
	names  map[string][]string
	server *httptest.Server

	mu     sync.Mutex
	lookup []string
	dialed []string
}

func (n *network) options() Options {
	return Options{
		Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.lookup = append(n.lookup, host)
			var addresses []netip.Addr
			for _, text := range n.names[strings.ToLower(host)] {
				addresses = append(addresses, netip.MustParseAddr(text))
			}
			if addresses == nil {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return addresses, nil
		},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			n.mu.Lock()
			n.dialed = append(n.dialed, address)
			n.mu.Unlock()
			if n.server == nil {
				return nil, errors.New("nothing may be dialled in this test")
			}
			if strings.HasPrefix(address, "9.9.9.9:") {
				return nil, errors.New("host unreachable")
			}
			return (&net.Dialer{}).DialContext(ctx, network, n.server.Listener.Addr().String())
		},
	}
}

func TestPrivateAddressesAreRefusedWithoutADial(t *testing.T) {
	n := &network{names: map[string][]string{
		"localhost":             {"127.0.0.1"},
		"metadata.internal":     {"169.254.169.254"},
		"intranet.example":      {"10.1.2.3"},
		"six.example":           {"fd00::1"},
		"nat64.example":         {"64:ff9b::a00:1"},
		"mapped.example":        {"::ffff:192.168.0.1"},
		"rebinding.example":     {"93.184.216.34", "127.0.0.1"},
		"trailing.dot.example.": {"127.0.0.1"},
	}}
	r := NewResolver(n.options())
	for _, host := range []string{
		"127.0.0.1", "127.0.0.1:8080", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "0", "127.0.0.1.", "0xa9fea9fe", "168.63.129.16",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]",
		"[2002:7f00:1::]", "[::127.0.0.1]", "[ff02::1]", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
		"localhost", "LOCALHOST", "metadata.internal", "intranet.example", "six.example", "nat64.example", "mapped.example",
		"rebinding.example", "trailing.dot.example.", "user:secret@localhost",
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(scheme+" "+host, func(t *testing.T) {
				_, err := resolve(t, r, Text, scheme+"://"+host+"/x.png?token=secret")
				message := requireStatus(t, errs.Forbidden, err)
				assert.Contains(t, message, "allow_private_addresses")
				assert.NotContains(t, message, "secret")
			})
		}
	}
	assert.Empty(t, n.dialed)
}

func TestCheckedAddressIsTheOneDialled(t *testing.T) {
	n := &network{names: map[string][]string{"pictures.example": {"93.184.216.34"}}, server: httptest.NewServer(picture(nil))}
	defer n.server.Close()
	options := n.options()
	lookup, answers := options.Lookup, 0
	options.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
		if answers++; answers > 1 { // what a rebinding server says the second time
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return lookup(ctx, host)
	}
	content, err := resolve(t, NewResolver(options), Text, "http://pictures.example/x.png")
	require.NoError(t, err)
	assert.Equal(t, pngBytes, content.Encoded)
	assert.Equal(t, 1, answers)
	assert.Equal(t, []string{"93.184.216.34:80"}, n.dialed)
}

func TestPublicNumericHostIsDialledWithoutALookup(t *testing.T) {
	n := &network{server: httptest.NewServer(picture(nil))}
	defer n.server.Close()
	for _, host := range []string{"134744072", "8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]:81"} {
		_, err := resolve(t, NewResolver(n.options()), Text, "http://"+host+"/x.png")
		require.NoError(t, err, host)
	}
	assert.Empty(t, n.lookup)
	assert.Equal(t, []string{"8.8.8.8:80", "8.8.8.8:80", "[2606:4700::1111]:80", "8.8.8.8:81"}, n.dialed)
}

func TestNextAddressIsTriedWhenOneIsDead(t *testing.T) {
	n := &network{names: map[string][]string{"two.example": {"9.9.9.9", "1.1.1.1"}, "dead.example": {"9.9.9.9"}},
		server: httptest.NewServer(picture(nil))}
	defer n.server.Close()
	_, err := resolve(t, NewResolver(n.options()), Text, "http://two.example/x.png")
	require.NoError(t, err)
	assert.Equal(t, []string{"9.9.9.9:80", "1.1.1.1:80"}, n.dialed)

	_, err = resolve(t, NewResolver(n.options()), Text, "http://dead.example/x.png")
	assert.Contains(t, requireStatus(t, errs.UnexpectedResponse, err), "unreachable")
}

func TestSilentAddressDoesNotTakeAllTheTime(t *testing.T) {
	n := &network{names: map[string][]string{"two.example": {"8.8.4.4", "1.1.1.1"}}, server: httptest.NewServer(picture(nil))}
	defer n.server.Close()
	options := n.options()
	options.Timeout = 3 * minDialTime
	dial := options.Dial
	options.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "8.8.4.4:") {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return dial(ctx, network, address)
	}
	_, err := resolve(t, NewResolver(options), Text, "http://two.example/x.png")
	require.NoError(t, err)
}

// TestAbandonedConnectionsEnd: the transport would let a dial outlive its request for ever.
func TestAbandonedConnectionsEnd(t *testing.T) {
	ended := make(chan struct{})
	r := NewResolver(Options{
		Timeout: 50 * time.Millisecond,
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("1.1.1.1")}, nil
		},
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			_, limited := ctx.Deadline()
			assert.True(t, limited)
			<-ctx.Done()
			close(ended)
			return nil, ctx.Err()
		},
	})
	_, err := resolve(t, r, Text, "http://slow.example/x.png")
	requireStatus(t, errs.Timeout, err)
	<-ended
}

func TestRedirectsAreCheckedWithoutADial(t *testing.T) {
	for name, target := range map[string]string{
		"private address": "http://10.0.0.1/secret.png", "loopback": "http://127.0.0.1:1/", "metadata": "http://169.254.169.254/latest/",
		"private name": "http://intranet.example/", "decimal": "http://2130706433/", "IPv6": "http://[::1]/", "file": "file:///etc/passwd",
		"other scheme": "gopher://pictures.example/", "scheme-relative": "//intranet.example/x.png",
	} {
		t.Run(name, func(t *testing.T) {
			n := &network{names: map[string][]string{"pictures.example": {"93.184.216.34"}, "intranet.example": {"192.168.7.7"}}}
			n.server = httptest.NewServer(http.RedirectHandler(target, http.StatusFound))
			defer n.server.Close()
			_, err := resolve(t, NewResolver(n.options()), Text, "http://pictures.example/x.png")
			requireStatus(t, errs.Forbidden, err)
			assert.Equal(t, []string{"93.184.216.34:80"}, n.dialed)
		})
	}
}

func TestHostsThatCannotBeFound(t *testing.T) {
	n := &network{}
	for host, status := range map[string]errs.Status{
		"nowhere.example": errs.NotFound, "256.256.256.256": errs.InvalidInput, "1.2.3.4.5": errs.InvalidInput, "example.09": errs.InvalidInput,
		"host:0": errs.InvalidInput, "host:65536": errs.InvalidInput, "127%2e0.0.1": errs.InvalidInput,
	} {
		_, err := resolve(t, NewResolver(n.options()), Text, "http://"+host+"/x.png")
		requireStatus(t, status, err)
	}
	options := n.options()
	options.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, nil }
	_, err := resolve(t, NewResolver(options), Text, "http://empty.example/")
	requireStatus(t, errs.NotFound, err)
	options.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, &net.DNSError{IsTimeout: true} }
	_, err = resolve(t, NewResolver(options), Text, "http://slow.example/")
	requireStatus(t, errs.Timeout, err)
	assert.Empty(t, n.dialed)
}

func TestLookupAndConnectTimeouts(t *testing.T) {
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	public := func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("1.1.1.1")}, nil
	}
	for name, options := range map[string]Options{
		"lookup": {Lookup: func(ctx context.Context, _ string) ([]netip.Addr, error) { return nil, hang(ctx) }},
		"connect": {Lookup: public, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: hang(ctx)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			options.Timeout = 50 * time.Millisecond
			_, err := resolve(t, NewResolver(options), Text, "http://slow.example/x.png")
			requireStatus(t, errs.Timeout, err)

			options.Timeout = time.Hour
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(20*time.Millisecond, cancel)
			began := time.Now()
			_, err = NewResolver(options).Resolve(ctx, Value{Data: []byte("http://slow.example/x.png")})
			requireStatus(t, errs.Cancelled, err)
			assert.Less(t, time.Since(began), 5*time.Second)
		})
	}
}
