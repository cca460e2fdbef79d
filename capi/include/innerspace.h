/* innerspace: image and text similarity search. The C ABI.
 *
 * Every function returns a status (0 is success) and, where it fails, fills the
 * innerspace_error that the caller owns; free its strings with
 * innerspace_error_free. Pass NULL for the error to do without. Out-parameters
 * must be zeroed by the caller and are written on success only. Strings are UTF-8 with an explicit length and need no
 * terminating zero. Handles are numbers, never pointers: a closed, foreign or
 * wrong handle is an error (INNERSPACE_INVALID_STATE), not a crash. Functions may be called from many threads.
 * After fork() the library cannot be used in the child: every function answers INNERSPACE_INVALID_STATE there.
 * A panic in the engine is INNERSPACE_INTERNAL, and that engine answers INNERSPACE_INVALID_STATE from then on.
 */
#ifndef INNERSPACE_H
#define INNERSPACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INNERSPACE_ABI_VERSION 1

typedef int32_t innerspace_status;
enum {
  INNERSPACE_OK = 0,
  INNERSPACE_INVALID_INPUT = 1,
  INNERSPACE_NOT_FOUND = 2,
  INNERSPACE_LIMIT_EXCEEDED = 3,
  INNERSPACE_FORBIDDEN = 4,
  INNERSPACE_UNSUPPORTED = 5,
  INNERSPACE_TIMEOUT = 6,
  INNERSPACE_UNEXPECTED_RESPONSE = 7,
  INNERSPACE_INVALID_STATE = 8,
  INNERSPACE_CANCELLED = 9,
  INNERSPACE_INTERNAL = 10
};

/* The Arrow C data and stream interfaces (https://arrow.apache.org/docs/format/CDataInterface.html). */
struct ArrowArrayStream;

/* Bytes that the library allocated; free with innerspace_buffer_free. */
typedef struct {
  char* data;
  size_t size;
} innerspace_buffer;

typedef struct {
  innerspace_status status;
  innerspace_buffer message; /* what was wrong and what to do */
  innerspace_buffer path;    /* where: "$.spaces[0].model", "rows[3].image"; may be empty */
  innerspace_buffer detail;  /* JSON; the report of a put that was refused or stopped on the way, else empty */
} innerspace_error;

typedef uint64_t innerspace_handle; /* 0 is never a handle */

uint32_t innerspace_abi_version(void);
/* Version of the library, zero-terminated, static. */
const char* innerspace_version(void);

/* Opens an engine from a JSON definition (docs/architecture.md). */
innerspace_status innerspace_engine_open(const char* definition, size_t definition_size,
                                         innerspace_handle* engine, innerspace_error* error);
/* The same, watched and stopped by a task: a store whose definition was added to embeds its rows when it is opened. */
innerspace_status innerspace_engine_open_with_task(const char* definition, size_t definition_size, innerspace_handle task,
                                                   innerspace_handle* engine, innerspace_error* error);
/* Puts rows. `options` is JSON (schema, on_error, partial, ...). The stream is consumed and released in every case.
 * `task` is 0 or a handle from innerspace_task_new. `report` receives JSON. */
innerspace_status innerspace_engine_put(innerspace_handle engine, const char* options, size_t options_size,
                                        struct ArrowArrayStream* rows, innerspace_handle task,
                                        innerspace_buffer* report, innerspace_error* error);
/* Deletes entities: {"schema": ..., "ids": [...]}. `report` receives {"deleted": n, "missing": [...]}. */
innerspace_status innerspace_engine_delete(innerspace_handle engine, const char* request, size_t request_size,
                                           innerspace_buffer* report, innerspace_error* error);
/* Embeds without storing: {"space": ...}; the stream has one column, "image" (image cells) or "text" (strings).
 * The result has the columns "vector" (list of float32, null where a row failed), "tokens" and "error". */
innerspace_status innerspace_engine_embed(innerspace_handle engine, const char* request, size_t request_size,
                                          struct ArrowArrayStream* inputs, innerspace_handle task,
                                          struct ArrowArrayStream* result, innerspace_error* error);
