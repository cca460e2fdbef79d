/* Wrong handles, null pointers, garbage: errors, never crashes. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engines.h"

static const char empty_put[] = "{\"schema\": \"Image\"}";

void test_handles(void) {
  innerspace_handle engine = open_engine(""), query = open_query(engine), task = 0, none = 0;
  innerspace_buffer json = {0};
  struct ArrowArrayStream rows = {0}, result = {0};
  OK(innerspace_task_new(&task, &failure));
  int64_t bytes, handles, done, total;
  OK(innerspace_memory_in_use(&bytes, &handles, &failure));
  CHECK(handles == 3, "%lld handles", (long long)handles);

  const innerspace_handle foreign[] = {0, 1, 42, engine + 100, query + 100, ~(innerspace_handle)0, query, task};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    FAILS(innerspace_engine_describe(foreign[i], &json, &failure), INNERSPACE_INVALID_STATE, "handle");
    FAILS(innerspace_query_prepare(foreign[i], TEXT("{}"), &none, &failure), INNERSPACE_INVALID_STATE, "handle");
    put_rows(&rows, 1, five_ids, NULL, NULL);
    FAILS(innerspace_engine_put(foreign[i], empty_put, strlen(empty_put), &rows, 0, &json, &failure), INNERSPACE_INVALID_STATE, "handle");
    CHECK(rows.release == NULL, "the stream must be released");
    if (foreign[i] != query && foreign[i] != task)
      FAILS(innerspace_close(foreign[i], &failure), INNERSPACE_INVALID_STATE, "handle");
  }
  FAILS(innerspace_query_run(engine, TEXT("{}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_STATE, "engine, where query");
  FAILS(innerspace_query_run(query, TEXT("{}"), NULL, engine, &result, &failure), INNERSPACE_INVALID_STATE, "engine, where task");
  struct ArrowArrayStream* const places[] = {&result};
  FAILS(innerspace_query_run_many(engine, TEXT("[{}]"), NULL, 0, places, 1, &failure), INNERSPACE_INVALID_STATE, "engine, where query");
  FAILS(innerspace_query_run_many(query, TEXT("[{}]"), NULL, engine, places, 1, &failure), INNERSPACE_INVALID_STATE, "engine, where task");
  FAILS(innerspace_task_progress(query, &done, &total, &failure), INNERSPACE_INVALID_STATE, "query, where task");

  OK(innerspace_close(engine, &failure));
  FAILS(innerspace_close(engine, &failure), INNERSPACE_INVALID_STATE, "the engine is closed");
  FAILS(innerspace_engine_describe(engine, &json, &failure), INNERSPACE_INVALID_STATE, "the engine is closed");
  FAILS(innerspace_query_run(query, TEXT("{}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_STATE, "the engine of this query is closed");
  FAILS(innerspace_query_run_many(query, TEXT("[{}]"), NULL, 0, places, 1, &failure), INNERSPACE_INVALID_STATE, "the engine of this query is closed");
  OK(innerspace_close(query, &failure));
  FAILS(innerspace_query_run_many(query, TEXT("[{}]"), NULL, 0, places, 1, &failure), INNERSPACE_INVALID_STATE, "the query is closed");
  FAILS(innerspace_query_run(query, TEXT("{}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_STATE, "the query is closed");
  OK(innerspace_close(task, &failure));
  FAILS(innerspace_task_cancel(task, &failure), INNERSPACE_INVALID_STATE, "the task is closed");
  CHECK(innerspace_close(task, NULL) == INNERSPACE_INVALID_STATE, "an error may be NULL");
  nothing_left();
}

static void garbage_open(const char* text, size_t size, innerspace_status status, const char* about) {
  innerspace_handle engine = 0;
  FAILS(innerspace_engine_open(text, size, &engine, &failure), status, about);
  CHECK(engine == 0, "a handle from an open that failed");
}

void test_arguments(void) {
  innerspace_handle engine = open_engine(""), query = open_query(engine), handle = 0;
  innerspace_buffer json = {0};
  struct ArrowArrayStream rows = {0}, result = {0};
  int64_t n;

  garbage_open(NULL, 0, INNERSPACE_INVALID_INPUT, "");
  garbage_open(NULL, 5, INNERSPACE_INVALID_INPUT, "null pointer");
  garbage_open("{}", (size_t)-1, INNERSPACE_INVALID_INPUT, "negative");
  garbage_open("{}", (size_t)1 << 40, INNERSPACE_LIMIT_EXCEEDED, "bytes");
  garbage_open(TEXT("{"), INNERSPACE_INVALID_INPUT, "JSON");
  garbage_open(TEXT("\xff\xfe{}"), INNERSPACE_INVALID_INPUT, "UTF-8");
  garbage_open(TEXT("{\"version\": 2}"), INNERSPACE_INVALID_INPUT, "version");
  garbage_open(TEXT("{\"version\": 1, \"shemas\": []}"), INNERSPACE_INVALID_INPUT, "$.shemas");
  garbage_open(TEXT("{\"version\": 1, \"schemas\": []}\0trailing"), INNERSPACE_INVALID_INPUT, "");
  char* bad = definition("\"thraeds\": 1");
  garbage_open(bad, strlen(bad), INNERSPACE_INVALID_INPUT, "$.options.thraeds");
  free(bad);
  char* good = definition("");
  FAILS(innerspace_engine_open(good, strlen(good), NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  free(good);

  FAILS(innerspace_engine_describe(engine, NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  FAILS(innerspace_engine_delete(engine, TEXT("{}"), &json, &failure), INNERSPACE_INVALID_INPUT, "schema");
  FAILS(innerspace_engine_delete(engine, TEXT("{\"schema\": \"Image\", \"ids\": [1]}"), &json, &failure), INNERSPACE_INVALID_INPUT, "$.ids[0]");
  FAILS(innerspace_engine_delete(engine, TEXT("{\"schema\": \"Image\", \"ids\": []}"), NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  FAILS(innerspace_query_prepare(engine, TEXT("[]"), &handle, &failure), INNERSPACE_INVALID_INPUT, "");
  FAILS(innerspace_query_prepare(engine, TEXT("{}"), NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  FAILS(innerspace_query_run(query, TEXT("[1]"), NULL, 0, &result, &failure), INNERSPACE_INVALID_INPUT, "object");
  FAILS(innerspace_query_run(query, TEXT("{\"image_weight\": NaN}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_INPUT, "JSON");
  FAILS(innerspace_query_run(query, TEXT("{\"no such\": 1}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_INPUT, "no such");
  FAILS(innerspace_query_run(query, TEXT("{}"), NULL, 0, NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  OK(innerspace_query_run(query, NULL, 0, NULL, 0, &result, &failure));
  result.release(&result);

  struct ArrowArrayStream second = {0}, *const places[] = {&result, &second}, *const holes[] = {&result, NULL};
  FAILS(innerspace_query_run_many(query, TEXT("{}"), NULL, 0, places, 2, &failure), INNERSPACE_INVALID_INPUT, "array");
  FAILS(innerspace_query_run_many(query, TEXT("[{}, 1]"), NULL, 0, places, 2, &failure), INNERSPACE_INVALID_INPUT, "params[1]");
  FAILS(innerspace_query_run_many(query, TEXT("[{}, {\"no such\": 1}]"), NULL, 0, places, 2, &failure), INNERSPACE_INVALID_INPUT, "params[1]");
  FAILS(innerspace_query_run_many(query, TEXT("[{}]"), NULL, 0, places, 2, &failure), INNERSPACE_INVALID_INPUT, "1 runs and places for 2");
  FAILS(innerspace_query_run_many(query, TEXT("[{}, {}]"), NULL, 0, NULL, 2, &failure), INNERSPACE_INVALID_INPUT, "null");
  FAILS(innerspace_query_run_many(query, TEXT("[{}, {}]"), NULL, 0, holes, 2, &failure), INNERSPACE_INVALID_INPUT, "result 1 is null");
  FAILS(innerspace_query_run_many(query, TEXT("[{}]"), NULL, 0, places, (size_t)-1, &failure), INNERSPACE_LIMIT_EXCEEDED, "at most 4096");
  image_param(&rows, "image_search", (picture){"x", 1});
  FAILS(innerspace_query_run_many(query, TEXT("[{}, {}]"), &rows, 0, places, 2, &failure), INNERSPACE_INVALID_INPUT, "give 2 rows");
  CHECK(rows.release == NULL && result.release == NULL && second.release == NULL, "inputs are released, and no result is filled");
  OK(innerspace_query_run_many(query, TEXT("[]"), NULL, 0, NULL, 0, &failure));

  static const char* const options[] = {"", "null", "{}", "{\"schema\": 1}", "{\"schema\": \"Image\", \"on_error\": \"explode\"}",
                                        "{\"schema\": \"Image\", \"partial\": 3}", "{\"schema\": \"Image\", \"total_rows\": -1}",
                                        "{\"schema\": \"Image\", \"rejects\": [{}]}", "{\"schema\": \"Image\", \"rejects\": {}}",
                                        "{\"schema\": \"Image\", \"colour\": 1}"};
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    put_rows(&rows, 1, five_ids, NULL, NULL);
    FAILS(innerspace_engine_put(engine, options[i], strlen(options[i]), &rows, 0, &json, &failure), INNERSPACE_INVALID_INPUT, "");
    CHECK(rows.release == NULL, "the stream must be released");
  }
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), NULL, 0, &json, &failure), INNERSPACE_INVALID_INPUT, "null");
  put_rows(&rows, 1, five_ids, NULL, NULL);
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  CHECK(rows.release == NULL, "the stream must be released");
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &json, &failure), INNERSPACE_INVALID_INPUT, "released already");
  image_param(&rows, "image", (picture){"x", 1});
  FAILS(innerspace_engine_embed(engine, TEXT("{\"space\": \"nowhere\"}"), &rows, 0, &result, &failure), INNERSPACE_NOT_FOUND, "nowhere");
  put_rows(&rows, 1, five_ids, NULL, NULL);
  FAILS(innerspace_engine_embed(engine, TEXT("{\"space\": \"space\"}"), &rows, 0, &result, &failure), INNERSPACE_INVALID_INPUT, "image");

  FAILS(innerspace_task_new(NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  FAILS(innerspace_memory_in_use(NULL, &n, &failure), INNERSPACE_INVALID_INPUT, "null");
  FAILS(innerspace_memory_in_use(&n, NULL, &failure), INNERSPACE_INVALID_INPUT, "null");
  CHECK(innerspace_memory_in_use(NULL, NULL, NULL) == INNERSPACE_INVALID_INPUT, "an error may be NULL");
  innerspace_buffer_free(NULL);
  innerspace_error_free(NULL);
  CHECK(innerspace_abi_version() == INNERSPACE_ABI_VERSION, "ABI version");
  CHECK(strlen(innerspace_version()) > 0 && innerspace_version() == innerspace_version(), "version");
  OK(innerspace_close(query, &failure));
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

/* Puts one column under the name "image" or "id" and wants a refusal that does not touch what the producer owns. */
static void bad_column(innerspace_handle engine, struct ArrowSchema* field, struct ArrowArray* column, innerspace_status status, const char* about) {
  struct ArrowArray* columns[] = {column};
  struct ArrowSchema* fields[] = {field};
  struct ArrowArrayStream rows = {0};
  innerspace_buffer report = {0};
  stream_of(&rows, schema("+s", "", 1, fields), structure((int)column->length, 1, columns));
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &report, &failure), status, about);
  CHECK(rows.release == NULL, "the stream must be released");
}

