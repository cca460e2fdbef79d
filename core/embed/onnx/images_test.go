package onnx

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/innerspace/innerspace/core/embed/embedtest"
)

// A small tower takes few pictures a run, for more would only cost memory.
func TestPicturesOfARun(t *testing.T) {
	m := loadShared(t, embedtest.EmbeddedModel(t))
	assert.Equal(t, maxImagesPerSmallRun, m.imagesPerRun)
}
