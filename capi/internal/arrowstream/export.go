package arrowstream

/*
#include <stdlib.h>
#include <string.h>
#include "arrow_c_abi.h"
*/
import "C"

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/cdata"
)

// Export hands a reader's record batches to the ArrowArrayStream at out, which
// then owns them: the reference that the caller holds is taken over. The batches must be made already and lie
// in C memory, so that the stream works on any thread, after anything else is
// closed, and cannot fail.
func Export(reader array.RecordReader, out unsafe.Pointer) {
	defer reader.Release()
	// The struct is the caller's and may be anywhere, even on its stack and not zeroed as asked.
	stream := C.calloc(1, C.sizeof_struct_ArrowArrayStream)
	defer C.free(stream)
	cdata.ExportRecordReader(reader, (*cdata.CArrowArrayStream)(stream))
	C.memcpy(out, stream, C.sizeof_struct_ArrowArrayStream)
}
