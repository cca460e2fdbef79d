package imaging

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"errors"
	"io"
)

// gifFrame is the first frame of a GIF and the canvas that it lies on.
type gifFrame struct {
	canvasWidth, canvasHeight int // grown to hold the frame, as in Pillow
	x, y, width, height       int
	palette                   []byte // red, green, blue; nil where the file has none
	transparent               int    // palette index, -1 for none
	interlaced                bool
	codeSize                  int
	data                      []byte // sub-blocks from the first one on
}

func gifSize(data []byte) (width, height int, err error) {
	frame, err := parseGIF(data)
	return frame.canvasWidth, frame.canvasHeight, err
}

// parseGIF walks the blocks up to the first frame. Its own reader, because
// image/gif allocates what the header asks for and refuses frames that lie
// partly outside the canvas.
func parseGIF(data []byte) (gifFrame, error) {
	frame := gifFrame{transparent: -1}
	if len(data) < 13 {
		return frame, truncated("GIF", len(data))
	}
	frame.canvasWidth = int(binary.LittleEndian.Uint16(data[6:]))
	frame.canvasHeight = int(binary.LittleEndian.Uint16(data[8:]))
	at := 13
	takePalette := func(flags byte) bool {
		if flags&0x80 == 0 {
			return true
		}
		size := 3 << (flags&7 + 1)
		if at+size > len(data) {
			return false
		}
		frame.palette = data[at : at+size]
		at += size
		return true
	}
	if !takePalette(data[10]) {
		return frame, truncated("GIF", len(data))
	}
	for at < len(data) {
		block := data[at]
		at++
		switch block {
		case '!':
			if at >= len(data) {
				return frame, truncated("GIF", len(data))
			}
			label := data[at]
			at++
			content, rest := subBlocks(data[at:], 256)
			if label == 0xf9 && len(content) >= 4 && content[0]&1 != 0 {
				frame.transparent = int(content[3])
			}
			at = len(data) - len(rest)
		case ',':
			if at+10 > len(data) {
				return frame, truncated("GIF", len(data))
			}
			header := data[at : at+9]
			at += 9
			frame.x, frame.y = int(binary.LittleEndian.Uint16(header)), int(binary.LittleEndian.Uint16(header[2:]))
			frame.width, frame.height = int(binary.LittleEndian.Uint16(header[4:])), int(binary.LittleEndian.Uint16(header[6:]))
			frame.interlaced = header[8]&0x40 != 0
			if !takePalette(header[8]) || at >= len(data) {
				return frame, truncated("GIF", len(data))
			}
			frame.codeSize = int(data[at])
			frame.data = data[at+1:]
			frame.canvasWidth = max(frame.canvasWidth, frame.x+frame.width)
			frame.canvasHeight = max(frame.canvasHeight, frame.y+frame.height)
			return frame, nil
		case ';':
			return frame, corrupt("GIF", "it has no picture")
		}
	}
	return frame, truncated("GIF", len(data))
}

// subBlocks joins length-prefixed blocks up to the empty one, keeping at most
// limit bytes, and returns what comes after.
func subBlocks(data []byte, limit int) (content, rest []byte) {
	for len(data) > 0 {
		size := int(data[0])
		data = data[1:]
		if size == 0 {
			break
		}
		size = min(size, len(data))
		if len(content) < limit {
			content = append(content, data[:size]...)
		}
		data = data[size:]
	}
	return content, data
}

func decodeGIF(data []byte) (*raster, error) {
	frame, err := parseGIF(data)
	if err != nil {
		return nil, err
	}
	indices, err := frame.indices(len(data))
	if err != nil {
		return nil, err
	}
	table := grayTable()
	if frame.palette != nil {
		table = newColorTable()
		for i := 0; i+2 < len(frame.palette); i += 3 {
			copy(table[i/3][:3], frame.palette[i:])
		}
	}
	if frame.transparent >= 0 {
		table[frame.transparent][3] = 0
	}
	return table.raster(indices, frame.canvasWidth, frame.canvasHeight), nil
}

// indices decodes the frame onto the canvas, which is transparent (or colour 0)
// where the frame does not reach.
func (f *gifFrame) indices(fileLength int) ([]byte, error) {
	if f.codeSize < 1 || f.codeSize > 8 {
		return nil, corrupt("GIF", "its LZW code size is %d", f.codeSize)
	}
	if f.width == 0 || f.height == 0 {
		return nil, corrupt("GIF", "its first frame is %dx%d pixels", f.width, f.height)
	}
	content, _ := subBlocks(f.data, len(f.data))
	if f.width*f.height/maxLZWRatio > len(content) {
		return nil, truncated("GIF", fileLength)
	}
	reader := lzw.NewReader(bytes.NewReader(content), lzw.LSB, f.codeSize)
	defer reader.Close()
	canvas := make([]byte, f.canvasWidth*f.canvasHeight)
	if f.transparent > 0 {
		for i := range canvas {
			canvas[i] = byte(f.transparent)
		}
	}
	for _, pass := range f.passes() {
		for y := pass.first; y < f.height; y += pass.step {
			start := (f.y+y)*f.canvasWidth + f.x
			if _, err := io.ReadFull(reader, canvas[start:start+f.width]); err != nil {
				if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
					return nil, truncated("GIF", fileLength)
				}
				return nil, corrupt("GIF", "%v", err)
			}
		}
	}
	return canvas, nil
}

// maxLZWRatio bounds what LZW with 12-bit codes can unpack from one byte.
const maxLZWRatio = 4096

type gifPass struct{ first, step int }

func (f *gifFrame) passes() []gifPass {
	if f.interlaced {
		return []gifPass{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
	}
	return []gifPass{{0, 1}}
}
