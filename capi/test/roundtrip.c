/* The way of the notebook: open, put, query by picture and by text, read, describe, delete. */
#include <math.h>

#include "engines.h"

static void check_order(const char* what, answer a, const char* first, const char* second) {
  CHECK(a.rows == 5, "%s: %d rows", what, a.rows);
  if (a.rows != 5) return;
  CHECK(strcmp(a.ids[0], first) == 0, "%s: first is %s", what, a.ids[0]);
  CHECK(second == NULL || strcmp(a.ids[1], second) == 0, "%s: second is %s", what, a.ids[1]);
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < i; j++) CHECK(strcmp(a.ids[i], a.ids[j]) != 0, "%s: %s is there twice", what, a.ids[i]);
}

/* The identical picture scores 1 whatever the cache does: the engine has none. */
void test_roundtrip(void) {
  picture five[5];
  read_five(five);
  innerspace_handle engine = open_engine("\"embedding_cache_bytes\": 0"), query = open_query(engine);

  answer empty = ask(query, "{\"text_search\": \"a circle\"}", NULL);
  CHECK(empty.rows == 0, "%d rows before any put", empty.rows);
  free_answer(&empty);

  put_five(engine, 0);
  for (int i = 0; i < 5; i++) {
    answer same = ask(query, "{}", &five[i]);
    check_order("a picture of the index", same, five_ids[i], NULL);
    CHECK(same.rows == 5 && fabs(same.scores[0] - 1) < 1e-5, "the identical picture scores %.8f", same.scores[0]);
    CHECK(same.rows == 5 && same.scores[1] < 0.99999, "another picture scores %.8f", same.scores[1]);
    CHECK(same.batches == 1, "%d batches", same.batches);
    free_answer(&same);
  }

  put_five(engine, 1);
  answer text = ask(query, "{\"text_search\": \"This is a red circle.\"}", NULL);
  check_order("a text of the index", text, text.ids[0], NULL);
  /* Image and text are one vector now, so weights must change what is found, and only they. */
  answer light = ask(query, "{\"text_search\": \"This is a red circle.\", \"image_weight\": 0.1, \"text_weight\": 1.0}", &five[0]);
  answer heavy = ask(query, "{\"text_search\": \"This is a red circle.\", \"image_weight\": 1.0, \"text_weight\": 0.1}", &five[0]);
  answer again = ask(query, "{\"text_search\": \"This is a red circle.\", \"image_weight\": 1.0, \"text_weight\": 0.1}", &five[0]);
  check_order("mostly the picture", heavy, "blue-square", NULL);
  CHECK(fabs(light.scores[0] - heavy.scores[0]) > 1e-6, "weights change nothing");
  for (int i = 0; i < 5; i++)
    CHECK(heavy.scores[i] == again.scores[i] && strcmp(heavy.ids[i], again.ids[i]) == 0, "row %d differs the second time", i);
  free_answer(&text);
  free_answer(&light);
  free_answer(&heavy);
  free_answer(&again);

  innerspace_buffer json = {0};
  OK(innerspace_engine_describe(engine, &json, &failure));
  CHECK(memmem(json.data, json.size, TEXT("tiny-clip")) != NULL, "%.*s", (int)json.size, json.data);
  innerspace_buffer_free(&json);
  CHECK(json.data == NULL && json.size == 0, "a freed buffer is empty");
  static const char request[] = "{\"schema\": \"Image\", \"ids\": [\"blue-square\", \"no such\"]}";
  OK(innerspace_engine_delete(engine, request, strlen(request), &json, &failure));
  CHECK(json.size == strlen("{\"deleted\":1,\"missing\":[\"no such\"]}") &&
            memcmp(json.data, "{\"deleted\":1,\"missing\":[\"no such\"]}", json.size) == 0,
        "%.*s", (int)json.size, json.data);
  innerspace_buffer_free(&json);
  answer four = ask(query, "{}", &five[0]);
  CHECK(four.rows == 4, "%d rows after a delete", four.rows);
  free_answer(&four);

  OK(innerspace_close(query, &failure));
  OK(innerspace_close(engine, &failure));
  free_five(five);
  nothing_left();
}

