package blob

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"testing"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

// FuzzResolveText: whatever the text, the outcome is content under the cap or one of our errors in presentable words,
// and no address is dialled that is not public. The working directory is empty and there is no network.
func FuzzResolveText(f *testing.F) {
	for _, seed := range []string{
		"", "/nonexistent/x.png", "data:image/png;base64,iVBORw0KGgo=", "data:,%41", "http://10.0.0.1/", "http://0x7f.1:80/?a=b#c",
		"https://user:pass@[::ffff:127.0.0.1]/x", "file:///nonexistent", "file://localhost/..", "ftp://x", "iVBORw0KGgoAAAA", "\x00", "a b",
		"http://xn--a.example:99999/", "HTTP://①.1/", "//x:y@z",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		start := bytes.ToLower(bytes.TrimSpace(text))
		isURL := bytes.HasPrefix(start, []byte("data:")) || schemePattern.Match(start)
		if bytes.HasPrefix(start, []byte("file:")) || !isURL && bytes.ContainsAny(text, "/") {
			return // could name a file outside the test's directory
		}
		t.Chdir(t.TempDir())
		r := NewResolver(Options{
			MaxBytes: 64,
			Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
				return []netip.Addr{netip.AddrFrom4([4]byte{byte(len(host)), 1, 1, 1})}, nil
			},
			Dial: func(_ context.Context, _, address string) (net.Conn, error) {
				if name := notPublic(netip.MustParseAddrPort(address).Addr()); name != "" {
					t.Errorf("dialled %s, %s", address, name)
				}
				return nil, errors.New("no network in this test")
			},
		})
		content, err := r.Resolve(context.Background(), Value{Kind: Text, Data: text})
		if err == nil {
			if len(content.Encoded) == 0 || len(content.Encoded) > 64 || content.Origin == "" {
				t.Fatalf("%d bytes from %q", len(content.Encoded), content.Origin)
			}
			return
		}
		var ours *errs.Error
		if !errors.As(err, &ours) || ours.Status == errs.Internal || ours.Status == errs.OK {
			t.Fatalf("%T %v", err, err)
		}
		if len([]rune(ours.Message)) > 700 || !utf8.ValidString(ours.Message) || bytes.ContainsAny([]byte(ours.Message), "\x00\n\r\x1b") {
			t.Fatalf("unfit message: %q", ours.Message)
		}
	})
}

// FuzzBase64 compares with encoding/base64 on what both take, and checks that what is decoded encodes back.
func FuzzBase64(f *testing.F) {
	for _, seed := range []string{"", "AAAA", "AA==", "AA", "_-8=", "+/8", "A A\nA", "AB\n  CD", "A=A=", "====", "iVBORw0KGgo"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		decoded, err := decodeBase64(text, 1<<10)
		if !bytes.Equal(before, text) {
			t.Fatal("the text was changed")
		}
		standard, standardErr := base64.StdEncoding.DecodeString(string(text))
		if standardErr == nil && len(standard) > 0 && len(standard) <= 1<<10 && (err != nil || !bytes.Equal(standard, decoded)) {
			t.Fatalf("%q: %v, encoding/base64 gives %q", text, err, standard)
		}
		if err != nil {
			if status := errs.StatusOf(err); status != errs.InvalidInput && status != errs.LimitExceeded {
				t.Fatal(err)
			}
			return
		}
		again, err := decodeBase64([]byte(base64.URLEncoding.EncodeToString(decoded)), 1<<10)
		if err != nil || !bytes.Equal(again, decoded) {
			t.Fatalf("%q does not survive encoding: %v", decoded, err)
		}
	})
}

// FuzzDataURI: the outcome is content under the cap or a refusal.
func FuzzDataURI(f *testing.F) {
	for _, seed := range []string{"", ",", ";base64,", "image/png;base64,iVBORw0KGgo=", ",%41%", ";base64,%3D%3D", ";BASE64,A A"} {
		f.Add([]byte(seed))
	}
	r := NewResolver(Options{MaxBytes: 64})
	f.Fuzz(func(t *testing.T, rest []byte) {
		content, err := r.resolveDataURI(append([]byte("data:"), rest...))
		if err == nil && (len(content.Encoded) == 0 || len(content.Encoded) > 64) {
			t.Fatalf("%d bytes", len(content.Encoded))
		}
		if status := errs.StatusOf(err); err != nil && status != errs.InvalidInput && status != errs.LimitExceeded {
			t.Fatal(err)
		}
	})
}
