// Package imaging goes from encoded bytes or raw pixels to the tensor that a
// model takes: decode, orient, composite, resize, crop, normalise. Where Pillow
// does the same step the result is the same to the bit. It knows nothing about
// models but the numbers in Preprocessing, and nothing about where bytes come from.
package imaging

// Limits caps what a picture may ask for. Both caps are checked against the
// header, before anything is allocated.
type Limits struct {
	MaxPixels int64 // width x height; 0 means DefaultMaxPixels
}

// DefaultMaxPixels is Pillow's own threshold for a decompression bomb.
const DefaultMaxPixels = 89_478_485

// Policy says how a picture becomes RGB.
type Policy uint8

const (
	// Faithful applies the EXIF orientation, composites alpha over white and scales 16-bit greys by 257.
	Faithful Policy = 0
	// Reference reproduces superlinked 37.3.0: orientation ignored, alpha dropped, 16-bit greys clipped at 255,
	// anything over 224 px on a side squashed to 224x224 and re-encoded as lossy WebP (quality 95).
	Reference Policy = 1
)

// RGB is a picture in memory: 8 bits a channel, rows top down, len(Pix) == 3*Width*Height.
type RGB struct {
	Width, Height int
	Pix           []byte
}

// Filter is a resampling filter of Pillow.
type Filter uint8

const (
	Bicubic Filter = iota
	Bilinear
	Lanczos
	Nearest
)

// Resize says how a picture is brought to the model's size.
type Resize uint8

const (
	// ShortestSide scales so that the shorter side is Size; the longer is int(Size*long/short).
	ShortestSide Resize = iota
	// Squash scales to Width x Height and loses the aspect ratio.
	Squash
)

// Crop says where a centre crop starts if the rest, side less crop, is odd.
type Crop uint8

const (
	// CropDown rounds half the rest down, as Hugging Face's image processors do.
	CropDown Crop = iota
	// CropEven rounds half the rest to the even number beside it, as torchvision and so open_clip do.
	CropEven
)

// Preprocessing is what a model's preprocessor_config.json says, in order: resize, centre crop, rescale, normalise.
type Preprocessing struct {
	Resize        Resize
	Size          int // ShortestSide: the shorter side in pixels
	Filter        Filter
	Width, Height int // of the tensor: the crop of ShortestSide, the target of Squash
	Crop          Crop
	Rescale       float64    // 1/255 in nearly every model
	Mean, Std     [3]float64 // per channel, after Rescale
}
