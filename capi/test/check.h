/* Checks that count, and what the tests share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../include/innerspace.h"
#include "../internal/arrowstream/arrow_c_abi.h"

extern atomic_int checks_failed;

/* A failed check is counted and said; the test goes on. */
#define CHECK(condition, ...)                                            \
  do {                                                                   \
    if (!(condition)) {                                                  \
      atomic_fetch_add(&checks_failed, 1);                               \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);    \
      fprintf(stderr, "" __VA_ARGS__);                                   \
      fputc('\n', stderr);                                               \
    }                                                                    \
  } while (0)

/* A call that must succeed; says the library's error where it does not. */
#define OK(call) expect((call), INNERSPACE_OK, NULL, #call, __FILE__, __LINE__)
/* A call that must fail with a status, and with a text in its path or message ("" for any). */
#define FAILS(call, status, text) expect((call), (status), (text), #call, __FILE__, __LINE__)

/* A literal as the two arguments that a text is. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* The error of the call under OK or FAILS, one a thread: pass &failure. */
extern _Thread_local innerspace_error failure;
int expect(innerspace_status got, innerspace_status want, const char* text, const char* call, const char* file, int line);

/* The status of a call whose outcome is left to chance; frees its error. */
innerspace_status outcome(innerspace_status got);

/* The tests. Each returns nothing and leaves no handle, no stream and no memory. */
void test_roundtrip(void);
void test_embed(void);
void test_vectors(void);
void test_recall(void);
void test_run_many(void);
void test_put_reports(void);
void test_thumbnail(void);
void test_statuses(void);
void test_handles(void);
void test_arguments(void);
void test_streams(void);
void test_results_outlive_engines(void);
void test_cancel(void);
void test_fork(void);
void test_panic(void);
void test_leaks(void);
void test_threads(void);
void test_store(void);

/* How often test_leaks and test_threads go round; the environment variable ROUNDS. */
int rounds(void);

#endif
