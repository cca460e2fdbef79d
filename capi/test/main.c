/* capi_test NAME...: runs tests and counts them. Without names it runs all. */
#include "check.h"

static const struct {
  const char* name;
  void (*run)(void);
} tests[] = {
    {"roundtrip", test_roundtrip},
    {"embed", test_embed},
    {"vectors", test_vectors},
    {"recall", test_recall},
    {"run_many", test_run_many},
    {"put_reports", test_put_reports},
    {"thumbnail", test_thumbnail},
    {"statuses", test_statuses},
    {"handles", test_handles},
    {"arguments", test_arguments},
    {"streams", test_streams},
    {"results_outlive_engines", test_results_outlive_engines},
    {"cancel", test_cancel},
    {"fork", test_fork},
    {"leaks", test_leaks},
    {"threads", test_threads},
    {"store", test_store},
#ifdef WITH_PANIC /* needs a library built with -tags innerspace_panic */
    {"panic", test_panic},
#endif
};

int main(int count, char** names) {
  if (getenv("TESTDATA") == NULL || getenv("INNERSPACE_ORT_LIBRARY") == NULL) {
    fputs("set TESTDATA and INNERSPACE_ORT_LIBRARY, as run.sh does\n", stderr);
    return 2;
  }
  int passed = 0, failed = 0;
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    int wanted = count == 1;
    for (int n = 1; n < count; n++) wanted |= strcmp(names[n], tests[i].name) == 0;
    if (!wanted) continue;
    int before = atomic_load(&checks_failed);
    tests[i].run();
    if (atomic_load(&checks_failed) == before) {
      passed++;
    } else {
      failed++;
      printf("FAIL %s\n", tests[i].name);
    }
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0 || passed == 0;
}
