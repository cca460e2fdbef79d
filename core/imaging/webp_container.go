package imaging

import "encoding/binary"

// webpFile is the outline of a RIFF WebP file.
type webpFile struct {
	width, height int
	alpha         bool
	animated      bool
	metadata      metadata
	firstFrame    []byte // animated only: the payload of the first ANMF chunk
}

func webpSize(data []byte) (width, height int, err error) {
	file, err := parseWebP(data)
	return file.width, file.height, err
}

// parseWebP reads the chunks up to the end of the file. A file cut off after the
// picture's header parses; the decoder then says that it is truncated.
func parseWebP(data []byte) (webpFile, error) {
	var file webpFile
	at := 12
	for at+8 <= len(data) {
		name := string(data[at : at+4])
		length := int64(binary.LittleEndian.Uint32(data[at+4:]))
		at += 8
		chunk := data[at:min(int64(at)+length, int64(len(data)))]
		if file.width == 0 {
			if !file.header(name, chunk) {
				break
			}
		}
		switch name {
		case "EXIF":
			file.metadata.exif = chunk
		case "XMP ":
			file.metadata.xmp = chunk
		case "ANMF":
			if file.firstFrame == nil {
				file.firstFrame = chunk
			}
		}
		if int64(len(chunk)) < length {
			break
		}
		at += int(length + length&1)
	}
	if file.width == 0 {
		return file, truncated("WebP", len(data))
	}
	return file, nil
}

// header takes the size from the first chunk of the file or of a frame.
func (f *webpFile) header(name string, chunk []byte) bool {
	switch {
	case name == "VP8X" && len(chunk) >= 10:
		f.alpha = chunk[0]&0x10 != 0
		f.animated = chunk[0]&0x02 != 0
		f.width, f.height = uint24(chunk[4:])+1, uint24(chunk[7:])+1
	case name == "VP8L" && len(chunk) >= 5 && chunk[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(chunk[1:])
		f.width, f.height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		f.alpha = bits>>28&1 != 0
	case name == "VP8 " && len(chunk) >= 10 && string(chunk[3:6]) == "\x9d\x01\x2a":
		f.width = int(binary.LittleEndian.Uint16(chunk[6:]) & 0x3fff)
		f.height = int(binary.LittleEndian.Uint16(chunk[8:]) & 0x3fff)
	}
	return f.width > 0 && f.height > 0
}

// webpFrame is the first frame of an animation: where it lies on the canvas,
// and its pixels as a WebP file of their own.
type webpFrame struct {
	x, y, width, height int
	file                []byte
}

func (f *webpFile) frame() (webpFrame, error) {
	payload := f.firstFrame
	if len(payload) < 16 {
		return webpFrame{}, corrupt("WebP", "the animation has no frame")
	}
	frame := webpFrame{x: 2 * uint24(payload), y: 2 * uint24(payload[3:]), width: uint24(payload[6:]) + 1, height: uint24(payload[9:]) + 1}
	if frame.x+frame.width > f.width || frame.y+frame.height > f.height {
		return webpFrame{}, corrupt("WebP", "its first frame lies outside the %dx%d canvas", f.width, f.height)
	}
	// A frame's chunks (ALPH, VP8, VP8L) make a still file once an extended header comes before them.
	body := payload[16:]
	file := make([]byte, 0, 30+len(body))
	file = append(file, "RIFF"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(22+len(body)))
	file = append(file, "WEBPVP8X"...)
	file = binary.LittleEndian.AppendUint32(file, 10)
	file = append(file, 0x10, 0, 0, 0)
	file = append(file, payload[6:12]...)
	frame.file = append(file, body...)
	return frame, nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
