package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
)

func TestParseRefusesWhatIsNotOneValue(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		status errs.Status
		path   string
	}{
		"empty":          {"", errs.InvalidInput, "$"},
		"cut":            {`{"a": [1, 2`, errs.InvalidInput, "$.a"},
		"two values":     {`{} {}`, errs.InvalidInput, ""},
		"trailing":       {`{}x`, errs.InvalidInput, ""},
		"a key twice":    {`{"a": {"b": 1, "b": 2}}`, errs.InvalidInput, "$.a.b"},
		"not UTF-8":      {"\"\xff\"", errs.InvalidInput, ""},
		"deep":           {strings.Repeat("[", 200) + strings.Repeat("]", 200), errs.LimitExceeded, "$" + strings.Repeat("[0]", document.MaxDepth+1)},
		"too many bytes": {`"` + strings.Repeat("x", 2000) + `"`, errs.LimitExceeded, ""},
		"NaN":            {`NaN`, errs.InvalidInput, "$"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := document.Parse([]byte(c.text), 1000)
			require.Error(t, err)
			assert.Equal(t, c.status, errs.StatusOf(err), "%v", err)
			assert.Equal(t, c.path, errs.From(err).Path)
		})
	}
}

func TestTheFirstMistakeIsKeptWithItsPath(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		read    func(document.Node)
		message string
	}{
		"unknown key": {`{"modle": 1}`, func(n document.Node) { n.Object("model", "name") },
			"$.modle: unknown key; known are model, name"},
		"odd key": {`{"a b": 1}`, func(n document.Node) { n.Object("a") }, `$["a b"]: unknown key; known are a`},
		"missing": {`{"a": {}}`, func(n document.Node) { n.Object("a").Need("a").Object("b").Need("b").Text() },
			`$.a: the key "b" is missing`},
		"not a string":    {`{"a": 7}`, func(n document.Node) { n.Object("a").Need("a").Text() }, "$.a: must be a string, got the number 7"},
		"not an object":   {`[3]`, func(n document.Node) { n.List(9)[0].Object("a").Need("a").Text() }, "$[0]: must be an object, got the number 3"},
		"not a list":      {`"x"`, func(n document.Node) { n.List(9) }, `$: must be a list, got the string "x"`},
		"not a bool":      {`null`, func(n document.Node) { n.Bool() }, "$: must be true or false, got null"},
		"not whole":       {`1.5`, func(n document.Node) { n.Integer(0, 9) }, "$: must be a whole number from 0 to 9, got 1.5"},
		"too large":       {`99999999999999999999`, func(n document.Node) { n.Integer(0, 9) }, "$: must be a whole number from 0 to 9, got 99999999999999999999"},
		"no number":       {`{}`, func(n document.Node) { n.Integer(0, 9) }, "$: must be a whole number, got an object"},
		"too many items":  {`[1,2,3]`, func(n document.Node) { n.List(2) }, "$: the list has 3 items; at most 2 are read"},
		"first of two":    {`{"a": 1, "b": 2}`, func(n document.Node) { o := n.Object("a", "b"); o.Need("a").Text(); o.Need("b").Bool() }, "$.a: must be a string, got the number 1"},
		"long text":       {`"` + strings.Repeat("é", 100) + `"`, func(n document.Node) { n.Bool() }, `$: must be true or false, got the string "` + strings.Repeat("é", 60) + `…"`},
		"a list of lists": {`[[]]`, func(n document.Node) { n.List(1)[0].Text() }, "$[0]: must be a string, got a list"},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := document.Parse([]byte(c.text), 10_000)
			require.NoError(t, err)
			c.read(parsed.Root())
			assert.EqualError(t, parsed.Err(), c.message)
		})
	}
}

func TestReadsValues(t *testing.T) {
	parsed, err := document.Parse([]byte(`{"text": "é", "yes": true, "n": -3, "list": [1, null], "any": {"x": [1.50]}}`), 1000)
	require.NoError(t, err)
	o := parsed.Root().Object("text", "yes", "n", "list", "any", "other")
	assert.Equal(t, "é", o.Need("text").Text())
	assert.True(t, o.Need("yes").Bool())
	assert.EqualValues(t, -3, o.Need("n").Integer(-3, 3))
	items := o.Need("list").List(2)
	require.Len(t, items, 2)
	assert.True(t, items[1].IsNull())
	assert.Equal(t, "$.list[1]", items[1].Path())
	assert.Equal(t, map[string]any{"x": []any{json.Number("1.50")}}, o.Need("any").Value())
	_, there := o.Get("other")
	assert.False(t, there)
	peeked, there := parsed.Root().Peek("yes")
	assert.True(t, there && peeked.Bool())
	assert.NoError(t, parsed.Err())
}
