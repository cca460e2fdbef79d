#include "rows.h"

#include <errno.h>

atomic_int arrow_live;

/* ---- arrays and schemas: everything is a malloc of its own, so that AddressSanitizer sees every end ---- */

static void release_array(struct ArrowArray* a) {
  for (int64_t i = 0; i < a->n_buffers; i++) free((void*)a->buffers[i]);
  for (int64_t i = 0; i < a->n_children; i++) {
    if (a->children[i]->release) a->children[i]->release(a->children[i]);
    free(a->children[i]);
  }
  free(a->buffers);
  free(a->children);
  a->release = NULL;
  atomic_fetch_sub(&arrow_live, 1);
}

static struct ArrowArray* array(int64_t length, int64_t nulls, int buffers, int children) {
  struct ArrowArray* a = calloc(1, sizeof *a);
  a->length = length;
  a->null_count = nulls;
  a->n_buffers = buffers;
  a->buffers = calloc(buffers ? buffers : 1, sizeof *a->buffers);
  a->n_children = children;
  a->children = children ? calloc(children, sizeof *a->children) : NULL;
  a->release = release_array;
  atomic_fetch_add(&arrow_live, 1);
  return a;
}

static void* copy(const void* data, size_t size) {
  void* p = malloc(size ? size : 1);
  if (size) memcpy(p, data, size);
  return p;
}

struct ArrowArray* texts(int n, const char* const* values) {
  size_t total = 0;
  int nulls = 0;
  for (int i = 0; i < n; i++) {
    nulls += values[i] == NULL;
    total += values[i] ? strlen(values[i]) : 0;
  }
  uint8_t* valid = calloc(n / 8 + 1, 1);
  int32_t* offsets = calloc(n + 1, sizeof *offsets);
  char* bytes = malloc(total + 1);
  for (int i = 0; i < n; i++) {
    size_t size = values[i] ? strlen(values[i]) : 0;
    if (values[i]) valid[i / 8] |= 1 << i % 8;
    if (size) memcpy(bytes + offsets[i], values[i], size);
    offsets[i + 1] = offsets[i] + (int32_t)size;
  }
  struct ArrowArray* a = array(n, nulls, 3, 0);
  a->buffers[0] = valid;
  a->buffers[1] = offsets;
  a->buffers[2] = bytes;
  return a;
}

static struct ArrowArray* fixed(int n, const void* values, size_t size) {
  struct ArrowArray* a = array(n, 0, 2, 0);
  a->buffers[1] = copy(values, n * size);
  return a;
}

struct ArrowArray* bytes8(int n, const uint8_t* values) { return fixed(n, values, 1); }
struct ArrowArray* ints32(int n, const int32_t* values) { return fixed(n, values, 4); }

struct ArrowArray* binaries(int n, const char* const* data, const size_t* sizes) {
  int64_t* offsets = calloc(n + 1, sizeof *offsets);
  for (int i = 0; i < n; i++) offsets[i + 1] = offsets[i] + (int64_t)sizes[i];
  char* bytes = malloc(offsets[n] + 1);
  for (int i = 0; i < n; i++) memcpy(bytes + offsets[i], data[i], sizes[i]);
  struct ArrowArray* a = array(n, 0, 3, 0);
  a->buffers[1] = offsets;
  a->buffers[2] = bytes;
  return a;
}

struct ArrowArray* structure(int n, int children, struct ArrowArray** child) {
  struct ArrowArray* a = array(n, 0, 1, children);
  for (int i = 0; i < children; i++) a->children[i] = child[i];
  return a;
}

static void release_schema(struct ArrowSchema* s) {
  for (int64_t i = 0; i < s->n_children; i++) {
    if (s->children[i]->release) s->children[i]->release(s->children[i]);
    free(s->children[i]);
  }
  free(s->children);
  free((void*)s->format);
  free((void*)s->name);
  s->release = NULL;
  atomic_fetch_sub(&arrow_live, 1);
}

struct ArrowSchema* schema(const char* format, const char* name, int children, struct ArrowSchema** child) {
  struct ArrowSchema* s = calloc(1, sizeof *s);
  s->format = strdup(format);
  s->name = strdup(name);
  s->flags = ARROW_FLAG_NULLABLE;
  s->n_children = children;
  s->children = children ? calloc(children, sizeof *s->children) : NULL;
  for (int i = 0; i < children; i++) s->children[i] = child[i];
  s->release = release_schema;
  atomic_fetch_add(&arrow_live, 1);
  return s;
}

/* ---- streams ---- */

struct source {
  struct ArrowSchema* schema;
  struct ArrowArray* batch;
  int code;
  char* message;
};

static int get_schema(struct ArrowArrayStream* stream, struct ArrowSchema* out) {
  struct source* s = stream->private_data;
  *out = *s->schema; /* moved: a stream is read once here */
  s->schema->release = NULL;
  return 0;
}

