package imaging

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

// wellFormed names one plain file of each format.
var wellFormed = map[string]string{
	"png": "mode-RGB.png", "jpeg": "420.jpg", "webp": "lossy.webp", "gif": "plain.gif", "bmp": "mode-RGB.bmp", "tiff": "mode-RGB.tif",
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestSniff(t *testing.T) {
	for format, file := range wellFormed {
		got, ok := Sniff(readGoldenFile(t, file))
		assert.True(t, ok, file)
		assert.Equal(t, format, got)
	}
	for _, data := range []string{"", "B", "BM", "BMW is a car maker in Munich", "RIFF....AVI LIST", "GIF", "GIF88a", "hello world, this is text", "\xff\xd8", "II*"} {
		_, ok := Sniff([]byte(data))
		assert.False(t, ok, "%q", data)
	}
}

func TestProbe(t *testing.T) {
	for format, file := range wellFormed {
		data := readGoldenFile(t, file)
		rgb, err := Decode(data, Faithful, Limits{})
		require.NoError(t, err)
		config, err := Probe(data, Limits{})
		require.NoError(t, err)
		assert.Equal(t, Config{Format: format, Width: rgb.Width, Height: rgb.Height}, config)
	}
	config, err := Probe(readGoldenFile(t, "exif-6.jpg"), Limits{})
	require.NoError(t, err)
	assert.Equal(t, Config{Format: "jpeg", Width: 35, Height: 21}, config, "the stored size, not the turned one")
}

func TestPixelCap(t *testing.T) {
	for format, file := range wellFormed {
		data := readGoldenFile(t, file)
		config, err := Probe(data, Limits{})
		require.NoError(t, err)
		pixels := int64(config.Width) * int64(config.Height)
		_, err = Decode(data, Faithful, Limits{MaxPixels: pixels})
		assert.NoError(t, err, format)
		_, err = Decode(data, Faithful, Limits{MaxPixels: pixels - 1})
		assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), format)
		assert.ErrorContains(t, err, "max_pixels", format)
	}
}

func TestNotAnImage(t *testing.T) {
	tests := []struct {
		name, data string
		status     errs.Status
		message    string
	}{
		{"empty", "", errs.InvalidInput, "empty"},
		{"text", "This is a text, not an image.", errs.InvalidInput, `"This is a text, "`},
		{"zeros", string(make([]byte, 100)), errs.InvalidInput, "not an image"},
		{"avif", "\x00\x00\x00\x20ftypavif\x00\x00", errs.Unsupported, "AVIF"},
		{"heic", "\x00\x00\x00\x20ftypheic\x00\x00", errs.Unsupported, "HEIC"},
		{"svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", errs.Unsupported, "SVG"},
		{"pdf", "%PDF-1.7", errs.Unsupported, "PDF"},
		{"bare png signature", pngSignature, errs.InvalidInput, "truncated"},
		{"bare jpeg", "\xff\xd8\xff\xe0", errs.InvalidInput, "truncated"},
		{"bare gif", "GIF89a", errs.InvalidInput, "truncated"},
		{"bare webp", "RIFF\x00\x00\x00\x00WEBP", errs.InvalidInput, "truncated"},
		{"bare tiff", "II*\x00\x08\x00\x00\x00", errs.InvalidInput, "truncated"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, policy := range policies {
				_, err := Decode([]byte(test.data), policy, Limits{})
				require.Error(t, err)
				assert.Equal(t, test.status, errs.StatusOf(err))
				assert.ErrorContains(t, err, test.message)
			}
			_, err := Probe([]byte(test.data), Limits{})
			assert.Equal(t, test.status, errs.StatusOf(err))
		})
	}
}

