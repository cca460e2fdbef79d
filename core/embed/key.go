package embed

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/imaging"
)

// key identifies an embedding: sha256 over the model's fingerprint, the modality,
// and everything else that decides the vector. Each part carries its length, so that no
// two different lists of parts hash alike.
type key [sha256.Size]byte

func textKey(fingerprint, text string) key {
	sum := sha256.New()
	writeParts(sum, "text", fingerprint, text)
	return key(sum.Sum(nil))
}

func imageKey(fingerprint string, policy imaging.Policy, content blob.Content) key {
	sum := sha256.New()
	writeParts(sum, "image", fingerprint, string([]byte{byte(policy)}))
	if pixels := content.Pixels; content.Encoded == nil && pixels != nil {
		writeParts(sum, "pixels", pixels.Mode)
		writeNumber(sum, pixels.Width)
		writeNumber(sum, pixels.Height)
		sum.Write(pixels.Data)
	} else {
		writeParts(sum, "encoded")
		sum.Write(content.Encoded)
	}
	return key(sum.Sum(nil))
}

func writeParts(sum hash.Hash, parts ...string) {
	for _, part := range parts {
		writeNumber(sum, len(part))
		io.WriteString(sum, part)
	}
}

func writeNumber(sum hash.Hash, n int) {
	var buffer [8]byte
	binary.LittleEndian.PutUint64(buffer[:], uint64(n))
	sum.Write(buffer[:])
}
