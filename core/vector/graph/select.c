#include <stdlib.h>

#include "graph.h"

graph_probe innerspace_graph_probe(const graph *g, uint32_t node, int8_t *code, bool by_direction) {
  const graph_head *head = graph_node(g, node);
  const uint8_t *stored = graph_code(g, node);
  for (size_t i = 0; i < g->code_bytes; i++) code[i] = (int8_t)(stored[i] - 128);
  return (graph_probe){code, head->offset, by_direction ? head->direction : head->scale, by_direction};
}

// Links that go in different directions: a candidate that is as near to a kept one is reached through that. Among equal vectors one is
// kept, so that the others' places go to links that lead out of them.
size_t innerspace_graph_select(const graph *g, graph_scratch *s, size_t size, size_t most, bool by_direction) {
  size_t kept = 0;
  for (size_t i = 0; i < size && kept < most; i++) {
    graph_entry candidate = s->chosen[i];
    bool near = false;
    for (size_t j = 0; j < kept && !near; j++) near = innerspace_graph_key(g, &s->probes[j], candidate.node) >= candidate.key;
    if (near) continue;
    s->probes[kept] = innerspace_graph_probe(g, candidate.node, s->codes + kept * g->code_bytes, by_direction);
    s->chosen[kept++] = candidate;
  }
  return kept;
}

size_t innerspace_graph_merge(graph_scratch *s, size_t count, const graph_entry *entries, size_t size, size_t most) {
  for (size_t i = 0; i < size && count < most; i++) {
    bool there = false;
    for (size_t j = 0; j < count && !there; j++) there = s->links[j] == entries[i].node;
    if (!there) s->links[count++] = entries[i].node;
  }
  return count;
}

static int higher(const void *a, const void *b) {
  const graph_entry *x = a, *y = b;
  if (x->key != y->key) return x->key > y->key ? -1 : 1;
  return x->node < y->node ? -1 : x->node > y->node;
}

static size_t add(const graph *g, graph_scratch *s, uint32_t node, size_t count, size_t size, size_t limit, size_t most, bool by_direction) {
  graph_entry *all = s->chosen;
  graph_probe probe = innerspace_graph_probe(g, node, s->query, by_direction);
  for (size_t i = 0; i < size; i++) all[i].key = innerspace_graph_key(g, &probe, all[i].node);
  qsort(all, size, sizeof *all, higher);
  // Selecting moves the kept ones to the front and loses others; a second selection needs them all.
  for (size_t i = 0; i < size; i++) s->pool[i] = all[i];
  size_t kept = innerspace_graph_select(g, s, size, limit, by_direction);
  count = innerspace_graph_merge(s, count, all, kept, most);
  for (size_t i = 0; i < size; i++) all[i] = s->pool[i];
  return count;
}

size_t innerspace_graph_choose(const graph *g, graph_scratch *s, uint32_t node, uint32_t layer, size_t size) {
  size_t most = graph_links_of(g, node, layer).most, count = 0;
  if (layer == 0 && g->uneven) count = add(g, s, node, count, size, most / 2, most, false);
  return add(g, s, node, count, size, most - count, most, true);
}
