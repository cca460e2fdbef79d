package document_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
)

// FuzzParse reads whatever encoding/json reads, as it does, and nothing else; but for keys that are given twice, deep values and text that is
// not UTF-8.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"a": [1, -2.5e+3, true, false, null, "x"], "b": {}, "": []}`, ` [ ] `, `"\u00e9\n\ud83d\ude00\ud83d\\\""`, `0`, `-0`, `01`, `1.`, `.5`, `1e5`, `1e`, `--1`,
		`tru`, `nullx`, `[1,]`, `[,1]`, `{"a":1,}`, `{"a" 1}`, `{"a": "\ud800"}`, `{"a":1,"a":2}`, `[[[[`, `1e999`, `{a:1}`, "\"\t\"", `"\x"`, `"\`, `"\"`, `"`, `[`, `{`, `{"a"`, `{"a":`, ``, `[1 2]`, "\u00a01", "\ufeff1", `1 2`, `{"a":1}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := document.Parse(text, 1000)
		if err != nil {
			assert.NotEqual(t, errs.Internal, errs.StatusOf(err))
			assert.NotContains(t, err.Error(), "%!", "a message that is written wrongly")
		}
		if !utf8.Valid(text) || len(text) > 1000 {
			require.Error(t, err)
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var want any
		valid := json.Valid(text) && decoder.Decode(&want) == nil
		if err != nil {
			if valid {
				require.Regexp(t, "given twice|nest deeper", err.Error())
			}
			return
		}
		require.True(t, valid, "%q is no JSON", text)
		require.Equal(t, want, parsed.Root().Value())
	})
}
