package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// unpackChunk decompresses strip or tile number index into out and undoes its predictor.
func (p *tiffPicture) unpackChunk(index, rows int, out []byte) error {
	data := p.directory.data
	start, count := p.offsets[index], p.byteCounts[index]
	if start > len(data) || count > len(data)-start {
		return truncated("TIFF", len(data))
	}
	packed := data[start : start+count]
	if p.reversedBits && p.compression != tiffJPEG {
		packed = reverseBits(packed)
	}
	var err error
	switch p.compression {
	case tiffUncompressed:
		if copy(out, packed) < len(out) {
			err = io.ErrUnexpectedEOF
		}
	case tiffPackBits:
		err = unpackBits(out, packed)
	case tiffLZW:
		reader := lzw.NewReader(bytes.NewReader(packed), lzw.MSB, 8)
		_, err = io.ReadFull(reader, out)
		reader.Close()
	case tiffDeflate, tiffOldDeflate:
		var reader io.Reader
		if reader, err = zlib.NewReader(bytes.NewReader(packed)); err == nil {
			if _, err = io.ReadFull(reader, out); err == nil {
				err = checksumError(reader)
			}
		}
	case tiffGroup3, tiffGroup4:
		return p.unpackFax(packed, rows, out)
	case tiffJPEG:
		return p.unpackJPEG(packed, rows, out)
	default:
		return unsupported("TIFF", "compression %d", p.compression)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return truncated("TIFF", len(data))
	}
	if err != nil {
		return corrupt("TIFF", "%v", err)
	}
	return p.undoPredictor(out, rows)
}

// checksumError reads on after the last pixel: only at its end does a zlib stream tell that it is damaged. That there is
// more, or no end, is as good to libtiff.
func checksumError(reader io.Reader) error {
	if _, err := reader.Read(make([]byte, 1)); errors.Is(err, zlib.ErrChecksum) {
		return err
	}
	return nil
}

// unpackBits undoes PackBits. Runs may not go past the end of out.
func unpackBits(out, packed []byte) error {
	for len(out) > 0 {
		if len(packed) < 2 {
			return io.ErrUnexpectedEOF
		}
		control := int(int8(packed[0]))
		switch {
		case control >= 0:
			n := min(control+1, len(out))
			if n > len(packed)-1 {
				return io.ErrUnexpectedEOF
			}
			copy(out[:n], packed[1:])
			out, packed = out[n:], packed[1+n:]
		case control != -128:
			n := min(1-control, len(out))
			for i := range n {
				out[i] = packed[1]
			}
			out, packed = out[n:], packed[2:]
		default:
			packed = packed[1:]
		}
	}
	return nil
}

// undoPredictor adds up the differences between neighbours along each row.
func (p *tiffPicture) undoPredictor(out []byte, rows int) error {
	switch {
	case p.predictor == 1:
		return nil
	case p.predictor != 2 || p.bits != 8 && p.bits != 16 && p.bits != 32:
		return unsupported("TIFF", "predictor %d with %d bits", p.predictor, p.bits)
	}
	rowBytes, step := p.chunkRowBytes(), p.samplesPerChunkPixel()*p.bits/8
	order := p.directory.order
	for y := range rows {
		row := out[y*rowBytes : (y+1)*rowBytes]
		switch p.bits {
		case 8:
			for i := step; i < len(row); i++ {
				row[i] += row[i-step]
			}
		case 16:
			for i := step; i+1 < len(row); i += 2 {
				order.PutUint16(row[i:], order.Uint16(row[i:])+order.Uint16(row[i-step:]))
			}
		case 32:
			for i := step; i+3 < len(row); i += 4 {
				order.PutUint32(row[i:], order.Uint32(row[i:])+order.Uint32(row[i-step:]))
			}
		}
	}
	return nil
}

// unpackFax reads bilevel CCITT data. Fax codes say black and white; a TIFF
// stores white as 0 where white is zero, which is what the codes mean by default.
func (p *tiffPicture) unpackFax(packed []byte, rows int, out []byte) error {
	if p.bits != 1 || p.samples != 1 {
		return corrupt("TIFF", "fax compression with %d samples of %d bits", p.samples, p.bits)
	}
	if p.group3TwoDimensional && p.compression == tiffGroup3 {
		return unsupported("TIFF", "two-dimensional Group 3 fax compression")
	}
	kind := ccitt.Group4
	if p.compression == tiffGroup3 {
		kind = ccitt.Group3
	}
	reader := ccitt.NewReader(bytes.NewReader(packed), ccitt.MSB, kind, p.chunkWidth, rows, &ccitt.Options{Invert: true})
	if _, err := io.ReadFull(reader, out); err == io.EOF || err == io.ErrUnexpectedEOF {
		return truncated("TIFF", len(p.directory.data))
	} else if err != nil {
		return corrupt("TIFF", "%v", err)
	}
	return nil
}

// unpackJPEG decodes a strip or tile that is a JPEG of its own, whose tables
// may stand in the directory.
func (p *tiffPicture) unpackJPEG(packed []byte, rows int, out []byte) error {
	perPixel := p.samplesPerChunkPixel()
	if p.bits != 8 || perPixel != 1 && perPixel != 3 || p.palette != nil {
		return unsupported("TIFF", "JPEG compression with %d samples of %d bits", p.samples, p.bits)
	}
	stream := p.jpegStream(packed)
	header, err := parseJPEG(stream, true)
	if err != nil {
		return err
	}
	if !header.complete {
		return truncated("TIFF", len(p.directory.data))
	}
	if header.width != p.chunkWidth || header.height < rows || header.height > p.chunkHeight || header.components != perPixel {
		return corrupt("TIFF", "a JPEG strip of %dx%d pixels where %dx%d belong", header.width, header.height, p.chunkWidth, rows)
	}
	pixels := newRaster(layoutRGB, header.width, header.height)
	if err := turboDecode(stream, pixels); err != nil {
		return err
	}
	if perPixel == 3 {
		copy(out, pixels.pix)
		return nil
	}
	for i := range out {
		out[i] = pixels.pix[3*i]
	}
	return nil
}

// jpegStream joins the shared tables and a strip, and says with Adobe's marker
// what the TIFF says about colour, so that libjpeg need not guess.
func (p *tiffPicture) jpegStream(packed []byte) []byte {
	stream := []byte{0xff, 0xd8}
	if p.samplesPerChunkPixel() == 3 {
		transform := byte(0)
		if p.photometric == photometricYCbCr {
			transform = 1
		}
		stream = binary.BigEndian.AppendUint16(append(stream, 0xff, 0xee), 14)
		stream = append(stream, "Adobe\x00\x64\x00\x00\x00\x00"...)
		stream = append(stream, transform)
	}
	tables := bytes.TrimSuffix(bytes.TrimPrefix(p.jpegTables, []byte{0xff, 0xd8}), []byte{0xff, 0xd9})
	stream = append(stream, tables...)
	return append(stream, bytes.TrimPrefix(packed, []byte{0xff, 0xd8})...)
}