static int get_next(struct ArrowArrayStream* stream, struct ArrowArray* out) {
  struct source* s = stream->private_data;
  memset(out, 0, sizeof *out);
  if (s->batch != NULL) {
    *out = *s->batch;
    free(s->batch);
    s->batch = NULL;
    return 0;
  }
  return s->code;
}

static const char* get_last_error(struct ArrowArrayStream* stream) {
  return ((struct source*)stream->private_data)->message;
}

static void release_stream(struct ArrowArrayStream* stream) {
  struct source* s = stream->private_data;
  if (s->schema->release) s->schema->release(s->schema);
  free(s->schema);
  if (s->batch) {
    s->batch->release(s->batch);
    free(s->batch);
  }
  free(s->message);
  free(s);
  stream->release = NULL;
  atomic_fetch_sub(&arrow_live, 1);
}

static struct source* open_stream(struct ArrowArrayStream* out, struct ArrowSchema* schema, struct ArrowArray* batch) {
  struct source* s = calloc(1, sizeof *s);
  s->schema = schema;
  s->batch = batch;
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = s;
  atomic_fetch_add(&arrow_live, 1);
  return s;
}

void stream_of(struct ArrowArrayStream* out, struct ArrowSchema* schema, struct ArrowArray* batch) {
  open_stream(out, schema, batch);
}

void failing_stream(struct ArrowArrayStream* out, int code, const char* message) {
  const char* id[] = {"a"};
  struct ArrowArray* column[] = {texts(1, id)};
  struct ArrowSchema* field[] = {schema("u", "id", 0, NULL)};
  struct source* s = open_stream(out, schema("+s", "", 1, field), structure(1, 1, column));
  s->code = code;
  s->message = message ? strdup(message) : NULL;
}

/* ---- rows ---- */

picture read_picture(const char* name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/images/%s", getenv("TESTDATA"), name);
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  picture p = {.size = (size_t)ftell(file)};
  rewind(file);
  p.data = malloc(p.size);
  if (fread(p.data, 1, p.size, file) != p.size) exit(2);
  fclose(file);
  return p;
}

struct ArrowArray* cells(int n, uint8_t kind, const char* const* data, const size_t* sizes) {
  uint8_t* kinds = malloc(n);
  memset(kinds, kind, n);
  int32_t* zeros = calloc(n, sizeof *zeros);
  const char** modes = calloc(n, sizeof *modes);
  struct ArrowArray* child[] = {bytes8(n, kinds), binaries(n, data, sizes), texts(n, modes), ints32(n, zeros), ints32(n, zeros)};
  free(kinds);
  free(zeros);
  free(modes);
  return structure(n, 5, child);
}

struct ArrowSchema* cell_schema(const char* name) {
  struct ArrowSchema* child[] = {schema("C", "kind", 0, NULL), schema("Z", "data", 0, NULL), schema("u", "mode", 0, NULL),
                                 schema("i", "width", 0, NULL), schema("i", "height", 0, NULL)};
  return schema("+s", name, 5, child);
}

void put_rows(struct ArrowArrayStream* out, int n, const char* const* ids, const picture* images,
              const char* const* descriptions) {
  struct ArrowArray* column[3];
  struct ArrowSchema* field[3];
  int columns = 0;
  column[columns] = texts(n, ids);
  field[columns++] = schema("u", "id", 0, NULL);
  if (images != NULL) {
    const char** data = calloc(n, sizeof *data);
    size_t* sizes = calloc(n, sizeof *sizes);
    for (int i = 0; i < n; i++) {
      data[i] = images[i].data;
      sizes[i] = images[i].size;
    }
    column[columns] = cells(n, 2, data, sizes);
    field[columns++] = cell_schema("image");
    free(data);
    free(sizes);
  }
  if (descriptions != NULL) {
    column[columns] = texts(n, descriptions);
    field[columns++] = schema("u", "description", 0, NULL);
  }
  stream_of(out, schema("+s", "", columns, field), structure(n, columns, column));
}

void put_text_image(struct ArrowArrayStream* out, const char* id, const char* image) {
  size_t size = strlen(image);
  struct ArrowArray* column[] = {texts(1, &id), cells(1, 0, &image, &size)};
  struct ArrowSchema* field[] = {schema("u", "id", 0, NULL), cell_schema("image")};
  stream_of(out, schema("+s", "", 2, field), structure(1, 2, column));
}

void image_param(struct ArrowArrayStream* out, const char* name, picture image) {
  struct ArrowArray* column[] = {cells(1, 2, (const char* const*)&image.data, &image.size)};
  struct ArrowSchema* field[] = {cell_schema(name)};
  stream_of(out, schema("+s", "", 1, field), structure(1, 1, column));
}