// Every prefix of every golden picture must fail cleanly, or decode where only
// the trailing part that Pillow does not need either is missing.
func TestTruncated(t *testing.T) {
	for format, file := range wellFormed {
		t.Run(format, func(t *testing.T) {
			data := readGoldenFile(t, file)
			whole, err := Decode(data, Faithful, Limits{})
			require.NoError(t, err)
			refused := 0
			for n := range data {
				rgb, err := Decode(slices.Clone(data[:n]), Faithful, Limits{})
				if err == nil {
					assert.Equal(t, whole.Pix, rgb.Pix, "%d of %d bytes", n, len(data))
					continue
				}
				refused++
				assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%d of %d bytes: %v", n, len(data), err)
			}
			assert.Greater(t, refused, len(data)*9/10)
		})
	}
}

func TestTruncatedSaysSo(t *testing.T) {
	for format, file := range wellFormed {
		data := readGoldenFile(t, file)
		if format == "tiff" { // its directory comes last; this file has it first
			data = readGoldenFile(t, "gray-jpeg.tif")
		}
		_, err := Decode(data[:len(data)*2/3], Faithful, Limits{})
		assert.ErrorContains(t, err, "truncated", format)
	}
}

func bigEndian32(v uint32) []byte    { return binary.BigEndian.AppendUint32(nil, v) }
func littleEndian32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func pngChunk(name string, content []byte) []byte {
	body := append([]byte(name), content...)
	return slices.Concat(bigEndian32(uint32(len(content))), body, bigEndian32(crc32.ChecksumIEEE(body)))
}

