package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

// withStore adds a store to the options of a definition.
func withStore(t testing.TB, definition []byte, store map[string]any) []byte {
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(definition))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&document))
	options, _ := document["options"].(map[string]any)
	if options == nil {
		options = map[string]any{}
	}
	options["store"] = store
	document["options"] = options
	text, err := json.Marshal(document)
	require.NoError(t, err)
	return text
}

// TestAStoreEqualsTheReference replays the recorded cases on a store on disk, which is closed and opened again after each put: what a
// store keeps is all that there is.
func TestAStoreEqualsTheReference(t *testing.T) {
	replayed := 0
	for _, c := range goldenCases(t) {
		if elsewhere(&c) != "" || c.ExpectBuild != nil {
			continue
		}
		replayed++
		t.Run(c.Name, func(t *testing.T) {
			definition := withStore(t, c.definition(t), map[string]any{"path": t.TempDir() + "/store", "durability": "fast"})
			e, err := engine.Open(context.Background(), definition)
			require.NoError(t, err)
			defer func() { require.NoError(t, e.Close()) }()
			for i, step := range c.Steps {
				if deviations[c.Name+"/"+strconv.Itoa(i)] != "" {
					step.Expect = goldenExpectation{Error: &goldenError{Class: "InvalidInputException"}}
				}
				t.Run(strconv.Itoa(i)+" "+step.Op, func(t *testing.T) { c.replay(t, e, step) })
				if step.Op == "put" {
					require.NoError(t, e.Close())
					e, err = engine.Open(context.Background(), definition)
					require.NoError(t, err)
					assert.Empty(t, e.Describe().Store.Added)
					assert.Empty(t, e.Describe().Store.Removed)
				}
			}
		})
	}
	assert.Greater(t, replayed, 80)
}

// TestStoreOptions: what is not known is refused with its path.
func TestStoreOptions(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                  `$.options.store: the key "path" is missing`,
		`{"path": ""}`:                        "$.options.store.path: a store needs the path of a directory",
		`{"path": "p", "durabilty": "full"}`:  "$.options.store.durabilty: unknown key; known are path, durability, read_only, images",
		`{"path": "p", "durability": "FULL"}`: `$.options.store.durability: unknown value "FULL"; known are full and fast`,
		`{"path": "p", "images": "link"}`:     `$.options.store.images: unknown value "link"; known are keep and reference`,
		`{"path": "p", "read_only": "yes"}`:   `$.options.store.read_only: must be true or false, got the string "yes"`,
		`"photos"`:                            `$.options.store: must be an object, got the string "photos"`,
		`{"path": 7}`:                         "$.options.store.path: must be a string, got the number 7",
	} {
		_, err := engine.Open(context.Background(), []byte(`{"version": 1, "schemas": [], "options": {"store": `+text+`}}`))
		require.Error(t, err, text)
		assert.EqualError(t, err, want)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	}
}
