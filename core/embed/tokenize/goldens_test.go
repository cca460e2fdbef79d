package tokenize

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goldenText is a text, or a pair of a text and how often it is repeated.
type goldenText string

func (g *goldenText) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(g))
	}
	var unit string
	var count int
	if err := json.Unmarshal(data, &[]any{&unit, &count}); err != nil {
		return err
	}
	*g = goldenText(strings.Repeat(unit, count))
	return nil
}

func TestGoldens(t *testing.T) {
	var goldens struct {
		Texts []goldenText
		Sets  []struct {
			Name, Base string
			MaxTokens  int `json:"max_tokens"`
			Changes    map[string]json.RawMessage
			Encodings  [][]int64 `json:"tokens_and_ids"`
		}
	}
	require.NoError(t, json.Unmarshal(readRepositoryFile(t, "testdata/tokenize/goldens.json"), &goldens))
	require.Greater(t, len(goldens.Texts), 400)
	require.Len(t, goldens.Sets, 13)
	for _, set := range goldens.Sets {
		t.Run(set.Name, func(t *testing.T) {
			tokenizer, err := Load(withMembers(t, readRepositoryFile(t, set.Base), set.Changes), set.MaxTokens)
			require.NoError(t, err)
			require.Len(t, set.Encodings, len(goldens.Texts))
			for i, text := range goldens.Texts {
				tokens, ids := int(set.Encodings[i][0]), set.Encodings[i][1:]
				want := Encoding{IDs: ids, Tokens: tokens, Truncated: tokens > set.MaxTokens}
				for _, pass := range []string{"first", "cached"} {
					assert.Equalf(t, want, tokenizer.Encode(string(text)), "%s time, text %d: %.80q", pass, i, text)
				}
			}
		})
	}
}

func TestTinyCLIPGoldens(t *testing.T) {
	var goldens struct {
		Texts []struct {
			Text string
			IDs  []int64 `json:"ids"`
		}
	}
	require.NoError(t, json.Unmarshal(readRepositoryFile(t, "testdata/goldens/tiny_clip.json"), &goldens))
	require.Len(t, goldens.Texts, 65)
	tokenizer := loadFile(t, clipFile, 77)
	for _, golden := range goldens.Texts {
		assert.Equalf(t, golden.IDs, tokenizer.Encode(golden.Text).IDs, "%.80q", golden.Text)
	}
}
