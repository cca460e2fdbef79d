#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "graph.h"

#define CHUNK_BYTES ((size_t)2 << 20)  // a huge page: walks jump about, and small pages cost a lookup each

static uint64_t next(uint64_t *state) {  // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void arena_init(graph_arena *a, size_t bytes, size_t chunk) {
  a->stride = (bytes + GRAPH_CODE_ALIGN - 1) / GRAPH_CODE_ALIGN * GRAPH_CODE_ALIGN;
  while (((size_t)2 << a->shift) * a->stride <= chunk) a->shift++;
}

static size_t chunk_bytes(const graph_arena *a) {
  size_t bytes = a->stride << a->shift;
  return (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
}

// One chunk holds about 4 MB, of which less than a record is waste.
static bool arena_reserve(graph_arena *a, size_t pieces) {
  size_t chunks = (pieces + ((size_t)1 << a->shift) - 1) >> a->shift;
  if (chunks <= a->chunk_count) return true;
  uint8_t **table = realloc(a->chunks, chunks * sizeof *table);
  if (!table) return false;
  a->chunks = table;
  for (; a->chunk_count < chunks; a->chunk_count++) {
    size_t bytes = chunk_bytes(a);
    uint8_t *chunk = aligned_alloc(CHUNK_BYTES, bytes);
    if (!chunk) return false;
#ifdef __linux__
    madvise(chunk, bytes, MADV_HUGEPAGE);
#endif
    a->chunks[a->chunk_count] = chunk;
  }
  return true;
}

static void arena_free(graph_arena *a) {
  for (size_t i = 0; i < a->chunk_count; i++) free(a->chunks[i]);
  free(a->chunks);
}

graph *innerspace_graph_new(size_t dimension, uint32_t neighbours, uint32_t build_width, uint64_t seed) {
  graph *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  g->dimension = dimension;
  g->code_bytes = (dimension + GRAPH_CODE_ALIGN - 1) / GRAPH_CODE_ALIGN * GRAPH_CODE_ALIGN;
  g->neighbours = neighbours;
  g->build_width = build_width;
  g->entry = UINT64_MAX;
  arena_init(&g->nodes, g->code_bytes + sizeof(graph_head) + 2 * (size_t)neighbours * sizeof(uint32_t), 2 * CHUNK_BYTES);
  arena_init(&g->lists, sizeof(graph_list) + (size_t)neighbours * sizeof(uint32_t), CHUNK_BYTES);
  g->signs = malloc(2 * g->code_bytes * sizeof *g->signs);
  if (!g->signs) {
    innerspace_graph_free(g);
    return NULL;
  }
  for (size_t i = 0; i < 2 * g->code_bytes; i++) g->signs[i] = next(&seed) >> 63 ? 1 : -1;
  return g;
}

void innerspace_graph_free(graph *g) {
  if (!g) return;
  arena_free(&g->nodes);
  arena_free(&g->lists);
  free(g->signs);
  free(g);
}

size_t innerspace_graph_bytes(const graph *g) {
  return g->nodes.chunk_count * chunk_bytes(&g->nodes) + g->lists.chunk_count * chunk_bytes(&g->lists);
}

bool innerspace_graph_reserve(graph *g, size_t nodes, size_t lists) {
  return arena_reserve(&g->nodes, nodes) && arena_reserve(&g->lists, lists);
}

graph_scratch *innerspace_graph_scratch_new(const graph *g) {
  graph_scratch *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->floats = aligned_alloc(GRAPH_CODE_ALIGN, g->code_bytes * sizeof *s->floats);
  s->query = aligned_alloc(GRAPH_CODE_ALIGN, g->code_bytes);
  s->other = aligned_alloc(GRAPH_CODE_ALIGN, g->code_bytes);
  s->batch = malloc(2 * (size_t)g->neighbours * sizeof *s->batch);
  if (!s->floats || !s->query || !s->other || !s->batch) {
    innerspace_graph_scratch_free(s);
    return NULL;
  }
  return s;
}

void innerspace_graph_scratch_free(graph_scratch *s) {
  if (!s) return;
  free(s->visited);
  free(s->frontier);
  free(s->found);
  free(s->chosen);
  free(s->floats);
  free(s->query);
  free(s->other);
  free(s->batch);
  free(s);
}