// bombs are headers that ask for far more pixels than there is data.
func bombs(t *testing.T) map[string][]byte {
	patched := func(file string, at int, bytes ...byte) []byte {
		data := slices.Clone(readGoldenFile(t, file))
		copy(data[at:], bytes)
		return data
	}
	jpeg := readGoldenFile(t, "420.jpg")
	frame := bytes.Index(jpeg, []byte{0xff, 0xc0})
	tiffEntry := func(tag uint16, value uint32) []byte {
		return slices.Concat(binary.LittleEndian.AppendUint16(nil, tag), []byte{4, 0, 1, 0, 0, 0}, littleEndian32(value))
	}
	return map[string][]byte{
		"png":       slices.Concat([]byte(pngSignature), pngChunk("IHDR", slices.Concat(bigEndian32(100_000), bigEndian32(100_000), []byte{8, 6, 0, 0, 0}))),
		"png side":  slices.Concat([]byte(pngSignature), pngChunk("IHDR", slices.Concat(bigEndian32(80_000_000), bigEndian32(1), []byte{1, 0, 0, 0, 0}))),
		"gif":       slices.Concat([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08"), make([]byte, 10)),
		"gif frame": slices.Concat([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08"), make([]byte, 10)),
		"bmp":       patched("mode-RGB.bmp", 18, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0x0f),
		"jpeg":      patched("420.jpg", frame+5, 0xff, 0xdc, 0xff, 0xdc),
		"webp": slices.Concat([]byte("RIFF\xff\xff\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00"),
			[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
		"webp lossless": []byte("RIFF\x20\x00\x00\x00WEBPVP8L\x14\x00\x00\x00\x2f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
		"tiff": slices.Concat([]byte("II*\x00\x08\x00\x00\x00\x02\x00"), tiffEntry(tagWidth, 1_000_000),
			tiffEntry(tagHeight, 1_000_000), make([]byte, 4)),
	}
}

func TestBombsAreRefusedByTheirHeader(t *testing.T) {
	for name, data := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			var err error
			used := allocated(func() { _, err = Decode(data, Faithful, Limits{}) })
			require.Error(t, err)
			assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err), "%v", err)
			assert.Less(t, used, uint64(64<<10))
			_, err = Probe(data, Limits{})
			assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
		})
	}
}

// Headers that stay under the cap but have no data to go with them.
func TestHollowFilesAllocateLittle(t *testing.T) {
	tiffEntry := func(tag, count uint16, value uint32) []byte {
		return slices.Concat(binary.LittleEndian.AppendUint16(nil, tag), []byte{4, 0}, littleEndian32(uint32(count)), littleEndian32(value))
	}
	hollow := map[string][]byte{
		"png": slices.Concat([]byte(pngSignature), pngChunk("IHDR", slices.Concat(bigEndian32(9000), bigEndian32(9000), []byte{16, 6, 0, 0, 0})),
			pngChunk("IDAT", []byte{0x78, 0x9c})),
		"gif": slices.Concat([]byte("GIF89a\x28\x23\x28\x23\x00\x00\x00,\x00\x00\x00\x00\x28\x23\x28\x23\x00\x08"), make([]byte, 10)),
		"bmp": slices.Concat([]byte("BM"), make([]byte, 8), littleEndian32(54), littleEndian32(40), littleEndian32(9000), littleEndian32(9000),
			[]byte{1, 0, 24, 0}, make([]byte, 24)),
		"tiff": slices.Concat([]byte("II*\x00\x08\x00\x00\x00\x06\x00"), tiffEntry(tagWidth, 1, 9000), tiffEntry(tagHeight, 1, 9000),
			tiffEntry(tagBitsPerSample, 1, 8), tiffEntry(tagPhotometric, 1, 1), tiffEntry(tagStripOffsets, 1, 8), tiffEntry(tagStripByteCounts, 1, 20), make([]byte, 4)),
	}
	jpeg := slices.Clone(readGoldenFile(t, "420.jpg"))
	copy(jpeg[bytes.Index(jpeg, []byte{0xff, 0xc0})+5:], []byte{0x23, 0x28, 0x23, 0x28})
	hollow["jpeg"] = jpeg
	for name, data := range hollow {
		t.Run(name, func(t *testing.T) {
			var err error
			used := allocated(func() { _, err = Decode(data, Faithful, Limits{}) })
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
			assert.ErrorContains(t, err, "truncated")
			assert.Less(t, used, uint64(64<<10))
		})
	}
}

// A picture that compresses extremely well is no attack as long as it is under the cap.
func TestDensePNGUnderTheCapDecodes(t *testing.T) {
	data, err := EncodePNG("L", 4000, 4000, make([]byte, 4000*4000))
	require.NoError(t, err)
	require.Less(t, len(data), 100_000)
	rgb, err := Decode(data, Faithful, Limits{})
	require.NoError(t, err)
	assert.Equal(t, 4000, rgb.Width)
	assert.Equal(t, make([]byte, 3*4000), rgb.Pix[:3*4000])
}

func TestCorruptData(t *testing.T) {
	for format, file := range wellFormed {
		data := slices.Clone(readGoldenFile(t, file))
		for i := len(data) / 3; i < len(data); i += 7 {
			data[i] ^= 0x5a
		}
		_, err := Decode(data, Faithful, Limits{})
		if err != nil { // BMP, and JPEG where the entropy coder recovers, decode to other pixels
			assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%s: %v", format, err)
		}
	}
	_, err := Decode(readGoldenFile(t, "gray-8bit.png")[:60], Faithful, Limits{})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
}

// A damaged deflate stream may unpack to as many bytes as are wanted; its checksum is what tells.
func TestDamagedTIFFDeflate(t *testing.T) {
	for _, file := range []string{"rgb-tiff_adobe_deflate.tif", "rgb-tiff_deflate.tif"} {
		whole := readGoldenFile(t, file)
		_, err := Decode(whole, Faithful, Limits{})
		require.NoError(t, err)
		directory, err := parseTIFF(whole)
		require.NoError(t, err)
		p, err := newTIFFPicture(directory)
		require.NoError(t, err)
		data := slices.Clone(whole)
		data[p.offsets[0]+p.byteCounts[0]-1] ^= 1 // the last byte of the checksum
		_, err = Decode(data, Faithful, Limits{})
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), "%s: %v", file, err)
		assert.ErrorContains(t, err, "checksum")
	}
}
