package imaging

// tiffPicture is how the directory says that samples are stored.
type tiffPicture struct {
	directory                *tiffDirectory
	width, height            int
	bits, samples            int // bits a sample, samples a pixel
	format                   int
	photometric, compression int
	planar                   bool
	predictor                int
	reversedBits             bool
	tiled                    bool
	chunkWidth, chunkHeight  int // of a tile, or of a strip
	offsets, byteCounts      []int
	chunksAcross, chunksDown int
	layout                   layout
	usedSamples              int // that go into the raster; more are skipped
	palette                  *colorTable
	jpegTables               []byte
	invert                   bool
	group3TwoDimensional     bool
}

func newTIFFPicture(d *tiffDirectory) (*tiffPicture, error) {
	width, height, err := d.size()
	if err != nil {
		return nil, err
	}
	p := &tiffPicture{
		directory: d, width: width, height: height,
		samples: d.integer(tagSamplesPerPixel, 1), format: d.integer(tagSampleFormat, sampleUnsigned),
		photometric: d.integer(tagPhotometric, photometricWhiteIsZero), compression: d.integer(tagCompression, tiffUncompressed),
		planar: d.integer(tagPlanar, 1) == 2, predictor: d.integer(tagPredictor, 1), reversedBits: d.integer(tagFillOrder, 1) == 2,
		group3TwoDimensional: d.integer(tagT4Options, 0)&1 != 0,
	}
	p.jpegTables, _, _ = d.raw(tagJPEGTables)
	bits := d.integers(tagBitsPerSample, 8)
	p.bits = 1
	for i, b := range bits {
		if i > 0 && b != p.bits {
			return nil, unsupported("TIFF", "its channels have different depths %v", bits)
		}
		p.bits = b
	}
	if p.samples < 1 || p.samples > 8 {
		return nil, unsupported("TIFF", "it has %d samples a pixel", p.samples)
	}
	p.planar = p.planar && p.samples > 1
	if err := p.chooseLayout(); err != nil {
		return nil, err
	}
	return p, p.findChunks()
}

// chooseLayout maps the kinds of TIFF that Pillow reads to a raster layout.
func (p *tiffPicture) chooseLayout() error {
	extra := p.directory.integers(tagExtraSamples, 8)
	type kind struct{ photometric, bits, format int }
	this := kind{p.photometric, p.bits, p.format}
	small := p.bits == 1 || p.bits == 2 || p.bits == 4 || p.bits == 8
	eightOrSixteen := (p.bits == 8 || p.bits == 16) && p.format == sampleUnsigned
	gray := p.photometric == photometricWhiteIsZero || p.photometric == photometricBlackIsZero
	p.usedSamples = 1
	switch {
	case gray && p.bits == 8 && p.samples >= 2 && len(extra) > 0 && extra[0] == 2 && p.photometric == photometricBlackIsZero:
		p.layout, p.usedSamples = layoutGrayAlpha, 2
	case gray && small && p.format != sampleFloat:
		p.layout = layoutGray
		p.invert = p.photometric == photometricWhiteIsZero
	case gray && p.bits == 16 && p.format == sampleUnsigned:
		p.layout = layoutGray16
	case this == kind{photometricBlackIsZero, 16, sampleSigned},
		gray && p.bits == 32 && p.format != sampleFloat:
		p.layout = layoutInt32
	case gray && p.bits == 32 && p.format == sampleFloat:
		p.layout = layoutFloat32
	case p.photometric == photometricPalette && small:
		p.layout = layoutGray
		if p.bits == 8 && p.samples == 2 && len(extra) > 0 && extra[0] == 2 {
			p.layout, p.usedSamples = layoutGrayAlpha, 2
		}
		if err := p.readPalette(); err != nil {
			return err
		}
	case p.photometric == photometricRGB && eightOrSixteen && p.samples == 3:
		p.layout, p.usedSamples = layoutRGB, 3
	case p.photometric == photometricRGB && eightOrSixteen && p.samples > 3:
		p.layout, p.usedSamples = layoutRGBA, 4
		if len(extra) > 0 && extra[0] == 0 {
			p.layout, p.usedSamples = layoutRGB, 3
		} else if len(extra) > 0 && extra[0] == 1 {
			p.layout = layoutRGBAPremultiplied
		}
	case p.photometric == photometricCMYK && eightOrSixteen && p.samples >= 4:
		p.layout, p.usedSamples = layoutCMYK, 4
	case p.photometric == photometricYCbCr && p.bits == 8 && p.compression == tiffJPEG && p.samples == 3:
		p.layout, p.usedSamples = layoutRGB, 3
	default:
		return unsupported("TIFF", "photometric interpretation %d with %d samples of %d bits, format %d", p.photometric, p.samples, p.bits, p.format)
	}
	return nil
}

