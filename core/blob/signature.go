package blob

import (
	"bytes"
	"encoding/binary"
)

// hasImageSignature says whether content begins like a picture that core/imaging decodes. It stands here because
// core/imaging takes this package's types and so cannot be imported by it.
func hasImageSignature(content []byte) bool {
	for _, signature := range [...]string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "II*\x00", "MM\x00*"} {
		if bytes.HasPrefix(content, []byte(signature)) {
			return true
		}
	}
	return isWebP(content) || isBMP(content)
}

func isWebP(content []byte) bool {
	return len(content) >= 12 && string(content[:4]) == "RIFF" && string(content[8:12]) == "WEBP"
}

// isBMP looks past the two letters "BM", which begin much that is no picture, at the size of the second header.
func isBMP(content []byte) bool {
	if len(content) < 18 || string(content[:2]) != "BM" {
		return false
	}
	switch binary.LittleEndian.Uint32(content[14:18]) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}
