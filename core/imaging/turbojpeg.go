package imaging

/*
#cgo pkg-config: libturbojpeg
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

// Decodes into out, which holds width x height pixels of format. Flags 0 means
// the accurate integer transform and smooth chroma upsampling, as Pillow uses;
// the scan limit stops files of a few kilobytes that would decode for minutes.
// Returns 0, or -1 with a message of at most JMSG_LENGTH_MAX (200) bytes.
static int innerspace_jpeg_decode(const unsigned char *data, unsigned long size, int width, int height,
                                  int format, unsigned char *out, char message[256]) {
  tjhandle handle = tjInitDecompress();
  if (handle == NULL) {
    strncpy(message, "libjpeg-turbo could not start", 255);
    return -1;
  }
  int result = tjDecompress2(handle, data, size, out, width, 0, height, format, TJFLAG_LIMITSCANS);
  if (result != 0 && tjGetErrorCode(handle) == TJERR_WARNING) result = 0;
  if (result != 0) strncpy(message, tjGetErrorStr2(handle), 255);
  tjDestroy(handle);
  return result;
}
*/
import "C"

import (
	"strings"
	"unsafe"
)

// turboDecode fills out, whose size and layout come from the frame header. Like
// Pillow it takes what libjpeg-turbo only warns about; the caller has made sure
// that the file is whole.
func turboDecode(data []byte, out *raster) error {
	format := C.int(C.TJPF_RGB)
	if out.layout == layoutCMYK {
		format = C.TJPF_CMYK
	}
	var message [256]C.char
	if C.innerspace_jpeg_decode((*C.uchar)(unsafe.Pointer(unsafe.SliceData(data))), C.ulong(len(data)),
		C.int(out.width), C.int(out.height), format, (*C.uchar)(unsafe.Pointer(unsafe.SliceData(out.pix))), &message[0]) != 0 {
		text := C.GoString(&message[0])
		if _, after, ok := strings.Cut(text, "(): "); ok {
			text = after
		}
		if strings.Contains(text, "not supported") || strings.Contains(text, "Unsupported") {
			return unsupported("JPEG", "%s", text)
		}
		return corrupt("JPEG", "%s", text)
	}
	return nil
}
