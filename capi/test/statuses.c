/* Every status of the header, brought about through the ABI. INTERNAL is panic.c's. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engines.h"

static innerspace_status put_image(innerspace_handle engine, const char* image) {
  static const char options[] = "{\"schema\": \"Image\"}";
  struct ArrowArrayStream rows = {0};
  put_text_image(&rows, "a", image);
  innerspace_buffer report = {0};
  innerspace_status status = innerspace_engine_put(engine, options, strlen(options), &rows, 0, &report, &failure);
  CHECK(rows.release == NULL, "the stream must be released");
  innerspace_buffer_free(&report);
  return status;
}

/* A server on this machine that takes connections, and answers only where told to. */
static int listen_on(int* port) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  CHECK(bind(s, (struct sockaddr*)&address, size) == 0 && listen(s, 8) == 0 && getsockname(s, (struct sockaddr*)&address, &size) == 0, "no server");
  *port = ntohs(address.sin_port);
  return s;
}

static void* answer_500(void* server) {
  int connection = accept(*(int*)server, NULL, NULL);
  char request[1024];
  if (read(connection, request, sizeof request) > 0) {
    static const char text[] = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (write(connection, text, sizeof text - 1) < 0) perror("write");
  }
  close(connection);
  return NULL;
}

static void test_network(void) {
  innerspace_handle engine = open_engine("\"allow_private_addresses\": true, \"url_timeout_seconds\": 0.2");
  char url[64];
  int port, server = listen_on(&port);
  snprintf(url, sizeof url, "http://127.0.0.1:%d/a.png", port);
  FAILS(put_image(engine, url), INNERSPACE_TIMEOUT, "");
  close(server);
  server = listen_on(&port);
  snprintf(url, sizeof url, "http://127.0.0.1:%d/a.png", port);
  pthread_t thread;
  pthread_create(&thread, NULL, answer_500, &server);
  FAILS(put_image(engine, url), INNERSPACE_UNEXPECTED_RESPONSE, "500");
  pthread_join(thread, NULL);
  close(server);
  OK(innerspace_close(engine, &failure));
}

void test_statuses(void) {
  innerspace_handle engine = open_engine("\"max_pixels\": 10000"), task = 0;
  innerspace_buffer report = {0};
  const char *put = "{\"schema\": \"Image\"}", *other = "{\"schema\": \"Other\", \"ids\": []}";
  struct ArrowArrayStream rows = {0};

  FAILS(put_image(engine, "data:image/png;base64,AAAA"), INNERSPACE_INVALID_INPUT, "");
  FAILS(put_image(engine, "neither a file nor base64"), INNERSPACE_NOT_FOUND, "");
  FAILS(put_image(engine, "file:///no/such/file.png"), INNERSPACE_NOT_FOUND, "");
  FAILS(innerspace_engine_delete(engine, other, strlen(other), &report, &failure), INNERSPACE_NOT_FOUND, "Other");
  char path[4096];
  snprintf(path, sizeof path, "%s/images/blue-square.png", getenv("TESTDATA"));
  FAILS(put_image(engine, path), INNERSPACE_LIMIT_EXCEEDED, "pixels");
  FAILS(put_image(engine, "http://127.0.0.1:1/a.png"), INNERSPACE_FORBIDDEN, "");
  failing_stream(&rows, ENOSYS, "not today");
  FAILS(innerspace_engine_put(engine, put, strlen(put), &rows, 0, &report, &failure), INNERSPACE_UNSUPPORTED, "not today");
  failing_stream(&rows, ETIMEDOUT, "too slow");
  FAILS(innerspace_engine_put(engine, put, strlen(put), &rows, 0, &report, &failure), INNERSPACE_TIMEOUT, "too slow");
  test_network();
  FAILS(innerspace_close(engine + 1000000, &failure), INNERSPACE_INVALID_STATE, "not a handle");
  OK(innerspace_task_new(&task, &failure));
  OK(innerspace_task_cancel(task, &failure));
  const char* id[] = {"a"};
  put_rows(&rows, 1, id, NULL, NULL);
  FAILS(innerspace_engine_put(engine, put, strlen(put), &rows, task, &report, &failure), INNERSPACE_CANCELLED, "cancelled");
  CHECK(rows.release == NULL && report.data == NULL, "a cancelled put writes no report");
  OK(innerspace_close(task, &failure));
  OK(innerspace_close(engine, &failure));
  nothing_left();
}