static struct ArrowArray* id_column(void) { return texts(5, five_ids); }

void test_streams(void) {
  innerspace_handle engine = open_engine("");
  struct ArrowArrayStream rows = {0};
  innerspace_buffer report = {0};
  failing_stream(&rows, EIO, "the disk is on fire");
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &report, &failure), INNERSPACE_INVALID_INPUT, "the disk is on fire");
  failing_stream(&rows, EINVAL, NULL);
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &report, &failure), INNERSPACE_INVALID_INPUT, "invalid argument");

  struct ArrowArray* column;
  bad_column(engine, schema("??", "id", 0, NULL), id_column(), INNERSPACE_INVALID_INPUT, "??");
  bad_column(engine, schema("", "id", 0, NULL), id_column(), INNERSPACE_INVALID_INPUT, "format");
  bad_column(engine, schema("+ud:0", "id", 0, NULL), id_column(), INNERSPACE_UNSUPPORTED, "union");
  bad_column(engine, schema("i", "id", 0, NULL), id_column(), INNERSPACE_INVALID_INPUT, "buffers");
  column = id_column();
  ((int32_t*)column->buffers[1])[2] = 1 << 30; /* then shrinks: the mistake that makes a reader run away */
  bad_column(engine, schema("u", "id", 0, NULL), column, INNERSPACE_INVALID_INPUT, "offsets");
  column = id_column();
  ((int32_t*)column->buffers[1])[0] = -8;
  bad_column(engine, schema("u", "id", 0, NULL), column, INNERSPACE_INVALID_INPUT, "negative");
  column = id_column();
  free((void*)column->buffers[1]);
  column->buffers[1] = NULL;
  bad_column(engine, schema("u", "id", 0, NULL), column, INNERSPACE_INVALID_INPUT, "null");
  column = id_column();
  column->null_count = 99;
  bad_column(engine, schema("u", "id", 0, NULL), column, INNERSPACE_INVALID_INPUT, "nulls");
  column = id_column();
  column->offset = -1;
  bad_column(engine, schema("u", "id", 0, NULL), column, INNERSPACE_INVALID_INPUT, "offset");
  const char* not_utf8[] = {"\xff\xfe"};
  column = texts(1, not_utf8);
  bad_column(engine, schema("u", "id", 0, NULL), column, INNERSPACE_INVALID_INPUT, "");

  /* A record batch of another length than its column, and a stream that is no table. */
  struct ArrowArray* columns[] = {id_column()};
  struct ArrowSchema* fields[] = {schema("u", "id", 0, NULL)};
  stream_of(&rows, schema("+s", "", 1, fields), structure(6, 1, columns));
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &report, &failure), INNERSPACE_INVALID_INPUT, "parent needs 6");
  stream_of(&rows, schema("u", "", 0, NULL), id_column());
  FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &report, &failure), INNERSPACE_INVALID_INPUT, "record batches");
  CHECK(rows.release == NULL && report.data == NULL, "nothing is left behind");
  OK(innerspace_close(engine, &failure));
  nothing_left();
}

