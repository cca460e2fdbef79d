package disk_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// TestCodesOfAnEarlierVersion: a store that has them is read as before, and gets new ones when it is compacted.
func TestCodesOfAnEarlierVersion(t *testing.T) {
	files, options, rows := sample(t)
	content := files.Content(segmentsOf(t, files)[0])
	binary.LittleEndian.PutUint32(content[12:], vector.FormatOfCodes-1)
	binary.LittleEndian.PutUint32(content[48:], crc32.Checksum(content[:48], crc32.MakeTable(crc32.Castagnoli)))
	after, err := readAll(t, options)
	require.NoError(t, err)
	require.Equal(t, rows, after)

	s := open(t, "/store", options)
	coded := func() (blocks int) {
		require.NoError(t, s.Read("Image", func(snapshot store.Snapshot) error {
			for _, block := range snapshot.Blocks("wide") {
				if !block.Codes.Empty() {
					blocks++
				}
			}
			return nil
		}))
		return blocks
	}
	require.Zero(t, coded())
	_, err = s.Compact(t.Context())
	require.NoError(t, err)
	assert.NotZero(t, coded())
	assert.Equal(t, rows, show(t, s, "Image", "wide", "narrow"))
	done, err := s.Compact(t.Context())
	require.NoError(t, err)
	assert.Zero(t, done.Spans, "what is up to date is left alone")
	require.NoError(t, s.Close())
	assert.Empty(t, verified(t, options).Damage)
}
