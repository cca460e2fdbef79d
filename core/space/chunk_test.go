package space

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
)

func chunkingOf(t testing.TB, text string) (*chunking, error) {
	parsed, err := document.Parse([]byte(text), 1<<20)
	require.NoError(t, err)
	return readChunking(parsed.Root()), parsed.Err()
}

// TestChunksEqualTheReference compares with testdata/goldens/cases/chunking.json.
func TestChunksEqualTheReference(t *testing.T) {
	data, err := os.ReadFile("../../testdata/goldens/cases/chunking.json")
	require.NoError(t, err)
	var golden struct {
		Cases []struct {
			Text   string          `json:"text"`
			Args   map[string]any  `json:"args"`
			Chunks json.RawMessage `json:"chunks"`
		} `json:"cases"`
	}
	require.NoError(t, json.Unmarshal(data, &golden))
	require.Len(t, golden.Cases, 50)
	// The reference takes what its two arguments are called for the other way round.
	names := map[string]string{"chunk_size": "size", "chunk_overlap": "overlap",
		"split_chars_keep": "separators_dropped", "split_chars_remove": "separators_kept"}
	compared := 0
	for _, c := range golden.Cases {
		settings := map[string]any{}
		for key, value := range c.Args {
			settings[names[key]] = value
		}
		text, err := json.Marshal(settings)
		require.NoError(t, err)
		chunker, err := chunkingOf(t, string(text))
		require.NoError(t, err)
		got, err := chunker.chunks(c.Text)
		require.NoError(t, err)
		var want []string
		if json.Unmarshal(c.Chunks, &want) != nil {
			// The reference fails on a word longer than a chunk.
			assert.Equal(t, []string{c.Text}, got)
			continue
		}
		assert.ElementsMatch(t, want, got, "%q with %v", c.Text, c.Args)
		assert.Equal(t, strings.Join(want, "|"), strings.Join(got, "|"))
		compared++
	}
	assert.Equal(t, 44, compared)
}

func TestRefusedChunking(t *testing.T) {
	for text, message := range map[string]string{
		`{"size": 0}`:                   "$.size: must be a whole number from 1 to 1048576, got 0",
		`{"overlap": -1}`:               "$.overlap: must be a whole number from 0 to 1048576, got -1",
		`{"separators_kept": [""]}`:     "$.separators_kept[0]: a separator must not be empty",
		`{"separators_dropped": "\n"}`:  `$.separators_dropped: must be a list, got the string "\n"`,
		`{"separators_removed": ["x"]}`: "$.separators_removed: unknown key; known are size, overlap, separators_dropped, separators_kept",
	} {
		_, err := chunkingOf(t, text)
		assert.EqualError(t, err, message)
	}
	words, err := chunkingOf(t, `{"size": 1, "overlap": 0}`)
	require.NoError(t, err)
	_, err = words.chunks(strings.Repeat("a ", maxChunksPerText+1))
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
}

// FuzzChunks: every word of the text is in some chunk, in order, and no chunk is longer than it may be.
func FuzzChunks(f *testing.F) {
	f.Add("The cat sat on the mat. Dogs are barking! Are they?\nYes: 3.14", 20, 5)
	f.Add("\u2003a.b\u00a0c\x1f d..!?", 1, 3)
	f.Fuzz(func(t *testing.T, text string, size, overlap int) {
		if size < 1 || overlap < 0 || size > 1000 || overlap > 1000 || len(text) > 5000 || !utf8.ValidString(text) {
			return
		}
		c := &chunking{size: size, overlap: overlap, dropped: []string{"\n"}, kept: []string{".", "!", "?"}}
		chunks, err := c.chunks(text)
		require.NoError(t, err)
		letters := func(text string) string { return strings.ReplaceAll(collapse(text), " ", "") }
		rest := letters(text)
		for _, chunk := range chunks {
			assert.Equal(t, collapse(chunk), chunk)
			assert.True(t, utf8.RuneCountInString(chunk) <= size || !strings.Contains(chunk, " "), "%q is too long", chunk)
		}
		// Without overlap, chunks are the text.
		c.overlap = 0
		chunks, err = c.chunks(text)
		require.NoError(t, err)
		var joined strings.Builder
		for _, chunk := range chunks {
			joined.WriteString(letters(chunk))
		}
		if !strings.ContainsAny(rest, ".!?") { // a separator that stands alone may be left out
			assert.Equal(t, rest, joined.String())
		}
	})
}
