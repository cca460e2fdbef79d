/* A cancelled call ends early, stores nothing, and the engine is as good as before. */
#include <pthread.h>
#include <time.h>

#include "engines.h"

enum { many = 1000 };

static void* cancel_once_under_way(void* task) {
  int64_t done = 0, total = 0;
  innerspace_error error = {0};
  const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};
  for (int i = 0; i < 5000 && done == 0; i++) {
    if (innerspace_task_progress(*(innerspace_handle*)task, &done, &total, &error) != INNERSPACE_OK) break;
    nanosleep(&pause, NULL);
  }
  CHECK(done > 0 && total == many, "progress is %lld of %lld", (long long)done, (long long)total);
  CHECK(innerspace_task_cancel(*(innerspace_handle*)task, &error) == INNERSPACE_OK, "%.*s", (int)error.message.size, error.message.data);
  innerspace_error_free(&error);
  return NULL;
}

/* Pictures that differ in their bytes, so that each is decoded and embedded. */
static void put_many(struct ArrowArrayStream* rows) {
  static char names[many][16];
  static const char* ids[many];
  picture one = read_picture("blue-square.png"), *pictures = calloc(many, sizeof *pictures);
  for (int i = 0; i < many; i++) {
    snprintf(names[i], sizeof names[i], "%d", i);
    ids[i] = names[i];
    pictures[i].size = one.size + sizeof i;
    pictures[i].data = malloc(pictures[i].size);
    memcpy(pictures[i].data, one.data, one.size);
    memcpy(pictures[i].data + one.size, &i, sizeof i);
  }
  put_rows(rows, many, ids, pictures, NULL);
  for (int i = 0; i < many; i++) free(pictures[i].data);
  free(pictures);
  free(one.data);
}

void test_cancel(void) {
  static const char options[] = "{\"schema\": \"Image\", \"total_rows\": 1000}";
  innerspace_handle engine = open_engine("\"embedding_cache_bytes\": 0"), query = open_query(engine), task = 0;
  OK(innerspace_task_new(&task, &failure));
  struct ArrowArrayStream rows = {0}, result = {0};
  put_many(&rows);
  innerspace_buffer report = {0};
  pthread_t thread;
  pthread_create(&thread, NULL, cancel_once_under_way, &task);
  FAILS(innerspace_engine_put(engine, options, strlen(options), &rows, task, &report, &failure), INNERSPACE_CANCELLED, "");
  pthread_join(thread, NULL);
  int64_t done = 0, total = 0;
  OK(innerspace_task_progress(task, &done, &total, &failure));
  CHECK(done < total, "cancelled at %lld of %lld", (long long)done, (long long)total);

  FAILS(innerspace_query_run(query, TEXT("{\"text_search\": \"x\"}"), NULL, task, &result, &failure), INNERSPACE_CANCELLED, "");
  struct ArrowArrayStream* const places[] = {&result};
  FAILS(innerspace_query_run_many(query, TEXT("[{\"text_search\": \"x\"}]"), NULL, task, places, 1, &failure), INNERSPACE_CANCELLED, "");
  const char* text[] = {"x"};
  struct ArrowArray* column[] = {texts(1, text)};
  struct ArrowSchema* field[] = {schema("u", "text", 0, NULL)};
  struct ArrowArrayStream inputs = {0};
  stream_of(&inputs, schema("+s", "", 1, field), structure(1, 1, column));
  FAILS(innerspace_engine_embed(engine, TEXT("{\"space\": \"space\"}"), &inputs, task, &result, &failure), INNERSPACE_CANCELLED, "");
  OK(innerspace_close(task, &failure));

  answer none = ask(query, "{\"text_search\": \"x\"}", NULL);
  CHECK(none.rows == 0, "%d rows of a cancelled put", none.rows);
  free_answer(&none);
  put_five(engine, 1);
  answer five = ask(query, "{\"text_search\": \"x\"}", NULL);
  CHECK(five.rows == 5, "%d rows", five.rows);
  free_answer(&five);
  OK(innerspace_close(query, &failure));
  OK(innerspace_close(engine, &failure));
  nothing_left();
}
