/* A panic stays in its engine. For a library built with -tags innerspace_panic. */
#include "engines.h"

static const char params[] = "{\"text_search\": \"panic, please\"}";

void test_panic(void) {
  innerspace_handle broken = open_engine(""), whole = open_engine("");
  innerspace_handle query = open_query(broken), other = open_query(whole);
  put_five(broken, 1);
  put_five(whole, 1);
  struct ArrowArrayStream result = {0};
  FAILS(innerspace_query_run(query, params, strlen(params), NULL, 0, &result, &failure), INNERSPACE_INTERNAL, "asked to panic");
  CHECK(result.release == NULL, "no result");
  innerspace_buffer json = {0};
  FAILS(innerspace_query_run(query, TEXT("{}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_STATE, "asked to panic");
  FAILS(innerspace_engine_describe(broken, &json, &failure), INNERSPACE_INVALID_STATE, "close it");
  answer a = ask(other, "{\"text_search\": \"a circle\"}", NULL);
  CHECK(a.rows == 5, "the other engine has %d rows", a.rows);
  free_answer(&a);

  /* In a put, with a stream and a task in use. */
  innerspace_handle third = open_engine(""), task = 0;
  OK(innerspace_task_new(&task, &failure));
  const char* id[] = {"a"}, *text[] = {"panic, please"};
  struct ArrowArrayStream rows = {0};
  picture picture = read_picture("red-circle.png");
  put_rows(&rows, 1, id, &picture, text);
  FAILS(innerspace_engine_put(third, TEXT("{\"schema\": \"Image\"}"), &rows, task, &json, &failure), INNERSPACE_INTERNAL, "asked to panic");
  CHECK(rows.release == NULL, "the stream must be released");
  free(picture.data);
  OK(innerspace_close(task, &failure));

  OK(innerspace_close(third, &failure));
  OK(innerspace_close(query, &failure));
  OK(innerspace_close(broken, &failure));
  OK(innerspace_close(other, &failure));
  OK(innerspace_close(whole, &failure));
  nothing_left();
}