/* The stored vectors of an index: {"schema": ..., "index": ..., "ids": [...]}; without "ids" those of all rows in order of
 * id, and with "include_chunks": true the chunks of their texts. The result has the columns "id" and "vector" (list of float32). */
innerspace_status innerspace_engine_vectors(innerspace_handle engine, const char* request, size_t request_size,
                                            struct ArrowArrayStream* result, innerspace_error* error);
/* What an approximate index finds of what the exact search does, measured on its own rows: {"schema": ..., "index": ...,
 * "queries": 100, "limit": 10}. `report` receives JSON. */
innerspace_status innerspace_engine_recall(innerspace_handle engine, const char* request, size_t request_size,
                                           innerspace_handle task, innerspace_buffer* report, innerspace_error* error);
/* What the engine holds and runs, as JSON: rows per schema, models, versions, cache counters. */
innerspace_status innerspace_engine_describe(innerspace_handle engine, innerspace_buffer* description,
                                             innerspace_error* error);

/* Compiles a JSON query for an engine. */
innerspace_status innerspace_query_prepare(innerspace_handle engine, const char* query, size_t query_size,
                                           innerspace_handle* prepared, innerspace_error* error);
/* Runs it. `params` is a JSON object of scalar parameters; `inputs`, which may be NULL, is a one-row stream
 * with a column for each parameter that is an image. */
innerspace_status innerspace_query_run(innerspace_handle prepared, const char* params, size_t params_size,
                                       struct ArrowArrayStream* inputs, innerspace_handle task,
                                       struct ArrowArrayStream* result, innerspace_error* error);
/* Runs it `runs` times, all against one state of the rows, which is quicker than one by one. `params` is a JSON array of as many objects;
 * `inputs`, which may be NULL, has as many rows, where null is a parameter that is not given. `results` points to a place for
 * each result; all of them are filled, or none. */
innerspace_status innerspace_query_run_many(innerspace_handle prepared, const char* params, size_t params_size,
                                            struct ArrowArrayStream* inputs, innerspace_handle task,
                                            struct ArrowArrayStream* const* results, size_t runs,
                                            innerspace_error* error);

/* Gives the room of deleted and replaced rows in an engine's store back to the disk, beside puts and queries. `report` receives JSON. */
innerspace_status innerspace_engine_compact(innerspace_handle engine, innerspace_handle task, innerspace_buffer* report,
                                            innerspace_error* error);
/* Looks after a store without a model: {"path": ..., "action": "info"}. The other actions are verify, repair and compact; for
 * the last two no engine may have the store open for writing. `task` is 0 or a handle. `report` receives JSON. */
innerspace_status innerspace_store_maintain(const char* request, size_t request_size, innerspace_handle task,
                                            innerspace_buffer* report, innerspace_error* error);

/* A task watches and stops a long call from another thread. A cancelled task stays cancelled: make one for each call.
 * `total` is 0 where it is not known. */
innerspace_status innerspace_task_new(innerspace_handle* task, innerspace_error* error);
innerspace_status innerspace_task_progress(innerspace_handle task, int64_t* done, int64_t* total,
                                           innerspace_error* error);
innerspace_status innerspace_task_cancel(innerspace_handle task, innerspace_error* error);

/* A picture for a page: the image file in `data` as a WebP of at most `max_side` pixels a side, upright and on white. */
innerspace_status innerspace_image_thumbnail(const char* data, size_t size, int32_t max_side,
                                             innerspace_buffer* thumbnail, innerspace_error* error);

/* Closes an engine, a prepared query or a task. New calls are refused from now on, calls in flight finish first.
 * The queries of a closed engine answer INNERSPACE_INVALID_STATE until they are closed too. Results stay good. */
innerspace_status innerspace_close(innerspace_handle handle, innerspace_error* error);

void innerspace_buffer_free(innerspace_buffer* buffer);
void innerspace_error_free(innerspace_error* error);
/* Bytes that the library's Arrow allocator has given out and not got back, and open handles. */
innerspace_status innerspace_memory_in_use(int64_t* bytes, int64_t* handles, innerspace_error* error);

#ifdef __cplusplus
}
#endif
#endif
