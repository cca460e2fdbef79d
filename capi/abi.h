/* What the Go files of this package see of C. */
#ifndef INNERSPACE_CAPI_ABI_H
#define INNERSPACE_CAPI_ABI_H

#include <stdlib.h>
#include <string.h>

#include "include/innerspace.h"
#include "internal/arrowstream/arrow_c_abi.h"

#endif
