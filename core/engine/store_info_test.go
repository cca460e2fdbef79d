package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core"
	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
)

func TestWhatIsInAStore(t *testing.T) {
	l := newLibrary(t)
	_, err := engine.InspectStore(l.path)
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
	putGallery(t, l.open(t, galleryOf("look likes", "pieces")))
	info, err := engine.InspectStore(l.path)
	require.NoError(t, err, "beside the engine that writes to it")
	assert.Equal(t, l.path, info.Path)
	assert.Equal(t, core.Version, info.Library)
	assert.Equal(t, "faithful", info.Pixels)
	assert.False(t, info.Extending)
	require.Len(t, info.Schemas, 1)
	assert.Equal(t, "Photo", info.Schemas[0].Name)
	assert.Len(t, info.Schemas[0].Fields, 7)
	assert.Equal(t, []int{4, 6}, []int{info.Schemas[0].Rows, info.Schemas[0].Chunks})
	assert.Equal(t, []engine.StoredIndex{{Name: "index_0", Spaces: []string{"look", "likes"}}, {Name: "index_1", Spaces: []string{"pieces"}}}, info.Indices)
	assert.ElementsMatch(t, []engine.ModelInfo{{Name: "fake", Fingerprint: "fingerprint of fake", Dimension: 32}, {Name: "other", Fingerprint: "fingerprint of other", Dimension: 32}}, info.Models)
	assert.Positive(t, info.Bytes.Catalogue)
	assert.Positive(t, info.Bytes.Vectors)
	_, err = engine.InspectStore(filepath.Join(l.path, "catalogue.sqlite"))
	assert.Error(t, err)
}
