package blob

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// reserved is a block of addresses that a picture on the public Internet cannot have.
type reserved struct {
	prefix netip.Prefix
	name   string
}

// reservedIPv4 follows the IANA IPv4 special-purpose registry, and Azure's metadata service, which has a public address.
var reservedIPv4 = []reserved{
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified address"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a carrier-grade NAT address"},
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address"},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud metadata address"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.0.0.0/24"), "an address for protocol assignments"},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation address"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a 6to4 relay address"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking address"},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation address"},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation address"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},
}

// reservedIPv6 gives names to what is refused, and holes to the one block that is allowed (globalUnicast).
var reservedIPv6 = []reserved{
	{netip.MustParsePrefix("::/128"), "an unspecified address"},
	{netip.MustParsePrefix("::1/128"), "a loopback address"},
	{netip.MustParsePrefix("2001::/23"), "an address for protocol assignments"}, // Teredo, benchmarking, ORCHID
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation address"},
	{netip.MustParsePrefix("3fff::/20"), "a documentation address"},
	{netip.MustParsePrefix("fc00::/7"), "a unique local address"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
}

// globalUnicast is all that IANA has given out of IPv6.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// embeddings are the IPv6 blocks whose packets end at an IPv4 address that stands inside.
var embeddings = []struct {
	prefix netip.Prefix
	offset int // of the IPv4 address, in bytes
}{
	{netip.MustParsePrefix("::ffff:0:0/96"), 12},   // IPv4-mapped
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // IPv4-translated
	{netip.MustParsePrefix("64:ff9b::/96"), 12},    // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4
}

// notPublic says what an address is that must not be dialled, "" for an address of the public Internet.
func notPublic(address netip.Addr) string {
	if !address.IsValid() {
		return "an invalid address"
	}
	if address.Zone() != "" {
		return "a link-local address"
	}
	if address.Is4() {
		return reservedName(address, reservedIPv4)
	}
	bytes := address.As16()
	plain := netip.AddrFrom16(bytes) // netip keeps IPv4-mapped addresses out of every IPv6 prefix but its own
	for _, embedding := range embeddings {
		if containsBits(embedding.prefix, bytes) {
			inner := netip.AddrFrom4([4]byte(bytes[embedding.offset : embedding.offset+4]))
			return reservedName(inner, reservedIPv4)
		}
	}
	if name := reservedName(plain, reservedIPv6); name != "" {
		return name
	}
	if !globalUnicast.Contains(plain) {
		return "a reserved address"
	}
	return ""
}

func reservedName(address netip.Addr, blocks []reserved) string {
	for _, block := range blocks {
		if block.prefix.Contains(address) {
			return block.name
		}
	}
	return ""
}

// containsBits is Prefix.Contains on the bare bits: Contains never matches an IPv4-mapped address.
func containsBits(prefix netip.Prefix, address [16]byte) bool {
	want := prefix.Addr().As16()
	bits := prefix.Bits()
	for i := 0; i < bits; i += 8 {
		mask := byte(0xff)
		if left := bits - i; left < 8 {
			mask <<= 8 - left
		}
		if (want[i/8]^address[i/8])&mask != 0 {
			return false
		}
	}
	return true
}

// numericHost reads an IPv4 address in the spellings that C libraries and browsers take beside the dotted one:
// fewer parts, octal, hexadecimal ("127.1", "0177.0.0.1", "0x7f000001", "2130706433"). numeric says that the last
// part is a number, so that the host is an address and nothing else; ok, that it is a valid one.
func numericHost(host string) (address netip.Addr, numeric, ok bool) {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if _, isNumber := hostNumber(parts[len(parts)-1]); !isNumber {
		return netip.Addr{}, false, false
	}
	if len(parts) > 4 {
		return netip.Addr{}, true, false
	}
	var value uint64
	for i, part := range parts {
		number, isNumber := hostNumber(part)
		limit := uint64(256)
		if i == len(parts)-1 {
			limit = 1 << (8 * (5 - len(parts))) // the last part fills what is left of the 4 bytes
		}
		if !isNumber || number >= limit {
			return netip.Addr{}, true, false
		}
		if i == len(parts)-1 {
			value |= number
		} else {
			value |= number << (8 * (3 - i))
		}
	}
	var bytes [4]byte
	binary.BigEndian.PutUint32(bytes[:], uint32(value))
	return netip.AddrFrom4(bytes), true, true
}

// hostNumber is a number in C's spelling. One that is too long or has the digit 8 or 9 after a leading 0 still counts
// as a number (and then fails the limit), because it can be no name.
func hostNumber(part string) (uint64, bool) {
	const tooLarge = 1 << 40
	digits, base := part, 10
	switch {
	case len(part) >= 2 && (part[:2] == "0x" || part[:2] == "0X"):
		digits, base = part[2:], 16
		if digits == "" {
			return 0, true
		}
	case len(part) > 1 && part[0] == '0':
		digits, base = part[1:], 8
	}
	for _, c := range []byte(digits) {
		isHex := base == 16 && ('a' <= c && c <= 'f' || 'A' <= c && c <= 'F')
		if (c < '0' || c > '9') && !isHex {
			return 0, false
		}
	}
	if digits == "" {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, base, 64)
	if err != nil || number > tooLarge {
		return tooLarge, true
	}
	return number, true
}