/* Vectors, a failed row and a null among them. */
void test_embed(void) {
  static const char request[] = "{\"space\": \"space\"}";
  innerspace_handle engine = open_engine("");
  const char* values[] = {"a red circle", NULL, "a red circle"};
  struct ArrowArray* column[] = {texts(3, values)};
  struct ArrowSchema* field[] = {schema("u", "text", 0, NULL)};
  struct ArrowArrayStream inputs = {0}, result = {0};
  stream_of(&inputs, schema("+s", "", 1, field), structure(3, 1, column));
  if (OK(innerspace_engine_embed(engine, request, strlen(request), &inputs, 0, &result, &failure))) {
    struct ArrowArray batch = {0};
    CHECK(result.get_next(&result, &batch) == 0 && batch.length == 3, "%lld rows", (long long)batch.length);
    struct ArrowArray* vectors = batch.children[0];
    const int32_t* offsets = vectors->buffers[1];
    const float* floats = vectors->children[0]->buffers[1];
    int size = offsets[1] - offsets[0];
    CHECK(size > 0 && offsets[2] == offsets[1] && offsets[3] - offsets[2] == size, "offsets %d %d %d", offsets[1], offsets[2], offsets[3]);
    CHECK(vectors->null_count == 1 && batch.children[2]->null_count == 2, "one row failed");
    CHECK(memcmp(floats, floats + offsets[2], size * sizeof *floats) == 0, "the same text twice");
    batch.release(&batch);
    result.release(&result);
  }
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

/* The stored vectors, of all rows and of some. */
void test_vectors(void) {
  static const char all[] = "{\"schema\": \"Image\", \"index\": \"index\"}",
                    one[] = "{\"schema\": \"Image\", \"index\": \"index\", \"ids\": [\"red-circle\"]}",
                    none[] = "{\"schema\": \"Image\", \"index\": \"index\", \"ids\": [\"no such\"]}";
  innerspace_handle engine = open_engine("");
  put_five(engine, 0);
  static const char* const requests[] = {all, one};
  static const int rows[] = {5, 1};
  for (int i = 0; i < 2; i++) {
    struct ArrowArrayStream result = {0};
    if (!OK(innerspace_engine_vectors(engine, requests[i], strlen(requests[i]), &result, &failure))) continue;
    struct ArrowArray batch = {0};
    CHECK(result.get_next(&result, &batch) == 0 && batch.length == rows[i], "%lld rows", (long long)batch.length);
    const int32_t* offsets = batch.children[1]->buffers[1];
    const float* floats = batch.children[1]->children[0]->buffers[1];
    double length = 0;
    for (int j = offsets[0]; j < offsets[1]; j++) length += floats[j] * floats[j];
    CHECK(fabs(length - 1) < 1e-5, "the first vector has the length %f", length);
    batch.release(&batch);
    result.release(&result);
  }
  struct ArrowArrayStream result = {0};
  FAILS(innerspace_engine_vectors(engine, none, strlen(none), &result, &failure), INNERSPACE_NOT_FOUND, "");
  CHECK(result.release == NULL, "a stream where there is none");
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

/* Two runs in one call answer as one by one, each by its own picture and words. */
void test_run_many(void) {
  innerspace_handle engine = open_engine(""), query = open_query(engine);
  put_five(engine, 1);
  picture five[5];
  read_five(five);
  const char* data[] = {five[0].data, five[3].data};
  const size_t sizes[] = {five[0].size, five[3].size};
  struct ArrowArray* column[] = {binaries(2, data, sizes)};
  struct ArrowSchema* field[] = {schema("Z", "image_search", 0, NULL)};
  struct ArrowArrayStream inputs = {0}, results[2] = {{0}}, *const places[] = {&results[0], &results[1]};
  stream_of(&inputs, schema("+s", "", 1, field), structure(2, 1, column));
  OK(innerspace_query_run_many(query, TEXT("[{}, {\"text_search\": \"circle\"}]"), &inputs, 0, places, 2, &failure));
  CHECK(inputs.release == NULL, "the inputs must be released");
  answer alone[] = {ask(query, "{}", &five[0]), ask(query, "{\"text_search\": \"circle\"}", &five[3])};
  for (int run = 0; run < 2; run++) {
    answer a = read_answer(&results[run]);
    CHECK(a.rows == 5 && alone[run].rows == 5, "%d rows and %d", a.rows, alone[run].rows);
    for (int i = 0; i < a.rows; i++)
      CHECK(strcmp(a.ids[i], alone[run].ids[i]) == 0 && a.scores[i] == alone[run].scores[i], "run %d, row %d: %s, not %s", run, i, a.ids[i], alone[run].ids[i]);
    free_answer(&a);
    free_answer(&alone[run]);
  }
  free_five(five);
  OK(innerspace_close(query, &failure));
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

/* An index that is searched exactly has no recall to measure; core/engine tests those that have. */
void test_recall(void) {
  static const char request[] = "{\"schema\": \"Image\", \"index\": \"index\", \"queries\": 5}",
                    unknown[] = "{\"schema\": \"Image\", \"index\": \"index\", \"querys\": 5}";
  innerspace_handle engine = open_engine("");
  innerspace_buffer report = {0};
  FAILS(innerspace_engine_recall(engine, request, strlen(request), 0, &report, &failure), INNERSPACE_INVALID_INPUT, "is not approximate");
  FAILS(innerspace_engine_recall(engine, unknown, strlen(unknown), 0, &report, &failure), INNERSPACE_INVALID_INPUT, "unknown key");
  FAILS(innerspace_engine_recall(engine, request, strlen(request), 0, NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  CHECK(report.data == NULL, "a report where there is none");
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

static const char* put_with(innerspace_handle engine, const char* options, picture bad, innerspace_status want, innerspace_error* error) {
  static char copy[4096];
  picture good = read_picture("red-circle.png"), both[] = {good, bad};
  const char* ids[] = {"good", "bad"};
  struct ArrowArrayStream rows = {0};
  put_rows(&rows, 2, ids, both, NULL);
  innerspace_buffer report = {0};
  innerspace_status got = innerspace_engine_put(engine, options, strlen(options), &rows, 0, &report, error);
  CHECK(got == want, "%s: %d %.*s", options, got, (int)error->message.size, error->message.data);
  innerspace_buffer* said = got == INNERSPACE_OK ? &report : &error->detail;
  snprintf(copy, sizeof copy, "%.*s", (int)said->size, said->data ? said->data : "");
  innerspace_buffer_free(&report);
  innerspace_error_free(error);
  free(good.data);
  return copy;
}

/* A refused put says why in the error's detail, row by row. */
void test_put_reports(void) {
  innerspace_handle engine = open_engine("");
  innerspace_error error = {0};
  picture bad = {.data = "not a picture", .size = 13};
  const char* report = put_with(engine, "{\"schema\": \"Image\"}", bad, INNERSPACE_INVALID_INPUT, &error);
  CHECK(strstr(report, "\"stored\":0") && strstr(report, "\"row\":1") && strstr(report, "\"id\":\"bad\"") && strstr(report, "\"field\":\"image\""), "%s", report);
  report = put_with(engine, "{\"schema\": \"Image\", \"on_error\": \"skip\"}", bad, INNERSPACE_OK, &error);
  CHECK(strstr(report, "\"stored\":1") && strstr(report, "\"row\":1"), "%s", report);
  report = put_with(engine,
                    "{\"schema\": \"Image\", \"on_error\": \"null\", \"rejects\": [{\"row\": 0, \"id\": \"good\", \"field\": "
                    "\"description\", \"status\": 1, \"reason\": \"a list is no text\"}]}",
                    bad, INNERSPACE_OK, &error);
  CHECK(strstr(report, "\"stored\":2") && strstr(report, "a list is no text"), "%s", report);
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

void test_thumbnail(void) {
  picture square = read_picture("blue-square.png");
  innerspace_buffer thumbnail = {0};
  OK(innerspace_image_thumbnail(square.data, square.size, 64, &thumbnail, &failure));
  CHECK(thumbnail.size > 12 && memcmp(thumbnail.data, "RIFF", 4) == 0 && memcmp(thumbnail.data + 8, "WEBP", 4) == 0, "not a WebP");
  innerspace_buffer_free(&thumbnail);
  FAILS(innerspace_image_thumbnail(square.data, square.size, 0, &thumbnail, &failure), INNERSPACE_INVALID_INPUT, "");
  FAILS(innerspace_image_thumbnail(square.data, square.size, -5, &thumbnail, &failure), INNERSPACE_INVALID_INPUT, "");
  FAILS(innerspace_image_thumbnail(TEXT("garbage"), 64, &thumbnail, &failure), INNERSPACE_INVALID_INPUT, "");
  FAILS(innerspace_image_thumbnail(NULL, 0, 64, &thumbnail, &failure), INNERSPACE_INVALID_INPUT, "");
  FAILS(innerspace_image_thumbnail(square.data, square.size, 64, NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  free(square.data);
}
