package imaging

import (
	"bytes"
	"encoding/binary"
)

// jpegHeader is what the marker segments before the first scan say.
type jpegHeader struct {
	width, height, components int
	metadata                  metadata
	arithmetic                bool // coded arithmetically, not by Huffman's method
	complete                  bool // an end-of-image marker was found
}

func jpegSize(data []byte) (width, height int, err error) {
	header, err := parseJPEG(data, false)
	return header.width, header.height, err
}

func decodeJPEG(data []byte) (*raster, error) {
	header, err := parseJPEG(data, true)
	if err != nil {
		return nil, err
	}
	if !header.complete {
		return nil, truncated("JPEG", len(data))
	}
	// Each block of 8x8 pixels takes at least one bit, unless it is arithmetically coded.
	if !header.arithmetic && header.width*header.height/(64*8) > len(data) {
		return nil, truncated("JPEG", len(data))
	}
	var out *raster
	if header.components == 4 {
		out = newRaster(layoutCMYK, header.width, header.height)
	} else {
		out = newRaster(layoutRGB, header.width, header.height)
	}
	if err := turboDecode(data, out); err != nil {
		return nil, err
	}
	if out.layout == layoutCMYK {
		// Adobe stores ink inverted, and like Pillow we take every CMYK JPEG for Adobe's.
		for i, v := range out.pix {
			out.pix[i] = ^v
		}
	}
	out.orientation = header.metadata.orientation()
	return out, nil
}

// parseJPEG walks the marker segments: up to the frame header, or with whole to
// the end of the image, because libjpeg fills a missing rest with grey and only
// warns.
func parseJPEG(data []byte, whole bool) (jpegHeader, error) {
	var header jpegHeader
	at := 2
	for {
		// Anything between segments, entropy-coded data included, is skipped up to the next marker.
		next := bytes.IndexByte(data[min(at, len(data)):], 0xff)
		if next < 0 {
			break
		}
		at += next
		for at < len(data) && data[at] == 0xff {
			at++
		}
		if at >= len(data) {
			break
		}
		marker := data[at]
		at++
		if marker == 0xd9 {
			header.complete = true
			break
		}
		if marker <= 0x01 || marker >= 0xd0 && marker <= 0xd8 {
			continue
		}
		if at+2 > len(data) {
			break
		}
		length := int(binary.BigEndian.Uint16(data[at:]))
		if length < 2 || at+length > len(data) {
			break
		}
		segment := data[at+2 : at+length]
		at += length
		switch {
		case isStartOfFrame(marker):
			if header.width == 0 {
				header.arithmetic = marker >= 0xc9
				if err := header.frame(segment); err != nil {
					return header, err
				}
			}
			if !whole {
				return header, nil
			}
		case marker == 0xe1:
			header.application1(segment)
		}
	}
	if header.width == 0 {
		return header, truncated("JPEG", len(data))
	}
	return header, nil
}

func isStartOfFrame(marker byte) bool {
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
}

func (h *jpegHeader) frame(segment []byte) error {
	if len(segment) < 6 {
		return corrupt("JPEG", "its frame header is too short")
	}
	if segment[0] != 8 {
		return unsupported("JPEG", "it has %d bits a channel, only 8 are read", segment[0])
	}
	h.height = int(binary.BigEndian.Uint16(segment[1:]))
	h.width = int(binary.BigEndian.Uint16(segment[3:]))
	h.components = int(segment[5])
	if h.width == 0 || h.height == 0 {
		return corrupt("JPEG", "its frame header says %dx%d pixels", h.width, h.height)
	}
	if h.components != 1 && h.components != 3 && h.components != 4 {
		return unsupported("JPEG", "it has %d channels, only 1, 3 and 4 are read", h.components)
	}
	return nil
}

func (h *jpegHeader) application1(segment []byte) {
	if rest, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok {
		h.metadata.exif = append(h.metadata.exif, rest...)
	} else if rest, ok := bytes.CutPrefix(segment, []byte("http://ns.adobe.com/xap/1.0/\x00")); ok {
		h.metadata.xmp = rest
	}
}
