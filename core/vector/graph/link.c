#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

static void lock(uint8_t *flag) {
  for (int tries = 0; __atomic_test_and_set(flag, __ATOMIC_ACQUIRE); tries++) {
    if (tries % 64 == 63) sched_yield();
  }
}
static void unlock(uint8_t *flag) { __atomic_clear(flag, __ATOMIC_RELEASE); }

static void sign(const graph *g, uint32_t node, int8_t *code) {
  const uint8_t *stored = graph_code(g, node);
  for (size_t i = 0; i < g->code_bytes; i++) code[i] = (int8_t)(stored[i] - 128);
}

// Compares with a node by the square of the distance, less the node's own square, negated.
static graph_probe probe_of(const graph *g, uint32_t node, int8_t *code) {
  const graph_head *head = graph_node(g, node);
  sign(g, node, code);
  return (graph_probe){code, head->offset, 2 * head->scale, 1};
}

size_t innerspace_graph_select(const graph *g, graph_scratch *s, float base_square, size_t size, size_t most) {
  size_t kept = 0;
  for (size_t i = 0; i < size && kept < most; i++) {
    graph_entry candidate = s->chosen[i];
    const graph_head *head = graph_node(g, candidate.node);
    graph_probe probe;
    bool near = false;
    if (kept > 0) probe = probe_of(g, candidate.node, s->other);
    float base = base_square - candidate.key;
    for (size_t j = 0; j < kept && !near; j++)
      near = head->square - innerspace_graph_key(g, &probe, s->chosen[j].node) <= base;
    if (!near) s->chosen[kept++] = candidate;
  }
  return kept;
}

static int higher(const void *a, const void *b) {
  const graph_entry *x = a, *y = b;
  if (x->key != y->key) return x->key > y->key ? -1 : 1;
  return x->node < y->node ? -1 : x->node > y->node;
}

// Adds a link, or where the list is full chooses anew among its links and this one.
static void link_back(const graph *g, graph_scratch *s, uint32_t from, uint32_t to, uint32_t layer) {
  graph_head *head = graph_node(g, from);
  uint32_t *count = &head->count, *links = head->links, most = 2 * g->neighbours;
  if (layer > 0) {
    graph_list *list = graph_upper(g, head->upper + layer - 1);
    count = &list->count, links = list->links, most = g->neighbours;
  }
  lock(&head->lock);
  uint32_t size = *count;
  if (size < most) {
    graph_store(&links[size], to);
    graph_store(count, size + 1);
    unlock(&head->lock);
    return;
  }
  graph_probe probe = probe_of(g, from, s->query);
  for (uint32_t i = 0; i <= size; i++) {
    uint32_t node = i < size ? links[i] : to;
    s->chosen[i] = (graph_entry){innerspace_graph_key(g, &probe, node), node};
  }
  qsort(s->chosen, size + 1, sizeof *s->chosen, higher);
  size_t kept = innerspace_graph_select(g, s, head->square, size + 1, most);
  for (size_t i = 0; i < kept; i++) graph_store(&links[i], s->chosen[i].node);
  graph_store(count, (uint32_t)kept);
  unlock(&head->lock);
}

bool innerspace_graph_insert(graph *g, graph_scratch *s, uint32_t node) {
  graph_head *head = graph_node(g, node);
  if (!innerspace_graph_prepare(g, s, g->build_width)) return false;
  int8_t *code = s->query;
  graph_probe probe = probe_of(g, node, code);
  uint64_t entry = __atomic_load_n(&g->entry, __ATOMIC_ACQUIRE);
  if (entry != UINT64_MAX) {
    graph_filter filter = {.all = true};
    uint32_t top = (uint32_t)(entry >> 32), layer = head->level < top ? head->level : top;
    s->evaluated = 0;
    innerspace_graph_descend(g, s, &probe, layer);
    for (;; layer--) {
      if (!innerspace_graph_walk(g, s, &probe, layer, g->build_width, &filter, SIZE_MAX)) return false;
      size_t size = 0;
      for (size_t i = 0; i < s->found_size; i++)
        if (s->found[i].node != node) s->chosen[size++] = s->found[i];  // it may be linked to from a layer above
      size_t kept = innerspace_graph_select(g, s, head->square, size, g->neighbours);
      uint32_t *count = &head->count, *links = head->links;
      if (layer > 0) {
        graph_list *list = graph_upper(g, head->upper + layer - 1);
        count = &list->count, links = list->links;
      }
      // Others may have linked to this node from a layer above, come down and linked back: their links stay.
      lock(&head->lock);
      uint32_t others = *count, most = layer > 0 ? g->neighbours : 2 * g->neighbours;
      for (size_t i = 0; i < kept && others < most; i++) {
        bool there = false;
        for (uint32_t j = 0; j < others && !there; j++) there = links[j] == s->chosen[i].node;
        if (!there) graph_store(&links[others++], s->chosen[i].node);
      }
      graph_store(count, others);
      unlock(&head->lock);
      memcpy(s->frontier, s->chosen, kept * sizeof *s->chosen);  // choosing anew for those overwrites chosen
      for (size_t i = 0; i < kept; i++) link_back(g, s, s->frontier[i].node, node, layer);
      if (layer == 0) break;
      sign(g, node, code);  // linking back used the buffer
    }
  }
  lock(&g->entry_lock);
  uint64_t now = g->entry;
  if (now == UINT64_MAX || head->level > now >> 32)
    __atomic_store_n(&g->entry, (uint64_t)head->level << 32 | node, __ATOMIC_RELEASE);
  unlock(&g->entry_lock);
  return true;
}
