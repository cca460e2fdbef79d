package imaging

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

func noisePicture(width, height int) *RGB {
	return &RGB{Width: width, Height: height, Pix: noise(uint32(width), 3*width*height)}
}

// Only the crop is computed; it must be the one out of the whole resized picture.
func TestRegionIsPartOfTheWhole(t *testing.T) {
	for _, filter := range []Filter{Bicubic, Bilinear, Lanczos, Nearest} {
		for _, size := range [][4]int{{61, 47, 40, 31}, {20, 30, 90, 80}, {50, 50, 50, 20}, {50, 50, 20, 50}, {9, 200, 9, 200}} {
			source := noisePicture(size[0], size[1])
			whole, err := ResizeTo(source, size[2], size[3], filter)
			require.NoError(t, err)
			area := region{3, 5, size[2] - 4, size[3] - 9}
			part := make([]byte, 3*area.width*area.height)
			require.NoError(t, resizeRegion(part, source, size[2], size[3], area, filter))
			for y := range area.height {
				want := whole.Pix[3*((y+area.y)*whole.Width+area.x):][:3*area.width]
				require.Equal(t, want, part[3*y*area.width:3*(y+1)*area.width], "filter %d, %v, row %d", filter, size, y)
			}
		}
	}
}

func TestResizeLeavesItsInputAlone(t *testing.T) {
	source := noisePicture(12, 9)
	same, err := ResizeTo(source, 12, 9, Bicubic)
	require.NoError(t, err)
	assert.Equal(t, source.Pix, same.Pix)
	clear(same.Pix)
	assert.Equal(t, noisePicture(12, 9).Pix, source.Pix)
}

func TestShortestSide(t *testing.T) {
	for _, test := range [][4]int{{640, 480, 298, 224}, {480, 640, 224, 298}, {224, 224, 224, 224}, {3000, 10, 67200, 224}, {1, 1, 224, 224}, {225, 223, 226, 224}} {
		width, height := shortestSide(test[0], test[1], 224)
		assert.Equal(t, test[2:], []int{width, height}, "%v", test)
	}
}

func TestSquashResize(t *testing.T) {
	p := Preprocessing{Resize: Squash, Filter: Bilinear, Width: 20, Height: 10, Rescale: 1.0 / 255, Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5}}
	require.Equal(t, 600, p.TensorLen())
	tensor := make([]float32, 600)
	require.NoError(t, p.Apply(&RGB{Width: 2, Height: 1, Pix: []byte{255, 0, 51, 255, 0, 51}}, tensor))
	assert.Equal(t, []float32{1, 1, -1, -1}, []float32{tensor[0], tensor[199], tensor[200], tensor[399]})
	assert.InDelta(t, -0.6, tensor[400], 1e-6)
}

// A crop that is larger than the picture has black around it, as in Hugging
// Face's center_crop: an odd rest makes the upper left margin the wider one.
func TestCropLargerThanThePicture(t *testing.T) {
	p := Preprocessing{Resize: ShortestSide, Size: 2, Filter: Nearest, Width: 5, Height: 4, Rescale: 1, Std: [3]float64{1, 1, 1}}
	white := &RGB{Width: 2, Height: 2, Pix: []byte{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}}
	tensor := make([]float32, p.TensorLen())
	require.NoError(t, p.Apply(white, tensor))
	assert.Equal(t, []float32{
		0, 0, 0, 0, 0,
		0, 0, 1, 1, 0,
		0, 0, 1, 1, 0,
		0, 0, 0, 0, 0,
	}, tensor[:20])
}

func TestApplyRefuses(t *testing.T) {
	good := noisePicture(30, 20)
	tests := []struct {
		name   string
		change func(*Preprocessing)
		rgb    *RGB
		length int
		status errs.Status
	}{
		{"short tensor", func(*Preprocessing) {}, good, 10, errs.InvalidInput},
		{"no size", func(p *Preprocessing) { p.Size = 0 }, good, 3 * 224 * 224, errs.InvalidInput},
		{"no width", func(p *Preprocessing) { p.Width = 0 }, good, 0, errs.InvalidInput},
		{"unknown filter", func(p *Preprocessing) { p.Filter = 9 }, good, 3 * 224 * 224, errs.InvalidInput},
		{"pixels missing", func(*Preprocessing) {}, &RGB{Width: 30, Height: 20}, 3 * 224 * 224, errs.InvalidInput},
		{"no pixels", func(*Preprocessing) {}, &RGB{}, 3 * 224 * 224, errs.InvalidInput},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := clipPreprocessing
			test.change(&p)
			assert.Equal(t, test.status, errs.StatusOf(p.Apply(test.rgb, make([]float32, test.length))))
		})
	}
	tall := &RGB{Width: 1, Height: 1 << 20, Pix: make([]byte, 3<<20)}
	p := Preprocessing{Resize: Squash, Filter: Bicubic, Width: 384, Height: 384, Rescale: 1, Std: [3]float64{1, 1, 1}}
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(p.Apply(tall, make([]float32, p.TensorLen()))))
}

