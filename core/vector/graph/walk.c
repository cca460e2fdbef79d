#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

#define LINE 64
#define AHEAD 3  // records that are on their way from memory while one is compared

static bool grow(graph_entry **entries, size_t *capacity, size_t wanted) {
  if (wanted <= *capacity) return true;
  size_t larger = *capacity * 2 > wanted ? *capacity * 2 : wanted;
  graph_entry *moved = realloc(*entries, larger * sizeof *moved);
  if (!moved) return false;
  *entries = moved;
  *capacity = larger;
  return true;
}

bool innerspace_graph_prepare(const graph *g, graph_scratch *s, size_t width) {
  size_t words = (g->nodes.chunk_count << g->nodes.shift) / 64 + 1;
  if (words > s->visited_words) {
    free(s->visited);
    s->visited_words = 0;
    s->visited = malloc(words * sizeof *s->visited);
    if (!s->visited) return false;
    s->visited_words = words;
  }
  size_t links = 2 * (size_t)g->neighbours;
  return grow(&s->frontier, &s->frontier_capacity, 1024) && grow(&s->found, &s->found_capacity, width) &&
         grow(&s->chosen, &s->chosen_capacity, width > links ? width : links + 1) &&
         grow(&s->pool, &s->pool_capacity, links + 1);
}

bool innerspace_graph_prepare_repair(const graph *g, graph_scratch *s) {
  size_t links = 2 * (size_t)g->neighbours;
  if (!innerspace_graph_prepare(g, s, links * links) || !grow(&s->pool, &s->pool_capacity, links * links)) return false;
  memset(s->visited, 0, s->visited_words * sizeof *s->visited);
  return true;
}

static inline void prefetch(const graph *g, uint32_t node) {
  const uint8_t *code = graph_code(g, node);
  size_t bytes = g->code_bytes + sizeof(graph_head);
  if (bytes > 16 * LINE) bytes = 16 * LINE;  // the rest comes by itself, being in a row
  for (size_t i = 0; i < bytes; i += LINE) __builtin_prefetch(code + i);
  __builtin_prefetch(graph_node(g, node));
}

float innerspace_graph_key(const graph *g, const graph_probe *probe, uint32_t node) {
  const graph_head *head = graph_node(g, node);
  int32_t dot = innerspace_graph_dot(graph_code(g, node), probe->code, g->code_bytes, probe->offset);
  return probe->factor * (probe->by_direction ? head->direction : head->scale) * (float)dot;
}

// The frontier is a binary heap with the highest key on top.
static bool push(graph_scratch *s, graph_entry entry) {
  if (!grow(&s->frontier, &s->frontier_capacity, s->frontier_size + 1)) return false;
  size_t i = s->frontier_size++;
  while (i > 0) {
    size_t above = (i - 1) / 2;
    if (s->frontier[above].key >= entry.key) break;
    s->frontier[i] = s->frontier[above];
    i = above;
  }
  s->frontier[i] = entry;
  return true;
}

static graph_entry pop(graph_scratch *s) {
  graph_entry top = s->frontier[0], last = s->frontier[--s->frontier_size];
  size_t i = 0, size = s->frontier_size;
  for (size_t below = 1; below < size; below = 2 * i + 1) {
    if (below + 1 < size && s->frontier[below + 1].key > s->frontier[below].key) below++;
    if (s->frontier[below].key <= last.key) break;
    s->frontier[i] = s->frontier[below];
    i = below;
  }
  s->frontier[i] = last;
  return top;
}

// Found is in order, the best first.
static void keep(graph_scratch *s, graph_entry entry, size_t width) {
  size_t low = 0, high = s->found_size;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (s->found[middle].key >= entry.key)
      low = middle + 1;
    else
      high = middle;
  }
  if (low >= width) return;
  if (s->found_size < width) s->found_size++;
  memmove(s->found + low + 1, s->found + low, (s->found_size - low - 1) * sizeof *s->found);
  s->found[low] = entry;
}

static inline bool accepts(const graph *g, const graph_filter *filter, uint32_t node) {
  if (filter->all) return true;
  uint32_t row = graph_load(&graph_node(g, node)->row);
  if (row == GRAPH_NONE) return false;
  return !filter->allowed || (row / 64 < filter->words && filter->allowed[row / 64] >> (row % 64) & 1);
}

