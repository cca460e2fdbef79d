package embed

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/imaging"
)

// Everything that decides a vector has to change the key, and nothing else may.
func TestKeys(t *testing.T) {
	pixels := func(mode string, width, height int, data string) blob.Content {
		return blob.Content{Pixels: &blob.Pixels{Mode: mode, Width: width, Height: height, Data: []byte(data)}}
	}
	encoded := func(data string) blob.Content { return blob.Content{Encoded: []byte(data)} }
	different := map[string]key{
		"text":              textKey("model", "abc"),
		"other text":        textKey("model", "abcd"),
		"shifted border":    textKey("modela", "bc"),
		"empty text":        textKey("model", ""),
		"other model":       textKey("other", "abc"),
		"image":             imageKey("model", imaging.Faithful, encoded("abc")),
		"image, reference":  imageKey("model", imaging.Reference, encoded("abc")),
		"image, model":      imageKey("other", imaging.Faithful, encoded("abc")),
		"other image":       imageKey("model", imaging.Faithful, encoded("abd")),
		"pixels":            imageKey("model", imaging.Faithful, pixels("L", 2, 3, "abcdef")),
		"pixels, turned":    imageKey("model", imaging.Faithful, pixels("L", 3, 2, "abcdef")),
		"pixels, mode":      imageKey("model", imaging.Faithful, pixels("P", 2, 3, "abcdef")),
		"pixels as encoded": imageKey("model", imaging.Faithful, encoded("abcdef")),
	}
	seen := map[key]string{}
	for name, k := range different {
		assert.Empty(t, seen[k], name)
		seen[k] = name
	}
	named := encoded("abc")
	named.Origin = "https://example.org/a.png"
	assert.Equal(t, different["image"], imageKey("model", imaging.Faithful, named))
}
