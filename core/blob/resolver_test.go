package blob

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

// pngBytes begins like a PNG; that is all this package looks at.
var pngBytes = []byte("\x89PNG\r\n\x1a\nand the rest\xfb\xff\xfe")

// offline returns a resolver without a network, and how often it looked up and dialled.
func offline(options Options) (r *Resolver, lookups, dials *atomic.Int64) {
	lookups, dials = new(atomic.Int64), new(atomic.Int64)
	lookup := options.Lookup
	options.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
		lookups.Add(1)
		if lookup != nil {
			return lookup(ctx, host)
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	options.Dial = func(context.Context, string, string) (net.Conn, error) {
		dials.Add(1)
		return nil, errors.New("no network in this test")
	}
	return NewResolver(options), lookups, dials
}

func resolve(t *testing.T, r *Resolver, kind Kind, data string) (Content, error) {
	t.Helper()
	return r.Resolve(context.Background(), Value{Kind: kind, Data: []byte(data)})
}

// requireStatus asserts that err is one of ours with the status, and returns its message.
func requireStatus(t *testing.T, want errs.Status, err error) string {
	t.Helper()
	var e *errs.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, want.String(), e.Status.String(), e.Message)
	return e.Message
}

func writeFile(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "picture.png")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func TestEncodedBytesArePassedOn(t *testing.T) {
	r := NewResolver(Options{MaxBytes: 10})
	content, err := resolve(t, r, Encoded, "0123456789")
	require.NoError(t, err)
	assert.Equal(t, Content{Encoded: []byte("0123456789"), Origin: "bytes"}, content)

	_, err = resolve(t, r, Encoded, "")
	requireStatus(t, errs.InvalidInput, err)
	_, err = resolve(t, r, Encoded, "01234567890")
	assert.Contains(t, requireStatus(t, errs.LimitExceeded, err), "11 bytes")
}

func TestRawPixelsArePassedOn(t *testing.T) {
	r := NewResolver(Options{MaxBytes: 1, MaxRawBytes: 6})
	v := Value{Kind: Raw, Data: []byte("rgbrgb"), Mode: "RGB", Width: 2, Height: 1}
	content, err := r.Resolve(context.Background(), v)
	require.NoError(t, err)
	assert.Equal(t, Content{Pixels: &Pixels{Mode: "RGB", Width: 2, Height: 1, Data: []byte("rgbrgb")}, Origin: "RGB pixels"}, content)

	v.Data = append(v.Data, 0)
	_, err = r.Resolve(context.Background(), v)
	assert.Contains(t, requireStatus(t, errs.LimitExceeded, err), "2x1 with 7 bytes of pixels, more than the 6 that max_pixels")
}

func TestUnknownKindIsRefused(t *testing.T) {
	_, err := resolve(t, NewResolver(Options{}), Kind(9), "x")
	requireStatus(t, errs.InvalidInput, err)
}

func TestCancelledBeforeAnything(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := NewResolver(Options{}).Resolve(ctx, Value{Kind: Encoded, Data: pngBytes})
	requireStatus(t, errs.Cancelled, err)
}

func TestTextIsDecidedInOrder(t *testing.T) {
	t.Chdir(t.TempDir())
	encoded := base64.StdEncoding.EncodeToString(pngBytes)
	require.NoError(t, os.WriteFile("abcd", []byte("a file whose name is base64"), 0o600))
	require.NoError(t, os.WriteFile("spaces in name.png", []byte("spaces"), 0o600))
	require.NoError(t, os.WriteFile("100%.png", []byte("percent"), 0o600))
	require.NoError(t, os.MkdirAll("data:,image", 0o700))
	directory, err := os.Getwd()
	require.NoError(t, err)
	r, lookups, dials := offline(Options{})

	for name, test := range map[string]struct{ text, want string }{
		"data URI before a file of that name": {"data:,image", "image"},
		"relative path":                       {"abcd", "a file whose name is base64"},
		"path with spaces":                    {"spaces in name.png", "spaces"},
		"path is not percent-decoded":         {"100%.png", "percent"},
		"absolute path":                       {directory + "/abcd", "a file whose name is base64"},
		"file URL":                            {"file://" + directory + "/spaces%20in%20name.png", "spaces"},
		"file URL of localhost":               {"FILE://LocalHost" + directory + "/abcd", "a file whose name is base64"},
		"file URL with one slash":             {"file:" + directory + "/100%25.png", "percent"},
		"URL with white space around":         {"\n file://" + directory + "/abcd \n", "a file whose name is base64"},
		"base64":                              {encoded, string(pngBytes)},
		"base64 with white space":             {" " + encoded[:9] + "\r\n  \t " + encoded[9:] + "\n", string(pngBytes)},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := resolve(t, r, Text, test.text)
			require.NoError(t, err)
			assert.Equal(t, test.want, string(content.Encoded))
			assert.NotEmpty(t, content.Origin)
			if content.Location == "" {
				assert.Contains(t, []string{"image", string(pngBytes)}, test.want, "what came from a file has a location")
				return
			}
			t.Chdir("/")
			again, err := resolve(t, r, Path, content.Location)
			require.NoError(t, err)
			assert.Equal(t, content.Encoded, again.Encoded, "from any working directory")
		})
	}
	assert.Zero(t, lookups.Load()+dials.Load())
}

func TestTextThatIsNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("folder", 0o700))
	r, _, dials := offline(Options{MaxBytes: 1000})
	for name, test := range map[string]struct {
		text   string
		status errs.Status
		says   []string
	}{
		"missing file": {"/nonexistent/x.png", errs.NotFound, []string{
			"Failed to open image /nonexistent/x.png.", "no data: URI", "no URL", "no such file", `"." at position 14`}},
		"description":               {"a red circle on white", errs.NotFound, []string{"Failed to open image a red circle on white.", "position 1 "}},
		"base64 of something else":  {"aGVsbG8gd29ybGQ=", errs.NotFound, []string{"decodes to 11 bytes that do not begin like an image"}},
		"home directory":            {"~/x.png", errs.NotFound, []string{"~ is not expanded"}},
		"empty":                     {"", errs.InvalidInput, []string{"empty text"}},
		"blank":                     {" \t\n", errs.InvalidInput, []string{"empty text"}},
		"directory":                 {"folder", errs.InvalidInput, []string{"folder", "directory"}},
		"zero byte":                 {"a\x00b", errs.InvalidInput, []string{`a\x00b`}},
		"too long for a name":       {strings.Repeat("long ", 200), errs.InvalidInput, []string{"…", "too long", "position 4"}},
		"too long for a path":       {strings.Repeat("long ", 2000), errs.InvalidInput, []string{"too long for a path"}},
		"invalid UTF-8":             {"\xff\xfe", errs.NotFound, []string{`\xff\xfe`}},
		"other scheme":              {"ftp://user:secret@example.org/x.png", errs.Unsupported, []string{"Unsupported scheme in path: ftp", "http"}},
		"cloud storage":             {"s3://bucket/x.png", errs.Unsupported, []string{"s3"}},
		"malformed URL":             {"http://user:secret@[::1/x.png", errs.InvalidInput, []string{"malformed"}},
		"URL without a host":        {"https:///x.png", errs.InvalidInput, []string{"malformed"}},
		"file URL of another host":  {"file://server/share/x.png", errs.InvalidInput, []string{"server", "file:///"}},
		"file URL with a query":     {"file:///tmp/x.png?secret", errs.InvalidInput, []string{"%3F"}},
		"file URL badly escaped":    {"file:///tmp/%zz.png", errs.InvalidInput, []string{"malformed"}},
		"file URL of a missing":     {"file:///nonexistent/a%20b.png", errs.NotFound, []string{"Failed to open image /nonexistent/a b.png."}},
		"base64 over the cap":       {base64.StdEncoding.EncodeToString(append(pngBytes, make([]byte, 1000)...)), errs.LimitExceeded, []string{"1000"}},
		"credentials, single slash": {"http:/user:secret@example.org/x.png", errs.NotFound, []string{"…@example.org"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := resolve(t, r, Text, test.text)
			message := requireStatus(t, test.status, err)
			for _, part := range test.says {
				assert.Contains(t, message, part)
			}
			assert.NotContains(t, message, "secret")
			assert.Less(t, len(message), 600)
		})
	}
	assert.Zero(t, dials.Load())
}

func TestExcerpt(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"plain":                  "plain",
		"quote\" and\nline":      `quote\" and\nline`,
		"\x1b[31m":               `\x1b[31m`,
		"ünï":                    "ünï",
		"https://me:pw@host/":    "https://…@host/",
		strings.Repeat("x", 80):  strings.Repeat("x", 80),
		strings.Repeat("x", 81):  strings.Repeat("x", 51) + "…" + strings.Repeat("x", 28),
		strings.Repeat("é", 999): strings.Repeat("é", 51) + "…" + strings.Repeat("é", 28),
	} {
		assert.Equal(t, want, excerpt(text))
	}
	assert.Len(t, []rune(excerpt(strings.Repeat("\x00", 1<<20))), maxExcerpt)
}
