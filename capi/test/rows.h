/* Arrow arrays and streams built by hand, as a producer that is not arrow-go would. */
#ifndef ROWS_H
#define ROWS_H

#include "check.h"

/* Arrays, schemas and streams that are not released yet. */
extern atomic_int arrow_live;

/* Arrays of n values. A NULL text is a null. */
struct ArrowArray* texts(int n, const char* const* values);
struct ArrowArray* bytes8(int n, const uint8_t* values);
struct ArrowArray* ints32(int n, const int32_t* values);
struct ArrowArray* binaries(int n, const char* const* data, const size_t* sizes);
struct ArrowArray* structure(int n, int children, struct ArrowArray** child);

struct ArrowSchema* schema(const char* format, const char* name, int children, struct ArrowSchema** child);

/* A stream of one record batch, which it owns with its schema. */
void stream_of(struct ArrowArrayStream* out, struct ArrowSchema* schema, struct ArrowArray* batch);
/* A stream that gives a batch and then fails with code and message. */
void failing_stream(struct ArrowArrayStream* out, int code, const char* message);

/* The project's pictures: testdata/images/NAME. */
typedef struct {
  char* data;
  size_t size;
} picture;
picture read_picture(const char* name);

/* Image cells ("kind" etc.): encoded pictures, or texts where data is a text. */
struct ArrowArray* cells(int n, uint8_t kind, const char* const* data, const size_t* sizes);
struct ArrowSchema* cell_schema(const char* name);

/* Rows of the schema of engines.h: id, image (encoded; NULL leaves the column out), description (NULL leaves it out). */
void put_rows(struct ArrowArrayStream* out, int n, const char* const* ids, const picture* images,
              const char* const* descriptions);
/* One row whose image is a text to be resolved. */
void put_text_image(struct ArrowArrayStream* out, const char* id, const char* image);
/* One row of image parameters with one column. */
void image_param(struct ArrowArrayStream* out, const char* name, picture image);

#endif
