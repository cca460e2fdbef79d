package imaging

/*
#cgo pkg-config: libwebp
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/encode.h>

// Decodes a still picture of known size into out. Returns libwebp's status.
static int innerspace_webp_decode(const uint8_t *data, size_t size, int width, int height, int alpha, uint8_t *out) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return VP8_STATUS_INVALID_PARAM;
  int stride = width * (alpha ? 4 : 3);
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = out;
  config.output.u.RGBA.stride = stride;
  config.output.u.RGBA.size = (size_t)stride * height;
  VP8StatusCode status = WebPGetFeatures(data, size, &config.input);
  if (status == VP8_STATUS_OK) {
    if (config.input.width != width || config.input.height != height) return VP8_STATUS_BITSTREAM_ERROR;
    status = WebPDecode(data, size, &config);
  }
  WebPFreeDecBuffer(&config.output);
  return status;
}

// Encodes RGB pixels as lossy WebP with the settings of Pillow's save(quality=...).
// *out is to be freed with WebPFree. Returns libwebp's error code, 0 for success.
static int innerspace_webp_encode(const uint8_t *rgb, int width, int height, float quality, uint8_t **out, size_t *out_size) {
  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  *out = NULL;
  *out_size = 0;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return VP8_ENC_ERROR_INVALID_CONFIGURATION;
  config.lossless = 0;
  config.quality = quality;
  config.alpha_quality = 100;
  config.method = 4;
  picture.width = width;
  picture.height = height;
  picture.use_argb = 1;
  if (!WebPPictureImportRGB(&picture, rgb, width * 3)) {
    int code = picture.error_code;
    WebPPictureFree(&picture);
    return code != VP8_ENC_OK ? code : VP8_ENC_ERROR_OUT_OF_MEMORY;
  }
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  int ok = WebPEncode(&config, &picture);
  int code = picture.error_code;
  WebPPictureFree(&picture);
  if (!ok) {
    WebPMemoryWriterClear(&writer);
    return code != VP8_ENC_OK ? code : VP8_ENC_ERROR_OUT_OF_MEMORY;
  }
  *out = writer.mem;
  *out_size = writer.size;
  return 0;
}
*/
import "C"

import (
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
)

func decodeWebP(data []byte) (*raster, error) {
	file, err := parseWebP(data)
	if err != nil {
		return nil, err
	}
	var out *raster
	if file.animated {
		out, err = file.decodeFirstFrame()
	} else {
		out, err = libwebpDecode(data, file.width, file.height, file.alpha)
	}
	if err != nil {
		return nil, err
	}
	out.orientation = file.metadata.orientation()
	return out, nil
}

// decodeFirstFrame puts the first frame on a transparent canvas, as Pillow does.
func (f *webpFile) decodeFirstFrame() (*raster, error) {
	frame, err := f.frame()
	if err != nil {
		return nil, err
	}
	pixels, err := libwebpDecode(frame.file, frame.width, frame.height, true)
	if err != nil || frame.width == f.width && frame.height == f.height {
		return pixels, err
	}
	canvas := newRaster(layoutRGBA, f.width, f.height)
	for y := range frame.height {
		copy(canvas.pix[4*((frame.y+y)*f.width+frame.x):], pixels.pix[4*y*frame.width:4*(y+1)*frame.width])
	}
	return canvas, nil
}

func libwebpDecode(data []byte, width, height int, alpha bool) (*raster, error) {
	l, withAlpha := layoutRGB, C.int(0)
	if alpha {
		l, withAlpha = layoutRGBA, 1
	}
	out := newRaster(l, width, height)
	status := C.innerspace_webp_decode((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(data))), C.size_t(len(data)),
		C.int(width), C.int(height), withAlpha, (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(out.pix))))
	switch status {
	case C.VP8_STATUS_OK:
		return out, nil
	case C.VP8_STATUS_NOT_ENOUGH_DATA, C.VP8_STATUS_SUSPENDED:
		return nil, truncated("WebP", len(data))
	case C.VP8_STATUS_OUT_OF_MEMORY:
		return nil, errs.New(errs.LimitExceeded, "there is not enough memory to decode the WebP image of %dx%d pixels", width, height)
	case C.VP8_STATUS_UNSUPPORTED_FEATURE:
		return nil, unsupported("WebP", "libwebp does not know one of its features")
	}
	return nil, corrupt("WebP", "libwebp gave up with status %d", int(status))
}

// encodeWebP encodes as lossy WebP of the given quality, 0 to 100, as Pillow does.
func encodeWebP(rgb *RGB, quality float32) ([]byte, error) {
	const maxWebPSide = 16383
	if rgb.Width > maxWebPSide || rgb.Height > maxWebPSide {
		return nil, errs.New(errs.LimitExceeded, "WebP cannot hold %dx%d pixels: neither side may be longer than %d", rgb.Width, rgb.Height, maxWebPSide)
	}
	var out *C.uint8_t
	var size C.size_t
	code := C.innerspace_webp_encode((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(rgb.Pix))), C.int(rgb.Width), C.int(rgb.Height), C.float(quality), &out, &size)
	if code != 0 {
		return nil, errs.New(errs.Internal, "libwebp could not encode %dx%d pixels: error %d", rgb.Width, rgb.Height, int(code))
	}
	defer C.WebPFree(unsafe.Pointer(out))
	return C.GoBytes(unsafe.Pointer(out), C.int(size)), nil
}
