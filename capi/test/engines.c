#include "engines.h"

const char* const five_ids[5] = {"blue-square", "blue-circle", "red-circle", "red-rectangle", "red-circle-with-black-frame"};
const char* const five_descriptions[5] = {"This is a blue square.", "This is a blue circle.", "This is a red circle.",
                                          "This is a blue rectangle.", "This is a red circle with black frame."};

char* definition(const char* options) {
  static const char format[] =
      "{\"version\": 1,"
      " \"schemas\": [{\"type\": \"schema\", \"name\": \"Image\", \"fields\": ["
      "   {\"name\": \"id\", \"type\": \"id\"}, {\"name\": \"image\", \"type\": \"blob\"},"
      "   {\"name\": \"description\", \"type\": \"string\"}]}],"
      " \"spaces\": [{\"type\": \"image_space\", \"name\": \"space\","
      "   \"fields\": [{\"schema\": \"Image\", \"image\": \"image\", \"description\": \"description\"}],"
      "   \"model\": {\"name\": \"tiny-clip\", \"path\": \"%s/models/tiny-clip\"}}],"
      " \"indices\": [{\"type\": \"index\", \"name\": \"index\", \"spaces\": [\"space\"], \"fields\": []}],"
      " \"options\": {%s%s\"onnxruntime_library\": \"%s\"}}";
  const char *testdata = getenv("TESTDATA"), *runtime = getenv("INNERSPACE_ORT_LIBRARY");
  size_t size = sizeof format + strlen(testdata) + strlen(runtime) + strlen(options) + 8;
  char* text = malloc(size);
  snprintf(text, size, format, testdata, options, *options ? ", " : "", runtime);
  return text;
}

innerspace_handle open_engine(const char* options) {
  char* text = definition(options);
  innerspace_handle engine = 0;
  OK(innerspace_engine_open(text, strlen(text), &engine, &failure));
  free(text);
  return engine;
}

innerspace_handle open_query(innerspace_handle engine) {
  static const char text[] =
      "{\"version\": 1, \"type\": \"query\", \"index\": \"index\", \"schema\": \"Image\", \"clauses\": ["
      " {\"type\": \"similar\", \"space\": \"space\", \"field\": \"image\","
      "  \"value\": {\"param\": \"image_search\"}, \"weight\": {\"param\": \"image_weight\", \"default\": 1.0}},"
      " {\"type\": \"similar\", \"space\": \"space\", \"field\": \"description\","
      "  \"value\": {\"param\": \"text_search\"}, \"weight\": {\"param\": \"text_weight\", \"default\": 1.0}}],"
      " \"select\": {\"type\": \"all\"}}";
  innerspace_handle query = 0;
  OK(innerspace_query_prepare(engine, text, strlen(text), &query, &failure));
  return query;
}

void read_five(picture* five) {
  for (int i = 0; i < 5; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s.png", five_ids[i]);
    five[i] = read_picture(name);
  }
}

void free_five(picture* five) {
  for (int i = 0; i < 5; i++) free(five[i].data);
}

void put_five(innerspace_handle engine, int described) {
  static const char options[] = "{\"schema\": \"Image\"}";
  picture five[5];
  read_five(five);
  struct ArrowArrayStream rows = {0};
  put_rows(&rows, 5, five_ids, five, described ? five_descriptions : NULL);
  innerspace_buffer report = {0};
  OK(innerspace_engine_put(engine, options, strlen(options), &rows, 0, &report, &failure));
  CHECK(rows.release == NULL, "the stream must be released");
  CHECK(report.size > 0 && memmem(report.data, report.size, TEXT("\"stored\":5")), "%.*s", (int)report.size, report.data);
  innerspace_buffer_free(&report);
  free_five(five);
}

static int position(struct ArrowSchema* schema, const char* name) {
  for (int64_t i = 0; i < schema->n_children; i++)
    if (strcmp(schema->children[i]->name, name) == 0) return (int)i;
  return -1;
}

answer read_answer(struct ArrowArrayStream* stream) {
  answer a = {0};
  struct ArrowSchema schema = {0};
  CHECK(stream->get_schema(stream, &schema) == 0, "no schema");
  int id = position(&schema, "id"), score = position(&schema, "similarity_score"), rank = position(&schema, "rank");
  CHECK(id >= 0 && score >= 0 && rank >= 0, "columns %d %d %d", id, score, rank);
  for (;;) {
    struct ArrowArray batch = {0};
    CHECK(stream->get_next(stream, &batch) == 0, "no batch");
    if (batch.release == NULL) break;
    a.batches++;
    const int32_t* offsets = batch.children[id]->buffers[1];
    const char* text = batch.children[id]->buffers[2];
    const double* scores = batch.children[score]->buffers[1];
    const int64_t* ranks = batch.children[rank]->buffers[1];
    for (int64_t i = 0; i < batch.length && a.rows < 16; i++, a.rows++) {
      CHECK(ranks[i] == a.rows, "rank %lld of row %d", (long long)ranks[i], a.rows);
      a.ids[a.rows] = strndup(text + offsets[i], offsets[i + 1] - offsets[i]);
      a.scores[a.rows] = scores[i];
      CHECK(a.rows == 0 || a.scores[a.rows - 1] >= a.scores[a.rows], "scores must fall");
    }
    batch.release(&batch);
  }
  schema.release(&schema);
  stream->release(stream);
  return a;
}

void free_answer(answer* a) {
  for (int i = 0; i < a->rows; i++) free(a->ids[i]);
  memset(a, 0, sizeof *a);
}

answer ask(innerspace_handle query, const char* params, const picture* image) {
  struct ArrowArrayStream inputs = {0}, result = {0};
  if (image != NULL) image_param(&inputs, "image_search", *image);
  answer a = {0};
  if (OK(innerspace_query_run(query, params, strlen(params), image ? &inputs : NULL, 0, &result, &failure)))
    a = read_answer(&result);
  CHECK(inputs.release == NULL, "the inputs must be released");
  return a;
}

void nothing_left(void) {
  int64_t bytes = -1, handles = -1;
  OK(innerspace_memory_in_use(&bytes, &handles, &failure));
  CHECK(bytes == 0 && handles == 0, "%lld bytes and %lld handles are left", (long long)bytes, (long long)handles);
  CHECK(atomic_load(&arrow_live) == 0, "%d Arrow structs are not released", atomic_load(&arrow_live));
}
