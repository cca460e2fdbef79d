package imaging

import (
	"encoding/binary"
	"math/bits"
)

func decodeTIFF(data []byte) (*raster, error) {
	directory, err := parseTIFF(data)
	if err != nil {
		return nil, err
	}
	picture, err := newTIFFPicture(directory)
	if err != nil {
		return nil, err
	}
	if err := picture.checkPlausible(); err != nil {
		return nil, err
	}
	out := newRaster(picture.layout, picture.width, picture.height)
	planes := 1
	if picture.planar {
		planes = picture.usedSamples
	}
	chunk := make([]byte, picture.chunkRowBytes()*picture.chunkHeight)
	for plane := range planes {
		for down := range picture.chunksDown {
			for across := range picture.chunksAcross {
				index := (plane*picture.chunksDown+down)*picture.chunksAcross + across
				rows := picture.chunkHeight
				if !picture.tiled {
					rows = min(rows, picture.height-down*picture.chunkHeight)
				}
				unpacked := chunk[:rows*picture.chunkRowBytes()]
				if err := picture.unpackChunk(index, rows, unpacked); err != nil {
					return nil, err
				}
				picture.place(out, unpacked, plane, across*picture.chunkWidth, down*picture.chunkHeight)
			}
		}
	}
	switch {
	case picture.palette != nil && out.layout == layoutGrayAlpha:
		out = picture.palette.rasterWithAlpha(out.pix, out.width, out.height)
	case picture.palette != nil:
		out = picture.palette.raster(out.pix, out.width, out.height)
	case out.layout == layoutRGBAPremultiplied:
		blackWhereTransparent(out.pix)
	}
	out.orientation = directory.orientation()
	return out, nil
}

// checkPlausible refuses a file whose data cannot possibly unpack to the
// picture, before the picture is allocated.
func (p *tiffPicture) checkPlausible() error {
	ratio := int64(1)
	switch p.compression {
	case tiffUncompressed:
	case tiffPackBits:
		ratio = 64
	case tiffDeflate, tiffOldDeflate:
		ratio = maxDeflateRatio
	case tiffCCITT, tiffGroup3, tiffGroup4: // a row of any width may be one bit
		return nil
	default:
		ratio = maxLZWRatio
	}
	need := (int64(p.width)*int64(p.samples)*int64(p.bits) + 7) / 8 * int64(p.height)
	if need/ratio > int64(len(p.directory.data)) {
		return truncated("TIFF", len(p.directory.data))
	}
	return nil
}

// place copies the part of an unpacked chunk that lies inside the picture into
// out, at x and y of its upper left corner.
func (p *tiffPicture) place(out *raster, chunk []byte, plane, x, y int) {
	perPixel := p.samplesPerChunkPixel()
	width := min(p.chunkWidth, p.width-x)
	rowBytes := p.chunkRowBytes()
	samples := make([]byte, 0)
	if p.bits < 8 {
		samples = make([]byte, p.chunkWidth*perPixel)
	}
	for row := 0; row*rowBytes < len(chunk) && y+row < p.height; row++ {
		in := chunk[row*rowBytes : (row+1)*rowBytes]
		if p.bits < 8 {
			unpackSamples(samples, in, p.bits)
			in = samples
		}
		to := out.pix[((y+row)*p.width+x)*bytesPerPixel[out.layout]:]
		p.convertRow(to, in, width, perPixel, plane, bytesPerPixel[out.layout])
	}
}

// convertRow writes width pixels. in holds whole bytes a sample.
func (p *tiffPicture) convertRow(to, in []byte, width, perPixel, plane, pixelBytes int) {
	order := p.directory.order
	switch p.layout {
	case layoutGray16:
		for i := range width {
			binary.LittleEndian.PutUint16(to[2*i:], order.Uint16(in[2*i*perPixel:]))
		}
		return
	case layoutInt32, layoutFloat32:
		for i := range width {
			if p.bits == 16 {
				binary.LittleEndian.PutUint32(to[4*i:], uint32(int32(int16(order.Uint16(in[2*i*perPixel:])))))
			} else {
				binary.LittleEndian.PutUint32(to[4*i:], order.Uint32(in[4*i*perPixel:]))
			}
		}
		return
	}
	sampleBytes, first := max(p.bits/8, 1), 0
	if p.bits == 16 && order == binary.LittleEndian {
		first = 1 // the high byte
	}
	count, offset := p.usedSamples, 0
	if p.planar {
		count, offset = 1, plane
	}
	scale := byte(1)
	if p.bits < 8 && p.palette == nil {
		scale = byte(255 / (1<<p.bits - 1))
	}
	for i := range width {
		for c := range count {
			v := in[(i*perPixel+c)*sampleBytes+first] * scale
			if p.invert {
				v = ^v
			}
			to[i*pixelBytes+offset+c] = v
		}
	}
}

// blackWhereTransparent clears the colour of pixels with alpha 0, as Pillow does
// when it reads premultiplied pixels from a file.
func blackWhereTransparent(rgba []byte) {
	for i := 0; i+3 < len(rgba); i += 4 {
		if rgba[i+3] == 0 {
			clear(rgba[i : i+3])
		}
	}
}

func reverseBits(data []byte) []byte {
	out := make([]byte, len(data))
	for i, v := range data {
		out[i] = bits.Reverse8(v)
	}
	return out
}
