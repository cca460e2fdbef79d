/* Many rounds: memory and handles come back, and threads do not get in each other's way. */
#include <pthread.h>
#include <stdio.h>

#include "engines.h"

/* Resident memory in KiB. */
static long resident(void) {
  FILE* file = fopen("/proc/self/status", "r");
  char line[256];
  long kib = 0;
  while (file != NULL && fgets(line, sizeof line, file))
    if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
  if (file != NULL) fclose(file);
  return kib;
}

/* ROUNDS rounds of put, query and the mistakes that take the early ways out. The put is the same each time, so that what
 * grows is a leak. */
void test_leaks(void) {
  innerspace_handle engine = open_engine("");
  int n = rounds();
  long half = 0;
  picture five[5];
  read_five(five);
  for (int i = 0; i < n; i++) {
    put_five(engine, i % 2);
    innerspace_handle query = open_query(engine);
    answer a = ask(query, "{\"text_search\": \"a circle\"}", &five[i % 5]);
    CHECK(a.rows == 5, "%d rows in round %d", a.rows, i);
    free_answer(&a);
    struct ArrowArrayStream rows = {0}, result = {0};
    innerspace_buffer report = {0};
    failing_stream(&rows, 5, "no more");
    FAILS(innerspace_engine_put(engine, TEXT("{\"schema\": \"Image\"}"), &rows, 0, &report, &failure), INNERSPACE_INVALID_INPUT, "no more");
    FAILS(innerspace_query_run(query, TEXT("{\"nothing\": 1}"), NULL, 0, &result, &failure), INNERSPACE_INVALID_INPUT, "");
    OK(innerspace_close(query, &failure));
    int64_t bytes, handles;
    OK(innerspace_memory_in_use(&bytes, &handles, &failure));
    CHECK(bytes == 0 && handles == 1, "%lld bytes, %lld handles in round %d", (long long)bytes, (long long)handles, i);
    if (i == n / 2) half = resident();
  }
  free_five(five);
  OK(innerspace_close(engine, &failure));
  nothing_left();
  long grown = resident() - half;
  if (n >= 1000) { /* fewer rounds do not reach the plateau */
    printf("resident memory grew by %ld KiB from round %d to %d\n", grown, n / 2, n);
    CHECK(grown < 16 * 1024, "resident memory grew by %ld KiB", grown);
  }
}

static innerspace_handle shared;

/* Each thread uses the engine that all share, and opens, uses and closes one of its own. */
static void* work(void* argument) {
  int seed = *(int*)argument;
  picture five[5];
  read_five(five);
  for (int i = 0; i < rounds() / 20 + 1; i++) {
    innerspace_handle mine = open_engine("\"threads\": 1"), query = open_query(shared), own = open_query(mine), task = 0;
    OK(innerspace_task_new(&task, &failure));
    put_five(i % 2 ? mine : shared, (i + seed) % 2);
    answer a = ask(query, "{\"text_search\": \"a red circle\"}", &five[(i + seed) % 5]);
    CHECK(a.rows == 5, "%d rows", a.rows);
    free_answer(&a);
    a = ask(own, "{}", &five[seed % 5]);
    CHECK(a.rows == (i % 2 ? 5 : 0), "%d rows in an engine of one's own", a.rows);
    free_answer(&a);
    OK(innerspace_task_cancel(task, &failure));
    OK(innerspace_close(task, &failure));
    OK(innerspace_close(mine, &failure));
    FAILS(innerspace_query_run(own, TEXT("{}"), NULL, 0, &(struct ArrowArrayStream){0}, &failure), INNERSPACE_INVALID_STATE, "closed");
    OK(innerspace_close(own, &failure));
    OK(innerspace_close(query, &failure));
  }
  free_five(five);
  return NULL;
}

/* Runs queries on an engine that another thread closes: each call succeeds or says that the engine is closed. */
static void* query_until_closed(void* argument) {
  innerspace_handle query = *(innerspace_handle*)argument;
  for (;;) {
    struct ArrowArrayStream result = {0};
    innerspace_status status = outcome(innerspace_query_run(query, TEXT("{\"text_search\": \"x\"}"), NULL, 0, &result, &failure));
    if (status == INNERSPACE_OK) {
      answer a = read_answer(&result);
      CHECK(a.rows == 5, "%d rows", a.rows);
      free_answer(&a);
      continue;
    }
    CHECK(status == INNERSPACE_INVALID_STATE, "status %d", status);
    return NULL;
  }
}

void test_threads(void) {
  enum { count = 8 };
  pthread_t threads[count];
  int seeds[count];
  shared = open_engine("");
  put_five(shared, 1);
  for (int i = 0; i < count; i++) {
    seeds[i] = i;
    pthread_create(&threads[i], NULL, work, &seeds[i]);
  }
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
  innerspace_handle query = open_query(shared);
  for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, query_until_closed, &query);
  OK(innerspace_close(shared, &failure));
  for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
  OK(innerspace_close(query, &failure));
  nothing_left();
}
