package imaging

import (
	"bytes"
	"encoding/binary"

	"github.com/innerspace/innerspace/core/errs"
)

// maxSide caps one side of a picture, whatever the pixel cap says: the
// resampler's tables grow with a side, not with the area.
const maxSide = 1 << 20

// Config is what a picture's header says. Width and Height are of the stored
// pixels, before any EXIF orientation.
type Config struct {
	Format        string // "png", "jpeg", "webp", "gif", "bmp" or "tiff"
	Width, Height int    // pixels
}

// Sniff names the format of an encoded picture by its first bytes. ok is false
// where they are not those of a format that Decode reads.
func Sniff(data []byte) (format string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte(pngSignature)):
		return "png", true
	case bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}):
		return "jpeg", true
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "webp", true
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return "gif", true
	case len(data) >= 18 && string(data[:2]) == "BM" && isBMPHeaderSize(binary.LittleEndian.Uint32(data[14:])):
		return "bmp", true
	case bytes.HasPrefix(data, []byte("II*\x00")), bytes.HasPrefix(data, []byte("MM\x00*")):
		return "tiff", true
	}
	return "", false
}

// Probe reads the header of an encoded picture and checks its size against
// limits. It allocates next to nothing. It returns InvalidInput for what is no
// picture, Unsupported for a format that is not read here, LimitExceeded for a
// picture over the cap.
func Probe(data []byte, limits Limits) (Config, error) {
	format, ok := Sniff(data)
	if !ok {
		return Config{}, unknownFormat(data)
	}
	var width, height int
	var err error
	switch format {
	case "png":
		width, height, err = pngSize(data)
	case "jpeg":
		width, height, err = jpegSize(data)
	case "webp":
		width, height, err = webpSize(data)
	case "gif":
		width, height, err = gifSize(data)
	case "bmp":
		width, height, err = bmpSize(data)
	case "tiff":
		width, height, err = tiffSize(data)
	}
	if err != nil {
		return Config{}, err
	}
	if err := limits.Check(width, height); err != nil {
		return Config{}, err
	}
	return Config{Format: format, Width: width, Height: height}, nil
}

// Check returns LimitExceeded for a size over the cap and InvalidInput for an empty one.
func (l Limits) Check(width, height int) error {
	maxPixels := l.MaxPixels
	if maxPixels <= 0 {
		maxPixels = DefaultMaxPixels
	}
	switch {
	case width <= 0 || height <= 0:
		return errs.New(errs.InvalidInput, "the image has no pixels: its size is %dx%d", width, height)
	case int64(width) > maxPixels/int64(height):
		return errs.New(errs.LimitExceeded, "the image is %dx%d, more than the %d pixels allowed; shrink it, or raise max_pixels if you trust its source",
			width, height, maxPixels)
	case width > maxSide || height > maxSide:
		return errs.New(errs.LimitExceeded, "the image is %dx%d; neither side may be longer than %d pixels", width, height, maxSide)
	}
	return nil
}

// otherFormats are formats that users meet and that are not read here.
var otherFormats = []struct {
	offset int
	magic  string
	name   string
}{
	{4, "ftypavif", "AVIF"}, {4, "ftypavis", "AVIF"}, {4, "ftypheic", "HEIC"}, {4, "ftypheix", "HEIC"}, {4, "ftypmif1", "HEIF"},
	{0, "\x00\x00\x00\x0cJXL ", "JPEG XL"}, {0, "\xff\x0a", "JPEG XL"},
	{0, "\x00\x00\x00\x0cjP  ", "JPEG 2000"}, {0, "\xff\x4f\xff\x51", "JPEG 2000"},
	{0, "\x00\x00\x01\x00", "ICO"}, {0, "8BPS", "PSD"}, {0, "%PDF", "PDF"}, {0, "<svg", "SVG"}, {0, "<?xml", "XML or SVG"},
	{0, "II+\x00", "BigTIFF"}, {0, "MM\x00+", "BigTIFF"}, {0, "P5\n", "PGM"}, {0, "P6\n", "PPM"}, {0, "qoif", "QOI"},
}

func unknownFormat(data []byte) error {
	if len(data) == 0 {
		return errs.New(errs.InvalidInput, "the image is empty (0 bytes)")
	}
	for _, other := range otherFormats {
		if len(data) >= other.offset && bytes.HasPrefix(data[other.offset:], []byte(other.magic)) {
			return errs.New(errs.Unsupported, "%s images are not supported; convert it to PNG, JPEG, WebP, GIF, BMP or TIFF", other.name)
		}
	}
	return errs.New(errs.InvalidInput, "not an image: %d bytes that start with %q are no PNG, JPEG, WebP, GIF, BMP or TIFF",
		len(data), data[:min(len(data), 16)])
}

// truncated is the error for a picture whose data ends too early.
func truncated(format string, length int) error {
	return errs.New(errs.InvalidInput, "the %s image is truncated: its %d bytes end before the picture does", format, length)
}

// corrupt is the error for a picture whose data contradicts itself.
func corrupt(format, reason string, args ...any) error {
	return errs.New(errs.InvalidInput, "the "+format+" image is corrupt: "+reason, args...)
}

// unsupported is the error for a well-formed picture of a kind that is not read here.
func unsupported(format, reason string, args ...any) error {
	return errs.New(errs.Unsupported, "this kind of "+format+" image is not supported: "+reason, args...)
}
