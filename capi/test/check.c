#include "check.h"

atomic_int checks_failed;
_Thread_local innerspace_error failure;

static int holds(innerspace_buffer buffer, const char* text) {
  return buffer.size > 0 && memmem(buffer.data, buffer.size, text, strlen(text)) != NULL;
}

int expect(innerspace_status got, innerspace_status want, const char* text, const char* call, const char* file, int line) {
  int good = got == want;
  if (got != INNERSPACE_OK) good = good && failure.status == got && failure.message.size > 0;
  if (good && text != NULL && *text != 0) good = holds(failure.message, text) || holds(failure.path, text);
  if (!good) {
    atomic_fetch_add(&checks_failed, 1);
    fprintf(stderr, "%s:%d: %s is %d, not %d%s%s: %.*s %.*s\n", file, line, call, got, want,
            text && *text ? " about " : "", text ? text : "", (int)failure.path.size,
            failure.path.data ? failure.path.data : "", (int)failure.message.size,
            failure.message.data ? failure.message.data : "");
  }
  innerspace_error_free(&failure);
  return good;
}

innerspace_status outcome(innerspace_status got) {
  innerspace_error_free(&failure);
  return got;
}

int rounds(void) {
  const char* text = getenv("ROUNDS");
  return text != NULL ? atoi(text) : 100;
}