// The resized picture of an elongated one would be huge; only its centre is made.
func TestElongatedPicturesAreCheap(t *testing.T) {
	long := noisePicture(1<<20, 1)
	tensor := make([]float32, clipPreprocessing.TensorLen())
	var err error
	used := allocated(func() { err = clipPreprocessing.Apply(long, tensor) })
	require.NoError(t, err)
	assert.Less(t, used, uint64(4<<20))
}

func TestThumbnail(t *testing.T) {
	data := readImage(t, "syn-exif-rot6-320x200.jpg")
	small, err := Thumbnail(data, 80, Limits{})
	require.NoError(t, err)
	config, err := Probe(small, Limits{})
	require.NoError(t, err)
	assert.Equal(t, Config{Format: "webp", Width: 50, Height: 80}, config, "upright and in proportion")
	assert.Less(t, len(small), 6000)

	same, err := Thumbnail(readGoldenFile(t, "mode-RGBA.png"), 80, Limits{})
	require.NoError(t, err)
	config, err = Probe(same, Limits{})
	require.NoError(t, err)
	assert.Equal(t, Config{Format: "webp", Width: 37, Height: 23}, config, "never enlarged")
	rgb, err := Decode(same, Faithful, Limits{})
	require.NoError(t, err)
	assert.Greater(t, rgb.Pix[0], byte(240), "the transparent corner is white")

	line, err := Thumbnail(readImage(t, "syn-3000x10.png"), 100, Limits{})
	require.NoError(t, err)
	config, err = Probe(line, Limits{})
	require.NoError(t, err)
	assert.Equal(t, Config{Format: "webp", Width: 100, Height: 1}, config)

	for _, side := range []int{0, -1, 20000} {
		_, err = Thumbnail(data, side, Limits{})
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	}
	_, err = Thumbnail(data, 80, Limits{MaxPixels: 100})
	assert.Equal(t, errs.LimitExceeded, errs.StatusOf(err))
}

func TestReferencePolicySquashes(t *testing.T) {
	data := readImage(t, "syn-rgba-500x400.webp")
	rgb, err := Decode(data, Reference, Limits{})
	require.NoError(t, err)
	plain, err := decodeUpright(data, Reference, Limits{})
	require.NoError(t, err)
	_, want, err := ReferenceSquash(plain)
	require.NoError(t, err)
	assert.Equal(t, [2]int{224, 224}, [2]int{rgb.Width, rgb.Height})
	assert.Equal(t, describe(want), describe(rgb))
	raw, err := FromRaw("RGB", plain.Width, plain.Height, plain.Pix, Reference, Limits{})
	require.NoError(t, err)
	assert.Equal(t, describe(want), describe(raw))
}

// Python's round((side - crop) / 2) for crops, (crop - side) // 2 for margins: torchvision's center_crop.
func TestTorchvisionsCrop(t *testing.T) {
	for _, c := range [][5]int{ // side, crop, start, length, margin
		{10, 4, 3, 4, 0}, {5, 4, 0, 4, 0}, {7, 4, 2, 4, 0}, {9, 4, 2, 4, 0}, {11, 4, 4, 4, 0}, {13, 4, 4, 4, 0}, {4, 4, 0, 4, 0}, {3, 4, 0, 3, 0}, {2, 5, 0, 2, 1}, {1, 5, 0, 1, 2},
	} {
		start, length, margin := centerSpan(c[0], c[1], CropEven)
		assert.Equal(t, c, [5]int{c[0], c[1], start, length, margin})
	}
	start, _, _ := centerSpan(7, 4, CropDown)
	assert.Equal(t, 1, start)
}