void test_results_outlive_engines(void) {
  innerspace_handle engine = open_engine(""), query = open_query(engine);
  put_five(engine, 1);
  struct ArrowArrayStream result = {0};
  OK(innerspace_query_run(query, TEXT("{\"text_search\": \"circle\"}"), NULL, 0, &result, &failure));
  int64_t bytes = 0, handles;
  OK(innerspace_memory_in_use(&bytes, &handles, &failure));
  CHECK(bytes > 0, "a result takes memory");
  OK(innerspace_close(query, &failure));
  OK(innerspace_close(engine, &failure));
  answer a = read_answer(&result);
  CHECK(a.rows == 5, "%d rows", a.rows);
  free_answer(&a);
  nothing_left();
}

/* In a child nothing hangs: everything answers INVALID_STATE. */
void test_fork(void) {
  innerspace_handle engine = open_engine("");
  pid_t child = fork();
  if (child == 0) {
    atomic_store(&checks_failed, 0);
    alarm(10);
    innerspace_handle handle = 0;
    innerspace_buffer json = {0};
    struct ArrowArrayStream rows = {0};
    FAILS(innerspace_engine_open(TEXT("{}"), &handle, &failure), INNERSPACE_INVALID_STATE, "forked");
    FAILS(innerspace_engine_describe(engine, &json, &failure), INNERSPACE_INVALID_STATE, "forked");
    put_rows(&rows, 1, five_ids, NULL, NULL);
    FAILS(innerspace_engine_put(engine, empty_put, strlen(empty_put), &rows, 0, &json, &failure), INNERSPACE_INVALID_STATE, "forked");
    CHECK(rows.release == NULL, "the stream must be released");
    FAILS(innerspace_close(engine, &failure), INNERSPACE_INVALID_STATE, "spawn");
    CHECK(innerspace_close(engine, NULL) == INNERSPACE_INVALID_STATE, "an error may be NULL");
    CHECK(innerspace_abi_version() == INNERSPACE_ABI_VERSION, "ABI version");
    _exit(atomic_load(&checks_failed) != 0);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x", status);
  OK(innerspace_close(engine, &failure)); /* and the parent is as good as before */
  nothing_left();
}
