package blob

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

func TestBase64RoundTrip(t *testing.T) {
	encodings := []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding}
	random := rand.New(rand.NewPCG(1, 2))
	for size := 1; size < 200; size++ {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		for _, encoding := range encodings {
			text := encoding.EncodeToString(data)
			wrapped := strings.Join(splitEvery(text, 1+random.IntN(76)), "\r\n") + "\n"
			for _, form := range []string{text, wrapped} {
				decoded, err := decodeBase64([]byte(form), int64(size))
				require.NoError(t, err, form)
				require.Equal(t, data, decoded)
				_, err = decodeBase64([]byte(form), int64(size)-1)
				requireStatus(t, errs.LimitExceeded, err)
			}
		}
	}
}

func splitEvery(text string, n int) []string {
	var lines []string
	for len(text) > n {
		lines, text = append(lines, text[:n]), text[n:]
	}
	return append(lines, text)
}

func TestBase64Refusals(t *testing.T) {
	for text, says := range map[string]string{
		"":           "no base64 digits",
		"==":         "no base64 digits",
		"abc!":       "position 3",
		"a b":        "position 1",
		"ab  c":      "position 2",
		"abü":        "position 2",
		"abcde":      "whole number",
		"ab=":        "whole number",
		"abc==":      "whole number",
		"abcd=":      "whole number",
		"ab===":      "more than two",
		"ab=c":       "follows",
		"+-aa":       "mixes",
		"ab\x00cd":   `"\x00"`,
		"AAAA====":   "more than two",
		"YWJj\vZGVm": `"\v"`,
	} {
		_, err := decodeBase64([]byte(text), 1000)
		assert.Contains(t, requireStatus(t, errs.InvalidInput, err), says, text)
	}
}

// TestBase64BombAllocatesNothing: the cap is held before anything is decoded.
func TestBase64BombAllocatesNothing(t *testing.T) {
	text := bytes.Repeat([]byte("AAAA"), 1<<20)
	allocated := testing.AllocsPerRun(5, func() {
		_, err := decodeBase64(text, 1000)
		if errs.StatusOf(err) != errs.LimitExceeded {
			t.Fatal(err)
		}
	})
	assert.Less(t, allocated, 10.0)
}

func TestDataURI(t *testing.T) {
	r, _, _ := offline(Options{MaxBytes: 64})
	encoded := base64.StdEncoding.EncodeToString(pngBytes)
	for name, text := range map[string]string{
		"base64":               "data:image/png;base64," + encoded,
		"upper case":           "DATA:IMAGE/PNG;BASE64," + encoded,
		"no media type":        "data:;base64," + encoded,
		"wrong media type":     "data:text/plain;charset=utf-8;base64," + encoded,
		"URL-safe, no padding": "data:image/png;base64," + base64.RawURLEncoding.EncodeToString(pngBytes),
		"escaped base64":       "data:image/png;base64," + url.QueryEscape(encoded),
		"wrapped base64":       "data:image/png;base64,\n" + encoded[:8] + "\n" + encoded[8:] + "\n",
		"percent-encoded":      "data:image/png," + url.PathEscape(string(pngBytes)),
		"white space around":   "  data:image/png;base64," + encoded + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			content, err := resolve(t, r, Text, text)
			require.NoError(t, err)
			assert.Equal(t, pngBytes, content.Encoded)
		})
	}
	for name, test := range map[string]struct {
		text   string
		status errs.Status
	}{
		"no comma":           {"data:image/png;base64", errs.InvalidInput},
		"empty":              {"data:image/png,", errs.InvalidInput},
		"empty base64":       {"data:;base64,", errs.InvalidInput},
		"no base64":          {"data:;base64,!!!!", errs.InvalidInput},
		"bad escape":         {"data:,%zz", errs.InvalidInput},
		"bad escape, base64": {"data:;base64,AA%", errs.InvalidInput},
		"over the cap":       {"data:," + strings.Repeat("x", 65), errs.LimitExceeded},
		"base64 over":        {"data:;base64," + strings.Repeat("AAAA", 22), errs.LimitExceeded},
		"escaped over":       {"data:," + strings.Repeat("%41", 65), errs.LimitExceeded},
		"escaped base64 far": {"data:;base64," + strings.Repeat("%41", 500), errs.LimitExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := resolve(t, r, Text, test.text)
			requireStatus(t, test.status, err)
		})
	}
	_, err := resolve(t, r, Text, "data:,"+strings.Repeat("%41", 64))
	require.NoError(t, err)
}
