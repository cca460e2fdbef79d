package imaging

import (
	"bytes"
	"encoding/binary"
)

const orientationTag = 0x0112

// metadata is where a picture may say how it is to be turned.
type metadata struct {
	exif []byte // a TIFF structure, with or without "Exif\0\0" before it
	xmp  []byte
}

// orientation returns the EXIF orientation; XMP counts only where EXIF has
// none, as in Pillow. 1 where neither says anything.
func (m metadata) orientation() int {
	if value, found := exifOrientation(m.exif); found {
		return value
	}
	return xmpOrientation(m.xmp)
}

func exifOrientation(exif []byte) (value int, found bool) {
	for bytes.HasPrefix(exif, []byte("Exif\x00\x00")) {
		exif = exif[6:]
	}
	order := tiffByteOrder(exif)
	if order == nil {
		return 0, false
	}
	start := int64(order.Uint32(exif[4:]))
	if start+2 > int64(len(exif)) {
		return 0, false
	}
	count := int64(order.Uint16(exif[start:]))
	for i := range count {
		at := start + 2 + 12*i
		if at+12 > int64(len(exif)) {
			break
		}
		if order.Uint16(exif[at:]) != orientationTag {
			continue
		}
		return inlineInteger(order, exif[at:at+12])
	}
	return 0, false
}

// inlineInteger reads the value of a 12-byte directory entry that holds one
// BYTE, SHORT or LONG.
func inlineInteger(order binary.ByteOrder, entry []byte) (value int, ok bool) {
	if order.Uint32(entry[4:]) != 1 {
		return 0, false
	}
	switch order.Uint16(entry[2:]) {
	case 1:
		return int(entry[8]), true
	case 3:
		return int(order.Uint16(entry[8:])), true
	case 4:
		return int(order.Uint32(entry[8:])), true
	}
	return 0, false
}

// xmpOrientation finds tiff:Orientation="6" or <tiff:Orientation>6.
func xmpOrientation(xmp []byte) int {
	const name = "tiff:Orientation"
	for {
		at := bytes.Index(xmp, []byte(name))
		if at < 0 {
			return 1
		}
		xmp = xmp[at+len(name):]
		value := bytes.TrimPrefix(bytes.TrimPrefix(xmp, []byte(`="`)), []byte(">"))
		if len(value) < len(xmp) && len(value) > 0 && value[0] >= '0' && value[0] <= '9' {
			return int(value[0] - '0')
		}
	}
}

// tiffByteOrder returns the byte order of a TIFF structure, nil where data is none.
func tiffByteOrder(data []byte) binary.ByteOrder {
	switch {
	case len(data) < 8:
		return nil
	case bytes.HasPrefix(data, []byte("II*\x00")):
		return binary.LittleEndian
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		return binary.BigEndian
	}
	return nil
}
