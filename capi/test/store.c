/* An engine whose rows are kept in a store on disk. */
#include <unistd.h>

#include "engines.h"

void test_store(void) {
  char folder[] = "/tmp/innerspace-store-XXXXXX", options[128], command[64];
  CHECK(mkdtemp(folder) != NULL, "no folder");
  snprintf(options, sizeof options, "\"store\": {\"path\": \"%s\", \"durability\": \"fast\"}", folder);
  innerspace_handle engine = open_engine(options), second = 0, task = 0;
  put_five(engine, 1);
  char* text = definition(options);
  FAILS(innerspace_engine_open(text, strlen(text), &second, &failure), INNERSPACE_INVALID_STATE, "is open for writing in this process");
  OK(innerspace_close(engine, &failure));

  OK(innerspace_task_new(&task, &failure));
  OK(innerspace_engine_open_with_task(text, strlen(text), task, &engine, &failure));
  innerspace_handle query = open_query(engine);
  answer five = ask(query, "{\"text_search\": \"x\"}", NULL);
  CHECK(five.rows == 5, "%d rows", five.rows);
  free_answer(&five);

  char request[128];
  innerspace_buffer report = {0};
  snprintf(request, sizeof request, "{\"action\": \"info\", \"path\": \"%s\"}", folder);
  OK(innerspace_store_maintain(request, strlen(request), 0, &report, &failure));
  CHECK(report.size > 0 && memmem(report.data, report.size, "\"rows\":5", 8) != NULL, "%.*s", (int)report.size, report.data);
  innerspace_buffer_free(&report);
  OK(innerspace_engine_compact(engine, 0, &report, &failure));
  CHECK(report.size > 0 && memmem(report.data, report.size, "\"removed\":0", 11) != NULL, "%.*s", (int)report.size, report.data);
  innerspace_buffer_free(&report);
  FAILS(innerspace_store_maintain(TEXT("{\"action\": \"shrink\", \"path\": \"x\"}"), 0, &report, &failure), INNERSPACE_INVALID_INPUT, "$.action");
  FAILS(innerspace_store_maintain(TEXT("{\"action\": \"info\", \"path\": \"/nowhere\"}"), 0, &report, &failure), INNERSPACE_NOT_FOUND, "");
  OK(innerspace_close(query, &failure));
  OK(innerspace_close(engine, &failure));

  OK(innerspace_task_cancel(task, &failure));
  FAILS(innerspace_engine_open_with_task(text, strlen(text), task, &engine, &failure), INNERSPACE_CANCELLED, "");
  OK(innerspace_close(task, &failure));
  free(text);
  snprintf(command, sizeof command, "rm -r %s", folder);
  CHECK(system(command) == 0, "%s", command);
  nothing_left();
}
