#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "graph.h"

#define PAGE_BYTES ((size_t)2 << 20)    // a huge page: walks jump about, and small pages cost a lookup each
#define CHUNK_BYTES ((size_t)16 << 20)  // at most; what is not used of it is address space only

static uint64_t next(uint64_t *state) {  // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void arena_init(graph_arena *a, size_t bytes) {
  a->stride = (bytes + GRAPH_CODE_ALIGN - 1) / GRAPH_CODE_ALIGN * GRAPH_CODE_ALIGN;
  while (((size_t)2 << a->shift) * a->stride <= CHUNK_BYTES) a->shift++;
}

static size_t chunk_bytes(const graph_arena *a) {
  size_t bytes = a->stride << a->shift;
  return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static bool arena_reserve(graph_arena *a, size_t pieces) {
  size_t chunks = (pieces + ((size_t)1 << a->shift) - 1) >> a->shift;
  if (chunks <= a->chunk_count) return true;
  uint8_t **table = realloc(a->chunks, chunks * sizeof *table);
  if (!table) return false;
  a->chunks = table;
  for (; a->chunk_count < chunks; a->chunk_count++) {
    size_t bytes = chunk_bytes(a);
    uint8_t *chunk = aligned_alloc(PAGE_BYTES, bytes);
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
  arena_init(&g->nodes, innerspace_graph_node_bytes(g));
  arena_init(&g->lists, innerspace_graph_list_bytes(g));
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
  return g->nodes.count * g->nodes.stride + g->lists.count * g->lists.stride;
}

size_t innerspace_graph_node_bytes(const graph *g) {
  return g->code_bytes + sizeof(graph_head) + 2 * (size_t)g->neighbours * sizeof(uint32_t);
}

size_t innerspace_graph_list_bytes(const graph *g) { return sizeof(graph_list) + (size_t)g->neighbours * sizeof(uint32_t); }

bool innerspace_graph_reserve(graph *g, size_t nodes, size_t lists) {
  return arena_reserve(&g->nodes, nodes) && arena_reserve(&g->lists, lists);
}

void innerspace_graph_place(graph *g, uint32_t node, uint8_t level, uint32_t list) {
  graph_head *head = graph_node(g, node);
  memset(head, 0, innerspace_graph_node_bytes(g) - g->code_bytes);
  for (uint32_t i = 0; i < level; i++) memset(graph_upper(g, list + i), 0, innerspace_graph_list_bytes(g));
  head->level = level;
  head->upper = level > 0 ? list : GRAPH_NONE;
  head->row = GRAPH_NONE;
}

void innerspace_graph_forget(graph *g, uint32_t node) { graph_store(&graph_node(g, node)->row, GRAPH_NONE); }

void innerspace_graph_adopt(graph *g, uint32_t node, uint32_t row) { graph_store(&graph_node(g, node)->row, row); }

void innerspace_graph_bypass(graph *g, uint32_t node) { graph_node(g, node)->bypassed = 1; }

uint32_t innerspace_graph_row(const graph *g, uint32_t node) { return graph_load(&graph_node(g, node)->row); }

graph_scratch *innerspace_graph_scratch_new(const graph *g) {
  graph_scratch *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->floats = aligned_alloc(GRAPH_CODE_ALIGN, g->code_bytes * sizeof *s->floats);
  s->query = aligned_alloc(GRAPH_CODE_ALIGN, g->code_bytes);
  s->codes = aligned_alloc(GRAPH_CODE_ALIGN, 2 * (size_t)g->neighbours * g->code_bytes);
  s->probes = malloc(2 * (size_t)g->neighbours * sizeof *s->probes);
  s->batch = malloc(2 * (size_t)g->neighbours * sizeof *s->batch);
  s->links = malloc(2 * (size_t)g->neighbours * sizeof *s->links);
  if (!s->floats || !s->query || !s->codes || !s->probes || !s->batch || !s->links) {
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
  free(s->pool);
  free(s->floats);
  free(s->query);
  free(s->codes);
  free(s->probes);
  free(s->batch);
  free(s->links);
  free(s);
}
