package blob

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNotPublic(t *testing.T) {
	for address, want := range map[string]string{
		// public
		"1.1.1.1": "", "8.8.8.8": "", "93.184.216.34": "", "172.15.255.255": "", "172.32.0.0": "", "100.63.255.255": "",
		"100.128.0.0": "", "169.253.255.255": "", "169.255.0.0": "", "192.0.1.0": "", "198.17.255.255": "", "198.20.0.0": "",
		"11.0.0.0": "", "9.255.255.255": "", "126.255.255.255": "", "128.0.0.0": "", "223.255.255.255": "",
		"2606:2800:220:1:248:1893:25c8:1946": "", "2001:4860:4860::8888": "", "2a00::1": "", "2001:200::1": "",
		"::ffff:8.8.8.8": "", "64:ff9b::8.8.8.8": "", "2002:808:808::1": "", "::ffff:0:8.8.8.8": "",
		// IPv4
		"0.0.0.0": "unspecified", "0.1.2.3": "unspecified", "10.0.0.1": "private", "10.255.255.255": "private",
		"172.16.0.0": "private", "172.31.255.255": "private", "192.168.0.1": "private", "127.0.0.1": "loopback",
		"127.255.255.254": "loopback", "169.254.169.254": "link-local", "169.254.0.0": "link-local",
		"100.64.0.0": "NAT", "100.127.255.255": "NAT", "100.100.100.200": "NAT", "168.63.129.16": "metadata",
		"192.0.0.192": "protocol", "192.0.2.1": "documentation", "198.51.100.1": "documentation",
		"203.0.113.255": "documentation", "198.18.0.0": "benchmarking", "198.19.255.255": "benchmarking",
		"192.88.99.1": "6to4", "224.0.0.1": "multicast", "239.255.255.255": "multicast", "240.0.0.1": "reserved",
		"255.255.255.255": "reserved",
		// IPv6
		"::": "unspecified", "::1": "loopback", "fe80::1": "link-local", "febf::1": "link-local", "fe80::1%eth0": "link-local",
		"fc00::1": "unique local", "fd00:ec2::254": "unique local", "fdff::": "unique local", "fec0::1": "reserved",
		"ff02::1": "multicast", "2001:db8::1": "documentation", "3fff:0fff::": "documentation", "2001:2::1": "protocol",
		"2001::1": "protocol", "2001:20::1": "protocol", "100::1": "reserved", "5f00::1": "reserved", "4000::1": "reserved",
		"::127.0.0.1": "reserved", "::8.8.8.8": "reserved", "64:ff9b:1::1": "reserved",
		// IPv4 inside IPv6
		"::ffff:127.0.0.1": "loopback", "::ffff:10.0.0.1": "private", "::ffff:a9fe:a9fe": "link-local",
		"64:ff9b::10.0.0.1": "private", "64:ff9b::a9fe:a9fe": "link-local", "64:ff9b::127.0.0.1": "loopback",
		"2002:7f00:1::": "loopback", "2002:a00:1::1": "private", "2002:a9fe:a9fe::": "link-local", "2002:c0a8:101::1": "private",
		"::ffff:0:127.0.0.1": "loopback", "::ffff:0:192.168.1.1": "private",
	} {
		got := notPublic(netip.MustParseAddr(address))
		if want == "" {
			assert.Empty(t, got, address)
		} else {
			assert.Contains(t, got, want, address)
		}
	}
	assert.NotEmpty(t, notPublic(netip.Addr{}))
}

func TestNumericHost(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1": "127.0.0.1", "127.1": "127.0.0.1", "127.0.1": "127.0.0.1", "2130706433": "127.0.0.1",
		"0x7f000001": "127.0.0.1", "0X7F.1": "127.0.0.1", "017700000001": "127.0.0.1", "0177.0.0.1": "127.0.0.1",
		"0x7f.0x0.0x0.0x1": "127.0.0.1", "0": "0.0.0.0", "0x": "0.0.0.0", "127.0.0.1.": "127.0.0.1", "127.65535": "127.0.255.255",
		"4294967295": "255.255.255.255", "010.8.8.8": "8.8.8.8", "2852039166": "169.254.169.254", "0xa9.254.0251.0xfe": "169.254.169.254",
	} {
		address, numeric, ok := numericHost(host)
		assert.True(t, numeric && ok, host)
		assert.Equal(t, want, address.String(), host)
	}
	for _, host := range []string{
		"256.0.0.1", "1.2.3.4.5", "4294967296", "1.2.3.256", "127.0.0.08", "1.16777216", "0x1ffffffff", "example.1", "1..1",
		"99999999999999999999999", "a.0x1", ".1",
	} {
		_, numeric, ok := numericHost(host)
		assert.True(t, numeric, host)
		assert.False(t, ok, host)
	}
	for _, host := range []string{"example.org", "1.example", "0xg", "localhost", "1.2.3.x4", "::1", "", ".", "-1", "1e3"} {
		_, numeric, _ := numericHost(host)
		assert.False(t, numeric, host)
	}
}
