package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFolderOf(t *testing.T) {
	for want, paths := range map[string][]string{
		"/models/a": {"/models/a/model.safetensors"},
		"/models":   {"/models/a/model.safetensors", "/models/ab/model.safetensors"},
		"/m":        {"/m/model.safetensors", "/m/2_Dense/model.safetensors"},
		"/":         {"/a/x", "/b/y"},
	} {
		assert.Equal(t, want, folderOf(paths))
	}
	assert.Equal(t, "/m", folderOf([]string{"/m/2_Dense/x", "/m/x"}))
}