func (p *tiffPicture) readPalette() error {
	colors := p.directory.integers(tagColorMap, 3*256)
	n := 1 << p.bits
	if len(colors) < 3*n {
		return corrupt("TIFF", "its palette has %d values, not %d", len(colors), 3*n)
	}
	p.palette = newColorTable()
	for i := range n {
		p.palette[i] = [4]byte{byte(colors[i] >> 8), byte(colors[n+i] >> 8), byte(colors[2*n+i] >> 8), 255}
	}
	return nil
}

// findChunks takes the strips' or tiles' places and checks them against the file.
func (p *tiffPicture) findChunks() error {
	d := p.directory
	const maxChunks = 1 << 22 // as many rows as a picture may have, in four planes
	p.tiled = d.entries[tagTileOffsets] != nil
	if p.tiled {
		p.chunkWidth, p.chunkHeight = d.integer(tagTileWidth, 0), d.integer(tagTileHeight, 0)
		p.offsets, p.byteCounts = d.integers(tagTileOffsets, maxChunks), d.integers(tagTileByteCounts, maxChunks)
	} else {
		p.chunkWidth, p.chunkHeight = p.width, min(d.integer(tagRowsPerStrip, p.height), p.height)
		p.offsets, p.byteCounts = d.integers(tagStripOffsets, maxChunks), d.integers(tagStripByteCounts, maxChunks)
	}
	// A tile may be larger than the picture, but not beyond reason: it is decoded whole.
	if p.chunkWidth < 1 || p.chunkHeight < 1 || p.chunkWidth > p.width+4096 || p.chunkHeight > p.height+4096 {
		return corrupt("TIFF", "its strips or tiles are %dx%d pixels", p.chunkWidth, p.chunkHeight)
	}
	p.chunksAcross = (p.width + p.chunkWidth - 1) / p.chunkWidth
	p.chunksDown = (p.height + p.chunkHeight - 1) / p.chunkHeight
	want := p.chunksAcross * p.chunksDown
	if p.planar {
		want *= p.samples
	}
	if len(p.offsets) < want {
		return corrupt("TIFF", "it has %d strips or tiles, not %d", len(p.offsets), want)
	}
	if len(p.byteCounts) < want {
		// Old writers leave the count of a single uncompressed strip out.
		if want != 1 || len(p.byteCounts) != 0 {
			return corrupt("TIFF", "it has %d byte counts for %d strips or tiles", len(p.byteCounts), want)
		}
		p.byteCounts = []int{max(len(d.data)-p.offsets[0], 0)}
	}
	return nil
}

// samplesPerChunkPixel is 1 where each chunk holds one channel.
func (p *tiffPicture) samplesPerChunkPixel() int {
	if p.planar {
		return 1
	}
	return p.samples
}

// chunkRowBytes is the length of a row of an unpacked chunk.
func (p *tiffPicture) chunkRowBytes() int {
	return (p.chunkWidth*p.samplesPerChunkPixel()*p.bits + 7) / 8
}
