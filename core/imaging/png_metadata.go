package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// maxTextChunk caps what a compressed text chunk may unpack to, in bytes.
const maxTextChunk = 1 << 20

// pngMetadata finds the eXIf chunk, and like Pillow falls back to ImageMagick's
// "Raw profile type exif" text and to XMP.
func pngMetadata(data []byte) metadata {
	var found metadata
	var rawProfile []byte
	for at := int64(8); at+12 <= int64(len(data)); {
		length := int64(binary.BigEndian.Uint32(data[at:]))
		if at+12+length > int64(len(data)) {
			break
		}
		chunk := data[at+8 : at+8+length]
		switch string(data[at+4 : at+8]) {
		case "eXIf":
			found.exif = chunk
		case "tEXt":
			if text, ok := bytes.CutPrefix(chunk, []byte("Raw profile type exif\x00")); ok {
				rawProfile = text
			}
		case "zTXt":
			if text, ok := bytes.CutPrefix(chunk, []byte("Raw profile type exif\x00\x00")); ok {
				rawProfile = inflate(text)
			}
		case "iTXt":
			if text, ok := bytes.CutPrefix(chunk, []byte("XML:com.adobe.xmp\x00")); ok {
				found.xmp = internationalText(text)
			}
		}
		at += 12 + length
	}
	if found.exif == nil {
		found.exif = decodeRawProfile(rawProfile)
	}
	return found
}

// decodeRawProfile reads ImageMagick's form: an empty line, a name, a length, then hexadecimal lines.
func decodeRawProfile(text []byte) []byte {
	lines := bytes.SplitN(text, []byte("\n"), 4)
	if len(lines) < 4 {
		return nil
	}
	digits := bytes.ReplaceAll(lines[3], []byte("\n"), nil)
	exif := make([]byte, hex.DecodedLen(len(digits)))
	n, _ := hex.Decode(exif, digits)
	return exif[:n]
}

// internationalText skips compression flag, method, language and translated keyword.
func internationalText(chunk []byte) []byte {
	if len(chunk) < 2 {
		return nil
	}
	compressed := chunk[0] == 1
	parts := bytes.SplitN(chunk[2:], []byte{0}, 3)
	if len(parts) < 3 {
		return nil
	}
	if compressed {
		return inflate(parts[2])
	}
	return parts[2]
}

// inflate unpacks as much as there is, up to maxTextChunk bytes.
func inflate(data []byte) []byte {
	reader, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(reader, maxTextChunk))
	return text
}
