package imaging

import (
	"encoding/binary"
	"math"
	"slices"
)

// TIFF tags, compressions and photometric interpretations that matter here.
const (
	tagWidth           = 256
	tagHeight          = 257
	tagBitsPerSample   = 258
	tagCompression     = 259
	tagPhotometric     = 262
	tagFillOrder       = 266
	tagStripOffsets    = 273
	tagOrientation     = 274
	tagSamplesPerPixel = 277
	tagRowsPerStrip    = 278
	tagStripByteCounts = 279
	tagPlanar          = 284
	tagT4Options       = 292
	tagPredictor       = 317
	tagColorMap        = 320
	tagTileWidth       = 322
	tagTileHeight      = 323
	tagTileOffsets     = 324
	tagTileByteCounts  = 325
	tagExtraSamples    = 338
	tagSampleFormat    = 339
	tagJPEGTables      = 347
	tagXMP             = 700

	tiffUncompressed = 1
	tiffCCITT        = 2
	tiffGroup3       = 3
	tiffGroup4       = 4
	tiffLZW          = 5
	tiffJPEG         = 7
	tiffDeflate      = 8
	tiffPackBits     = 32773
	tiffOldDeflate   = 32946

	photometricWhiteIsZero = 0
	photometricBlackIsZero = 1
	photometricRGB         = 2
	photometricPalette     = 3
	photometricCMYK        = 5
	photometricYCbCr       = 6

	sampleUnsigned = 1
	sampleSigned   = 2
	sampleFloat    = 3
)

// tiffTags are the tags without which a picture would come out wrong.
var tiffTags = [...]uint16{
	tagWidth, tagHeight, tagBitsPerSample, tagCompression, tagPhotometric, tagFillOrder, tagStripOffsets, tagSamplesPerPixel,
	tagRowsPerStrip, tagStripByteCounts, tagPlanar, tagT4Options, tagPredictor, tagColorMap, tagTileWidth, tagTileHeight,
	tagTileOffsets, tagTileByteCounts, tagExtraSamples, tagSampleFormat, tagJPEGTables,
}

// tiffDirectory is the first image directory of a file.
type tiffDirectory struct {
	data    []byte
	order   binary.ByteOrder
	entries map[uint16][]byte // 12 bytes each
}

func tiffSize(data []byte) (width, height int, err error) {
	directory, err := parseTIFF(data)
	if err != nil {
		return 0, 0, err
	}
	return directory.size()
}

func parseTIFF(data []byte) (*tiffDirectory, error) {
	order := tiffByteOrder(data)
	if order == nil {
		return nil, truncated("TIFF", len(data))
	}
	start := int64(order.Uint32(data[4:]))
	if start+2 > int64(len(data)) {
		return nil, truncated("TIFF", len(data))
	}
	count := int64(order.Uint16(data[start:]))
	if start+2+12*count > int64(len(data)) {
		return nil, truncated("TIFF", len(data))
	}
	directory := &tiffDirectory{data: data, order: order, entries: make(map[uint16][]byte, min(count, 64))}
	for i := range count {
		entry := data[start+2+12*i:][:12]
		if tag := order.Uint16(entry); directory.entries[tag] == nil {
			directory.entries[tag] = entry
		}
	}
	for tag := range directory.entries {
		// Values of a tag that is read here may lie behind the end of a cut file.
		if content, _, _ := directory.raw(tag); content == nil && slices.Contains(tiffTags[:], tag) {
			return nil, truncated("TIFF", len(data))
		}
	}
	return directory, nil
}

func (d *tiffDirectory) size() (width, height int, err error) {
	w, h := d.integer(tagWidth, 0), d.integer(tagHeight, 0)
	if w <= 0 || h <= 0 || w > math.MaxInt32 || h > math.MaxInt32 {
		return 0, 0, corrupt("TIFF", "its header says %dx%d pixels", w, h)
	}
	return w, h, nil
}

// raw returns a tag's bytes, its type's size in bytes and its count; nil where
// the tag is missing or points outside the file.
func (d *tiffDirectory) raw(tag uint16) (content []byte, size, count int64) {
	entry := d.entries[tag]
	if entry == nil {
		return nil, 0, 0
	}
	kind := d.order.Uint16(entry[2:])
	sizes := [...]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
	if int(kind) >= len(sizes) || sizes[kind] == 0 {
		return nil, 0, 0
	}
	size, count = sizes[kind], int64(d.order.Uint32(entry[4:]))
	if size*count <= 4 {
		return entry[8 : 8+size*count], size, count
	}
	start := int64(d.order.Uint32(entry[8:]))
	if start+size*count > int64(len(d.data)) {
		return nil, 0, 0
	}
	return d.data[start : start+size*count], size, count
}

// integers returns a tag's unsigned values, at most limit; nil where it is missing.
func (d *tiffDirectory) integers(tag uint16, limit int) []int {
	content, size, count := d.raw(tag)
	count = min(count, int64(limit))
	values := make([]int, 0, count)
	for i := range count {
		switch size {
		case 1:
			values = append(values, int(content[i]))
		case 2:
			values = append(values, int(d.order.Uint16(content[2*i:])))
		case 4:
			values = append(values, int(d.order.Uint32(content[4*i:])))
		default:
			return nil
		}
	}
	return values
}

// integer returns a tag's first value, missing where there is none.
func (d *tiffDirectory) integer(tag uint16, missing int) int {
	if values := d.integers(tag, 1); len(values) > 0 {
		return values[0]
	}
	return missing
}

func (d *tiffDirectory) orientation() int {
	if value := d.integer(tagOrientation, 0); value != 0 {
		return value
	}
	xmp, _, _ := d.raw(tagXMP)
	return xmpOrientation(xmp)
}