// The links of a node that were not visited yet, which from now on they are.
static size_t unvisited(const graph *g, graph_scratch *s, uint32_t node, uint32_t layer) {
  graph_links links = graph_links_of(g, node, layer);
  size_t size = 0;
  for (uint32_t i = 0, n = graph_load(links.count); i < n; i++) {
    uint32_t to = graph_load(&links.links[i]);
    uint64_t bit = (uint64_t)1 << (to % 64);
    if (s->visited[to / 64] & bit) continue;
    s->visited[to / 64] |= bit;
    s->batch[size++] = to;
  }
  return size;
}

bool innerspace_graph_walk(const graph *g, graph_scratch *s, const graph_probe *probe, uint32_t layer, size_t width,
                           const graph_filter *filter, size_t budget) {
  memset(s->visited, 0, s->visited_words * sizeof *s->visited);
  graph_entry start = s->found[0];
  s->visited[start.node / 64] |= (uint64_t)1 << (start.node % 64);
  s->frontier[0] = start;
  s->frontier_size = 1;
  s->found_size = accepts(g, filter, start.node) ? 1 : 0;
  while (s->frontier_size > 0 && s->evaluated <= budget) {
    graph_entry nearest = pop(s);
    if (s->found_size == width && nearest.key < s->found[width - 1].key) break;
    size_t size = unvisited(g, s, nearest.node, layer);
    s->evaluated += size;
    for (size_t i = 0; i < size && i < AHEAD; i++) prefetch(g, s->batch[i]);
    for (size_t i = 0; i < size; i++) {
      if (i + AHEAD < size) prefetch(g, s->batch[i + AHEAD]);
      graph_entry entry = {innerspace_graph_key(g, probe, s->batch[i]), s->batch[i]};
      if (s->found_size == width && !(entry.key > s->found[width - 1].key)) continue;
      if (!push(s, entry)) return false;
      if (accepts(g, filter, entry.node)) keep(s, entry, width);
    }
  }
  return true;
}

bool innerspace_graph_descend(const graph *g, graph_scratch *s, const graph_probe *probe, uint32_t layer) {
  uint64_t entry = __atomic_load_n(&g->entry, __ATOMIC_ACQUIRE);
  if (entry == UINT64_MAX) return false;
  uint32_t node = (uint32_t)entry;
  float key = innerspace_graph_key(g, probe, node);
  for (uint32_t level = (uint32_t)(entry >> 32); level > layer; level--) {
    for (bool better = true; better;) {
      better = false;
      graph_links links = graph_links_of(g, node, level);
      for (uint32_t i = 0, n = graph_load(links.count); i < n; i++) {
        uint32_t to = graph_load(&links.links[i]);
        float other = innerspace_graph_key(g, probe, to);
        s->evaluated++;
        if (other > key) key = other, node = to, better = true;
      }
    }
  }
  s->found[0] = (graph_entry){key, node};
  s->found_size = 1;
  return true;
}

long innerspace_graph_search(const graph *g, graph_scratch *s, const float *query, size_t width, const uint64_t *allowed, size_t words,
                             size_t budget, graph_candidate *found) {
  if (!innerspace_graph_prepare(g, s, width)) return -1;
  float scale = innerspace_graph_quantise(g, query, s->floats, s->query);
  graph_probe probe = {s->query, innerspace_graph_offset(s->query, g->code_bytes), scale, false};
  graph_filter filter = {false, allowed, words};
  s->evaluated = 0;
  if (!innerspace_graph_descend(g, s, &probe, 0)) return 0;
  if (!innerspace_graph_walk(g, s, &probe, 0, width, &filter, budget)) return -1;
  // Rounding an entry adds an error that is even over a step: its variance is step^2 / 12, and the rotation makes the errors of
  // entries independent.
  double length = 0;
  for (size_t i = 0; i < g->code_bytes; i++) length += (double)s->query[i] * s->query[i];
  length *= (double)scale * scale;
  long size = 0;
  for (size_t i = 0; i < s->found_size; i++) {
    const graph_head *head = graph_node(g, s->found[i].node);
    uint32_t row = graph_load(&head->row);
    if (row == GRAPH_NONE) continue;  // deleted meanwhile
    double other = head->direction > 0 ? (double)head->scale / head->direction : 0;
    double variance = (length * head->scale * head->scale + other * other * scale * scale) / 12;
    found[size++] = (graph_candidate){row, s->found[i].key, (float)(4 * sqrt(variance))};
  }
  return size;
}
