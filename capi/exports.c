/* The public functions. Including innerspace.h makes the compiler hold them to its signatures. */
#include <pthread.h>

#include "abi.h"
#include "_cgo_export.h"

static volatile int forked;

static void mark_forked(void) { forked = 1; }

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, mark_forked); }

static innerspace_status refuse(innerspace_error* error) {
  static const char message[] =
      "innerspace cannot be used in a process that forked after loading it; start workers with spawn, "
      "or load the library after the fork";
  if (error != NULL) {
    memset(error, 0, sizeof *error);
    error->status = INNERSPACE_INVALID_STATE;
    error->message.data = malloc(sizeof message - 1);
    if (error->message.data != NULL) {
      error->message.size = sizeof message - 1;
      memcpy(error->message.data, message, error->message.size);
    }
  }
  return INNERSPACE_INVALID_STATE;
}

/* The stream belongs to the callee in every case, so a refused call releases it too. It is the producer's own
 * business whether its release works in a child; our results may not be put back in one. */
static void discard(struct ArrowArrayStream* stream) {
  if (stream != NULL && stream->release != NULL) stream->release(stream);
}

uint32_t innerspace_abi_version(void) { return INNERSPACE_ABI_VERSION; }

const char* innerspace_version(void) { return forked ? "" : goVersion(); }

innerspace_status innerspace_engine_open(const char* definition, size_t definition_size, innerspace_handle* engine,
                                         innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineOpen((char*)definition, definition_size, engine, error);
}

innerspace_status innerspace_engine_open_with_task(const char* definition, size_t definition_size, innerspace_handle task,
                                                   innerspace_handle* engine, innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineOpenWithTask((char*)definition, definition_size, task, engine, error);
}

innerspace_status innerspace_engine_put(innerspace_handle engine, const char* options, size_t options_size,
                                        struct ArrowArrayStream* rows, innerspace_handle task,
                                        innerspace_buffer* report, innerspace_error* error) {
  if (forked) {
    discard(rows);
    return refuse(error);
  }
  return goEnginePut(engine, (char*)options, options_size, rows, task, report, error);
}

innerspace_status innerspace_engine_delete(innerspace_handle engine, const char* request, size_t request_size,
                                           innerspace_buffer* report, innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineDelete(engine, (char*)request, request_size, report, error);
}

innerspace_status innerspace_engine_embed(innerspace_handle engine, const char* request, size_t request_size,
                                          struct ArrowArrayStream* inputs, innerspace_handle task,
                                          struct ArrowArrayStream* result, innerspace_error* error) {
  if (forked) {
    discard(inputs);
    return refuse(error);
  }
  return goEngineEmbed(engine, (char*)request, request_size, inputs, task, result, error);
}

innerspace_status innerspace_engine_vectors(innerspace_handle engine, const char* request, size_t request_size,
                                            struct ArrowArrayStream* result, innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineVectors(engine, (char*)request, request_size, result, error);
}

innerspace_status innerspace_engine_recall(innerspace_handle engine, const char* request, size_t request_size,
                                           innerspace_handle task, innerspace_buffer* report, innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineRecall(engine, (char*)request, request_size, task, report, error);
}

innerspace_status innerspace_engine_describe(innerspace_handle engine, innerspace_buffer* description,
                                             innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineDescribe(engine, description, error);
}

innerspace_status innerspace_query_prepare(innerspace_handle engine, const char* query, size_t query_size,
                                           innerspace_handle* prepared, innerspace_error* error) {
  if (forked) return refuse(error);
  return goQueryPrepare(engine, (char*)query, query_size, prepared, error);
}

innerspace_status innerspace_query_run(innerspace_handle prepared, const char* params, size_t params_size,
                                       struct ArrowArrayStream* inputs, innerspace_handle task,
                                       struct ArrowArrayStream* result, innerspace_error* error) {
  if (forked) {
    discard(inputs);
    return refuse(error);
  }
  return goQueryRun(prepared, (char*)params, params_size, inputs, task, result, error);
}

innerspace_status innerspace_query_run_many(innerspace_handle prepared, const char* params, size_t params_size,
                                            struct ArrowArrayStream* inputs, innerspace_handle task,
                                            struct ArrowArrayStream* const* results, size_t runs,
                                            innerspace_error* error) {
  if (forked) {
    discard(inputs);
    return refuse(error);
  }
  return goQueryRunMany(prepared, (char*)params, params_size, inputs, task, (struct ArrowArrayStream**)results, runs, error);
}

innerspace_status innerspace_engine_compact(innerspace_handle engine, innerspace_handle task, innerspace_buffer* report,
                                            innerspace_error* error) {
  if (forked) return refuse(error);
  return goEngineCompact(engine, task, report, error);
}

innerspace_status innerspace_store_maintain(const char* request, size_t request_size, innerspace_handle task,
                                            innerspace_buffer* report, innerspace_error* error) {
  if (forked) return refuse(error);
  return goStoreMaintain((char*)request, request_size, task, report, error);
}

innerspace_status innerspace_task_new(innerspace_handle* task, innerspace_error* error) {
  if (forked) return refuse(error);
  return goTaskNew(task, error);
}

innerspace_status innerspace_task_progress(innerspace_handle task, int64_t* done, int64_t* total,
                                           innerspace_error* error) {
  if (forked) return refuse(error);
  return goTaskProgress(task, done, total, error);
}

innerspace_status innerspace_task_cancel(innerspace_handle task, innerspace_error* error) {
  if (forked) return refuse(error);
  return goTaskCancel(task, error);
}

innerspace_status innerspace_image_thumbnail(const char* data, size_t size, int32_t max_side,
                                             innerspace_buffer* thumbnail, innerspace_error* error) {
  if (forked) return refuse(error);
  return goImageThumbnail((char*)data, size, max_side, thumbnail, error);
}

innerspace_status innerspace_close(innerspace_handle handle, innerspace_error* error) {
  if (forked) return refuse(error);
  return goClose(handle, error);
}

innerspace_status innerspace_memory_in_use(int64_t* bytes, int64_t* handles, innerspace_error* error) {
  if (forked) return refuse(error);
  return goMemoryInUse(bytes, handles, error);
}

void innerspace_buffer_free(innerspace_buffer* buffer) {
  if (buffer == NULL) return;
  free(buffer->data);
  memset(buffer, 0, sizeof *buffer);
}

void innerspace_error_free(innerspace_error* error) {
  if (error == NULL) return;
  innerspace_buffer_free(&error->message);
  innerspace_buffer_free(&error->path);
  innerspace_buffer_free(&error->detail);
  error->status = INNERSPACE_OK;
}
