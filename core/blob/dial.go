package blob

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/innerspace/innerspace/core/errs"
)

const (
	// maxAddresses is how many addresses of a host are tried.
	maxAddresses = 8
	// minDialTime is the least that one address gets while others wait.
	minDialTime = 500 * time.Millisecond
)

// dialer looks a name up, checks what it finds, and dials exactly that: no second lookup can answer differently.
// It stands below the HTTP client, so that redirects and every spelling of a host come through it.
type dialer struct{ options Options }

func (d dialer) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, errs.New(errs.InvalidInput, "the URL has a malformed host or port")
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || port == 0 {
		return nil, errs.New(errs.InvalidInput, "the URL has the port %s; ports go from 1 to 65535", excerpt(portText))
	}
	// The transport's context carries no deadline: it lets a connection outlive the request that asked for it.
	ctx, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	addresses, err := d.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	return d.connect(ctx, network, host, uint16(port), addresses)
}

// addresses returns the addresses of a host. One that is not public refuses them all: a public name that also
// answers with a private address is how rebinding starts.
func (d dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	addresses, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, errs.New(errs.NotFound, "the host %s has no address", excerpt(host))
	}
	for i, address := range addresses {
		if name := notPublic(address); name != "" && !d.options.AllowPrivate {
			return nil, errs.New(errs.Forbidden,
				"the host %s has the address %s, %s, and only addresses of the public Internet are fetched from; "+
					"set allow_private_addresses if this is meant", excerpt(host), address, name)
		}
		addresses[i] = address.Unmap()
	}
	return addresses, nil
}

func (d dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	if address, numeric, ok := numericHost(host); numeric {
		if !ok {
			return nil, errs.New(errs.InvalidInput, "the host %s is no valid IPv4 address", excerpt(host))
		}
		return []netip.Addr{address}, nil
	}
	addresses, err := d.options.Lookup(ctx, host)
	if err == nil {
		return append([]netip.Addr(nil), addresses...), nil
	}
	var dnsError *net.DNSError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &dnsError) && dnsError.IsTimeout:
		return nil, errs.Wrap(err, errs.Timeout, "looking up the host %s took too long", excerpt(host))
	}
	return nil, errs.Wrap(err, errs.NotFound, "the host %s could not be found; check its spelling and the network", excerpt(host))
}

func (d dialer) connect(ctx context.Context, network, host string, port uint16, addresses []netip.Addr) (net.Conn, error) {
	var lastError error
	addresses = addresses[:min(len(addresses), maxAddresses)]
	for i, address := range addresses {
		conn, err := d.connectOne(ctx, network, netip.AddrPortFrom(address, port), len(addresses)-i)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		lastError = err
	}
	var netError net.Error
	if errors.As(lastError, &netError) && netError.Timeout() || errors.Is(lastError, context.DeadlineExceeded) {
		return nil, errs.Wrap(lastError, errs.Timeout, "connecting to the host %s took too long", excerpt(host))
	}
	return nil, errs.Wrap(lastError, errs.UnexpectedResponse, "the host %s took no connection: %v", excerpt(host), lastError)
}

// connectOne gives an address its share of the time that is left, so that one dead address doesn't take it all.
func (d dialer) connectOne(ctx context.Context, network string, address netip.AddrPort, left int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		share := max(time.Until(deadline)/time.Duration(left), minDialTime)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	return d.options.Dial(ctx, network, address.String())
}
