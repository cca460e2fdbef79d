#include <sched.h>
#include <string.h>

#include "graph.h"

void innerspace_graph_lock(uint8_t *flag) {
  for (int tries = 0; __atomic_test_and_set(flag, __ATOMIC_ACQUIRE); tries++) {
    if (tries % 64 == 63) sched_yield();
  }
}
void innerspace_graph_unlock(uint8_t *flag) { __atomic_clear(flag, __ATOMIC_RELEASE); }

// Adds a link, or where there is no room chooses anew among the links and this one.
static void link_back(const graph *g, graph_scratch *s, uint32_t from, uint32_t to, uint32_t layer) {
  uint8_t *lock = &graph_node(g, from)->lock;
  graph_links links = graph_links_of(g, from, layer);
  innerspace_graph_lock(lock);
  uint32_t size = *links.count;
  if (size < links.most) {
    graph_store(&links.links[size], to);
    graph_store(links.count, size + 1);
  } else {
    for (uint32_t i = 0; i < size; i++) s->chosen[i].node = links.links[i];
    s->chosen[size].node = to;
    uint32_t kept = (uint32_t)innerspace_graph_choose(g, s, from, layer, size + 1);
    for (uint32_t i = 0; i < kept; i++) graph_store(&links.links[i], s->links[i]);
    graph_store(links.count, kept);
  }
  innerspace_graph_unlock(lock);
}

// Walks from s->found[0] and adds the nearest that go in different directions to s->links.
static bool look(const graph *g, graph_scratch *s, uint32_t node, uint32_t layer, bool by_direction, size_t *count) {
  static const graph_filter filter = {.all = true};
  graph_probe probe = innerspace_graph_probe(g, node, s->query, by_direction);
  s->found[0].key = innerspace_graph_key(g, &probe, s->found[0].node);
  if (!innerspace_graph_walk(g, s, &probe, layer, g->build_width, &filter, SIZE_MAX)) return false;
  size_t size = 0;
  for (size_t i = 0; i < s->found_size; i++)
    if (s->found[i].node != node) s->chosen[size++] = s->found[i];  // others may have linked to it from a layer above
  size_t kept = innerspace_graph_select(g, s, size, g->neighbours, by_direction);
  *count = innerspace_graph_merge(s, *count, s->chosen, kept, 2 * g->neighbours);
  return true;
}

// Sets the links of a node, save those that others have made meanwhile, which stay. Leaves in s->links what was added.
static size_t set(const graph *g, graph_scratch *s, uint32_t node, uint32_t layer, size_t count) {
  uint8_t *lock = &graph_node(g, node)->lock;
  graph_links links = graph_links_of(g, node, layer);
  innerspace_graph_lock(lock);
  uint32_t size = *links.count, before = size;
  size_t added = 0;
  for (size_t i = 0; i < count && size < links.most; i++) {
    bool there = false;
    for (uint32_t j = 0; j < before && !there; j++) there = links.links[j] == s->links[i];
    if (there) continue;
    graph_store(&links.links[size++], s->links[i]);
    s->links[added++] = s->links[i];
  }
  graph_store(links.count, size);
  innerspace_graph_unlock(lock);
  return added;
}

bool innerspace_graph_insert(graph *g, graph_scratch *s, uint32_t node) {
  uint8_t level = graph_node(g, node)->level;
  uint64_t entry = __atomic_load_n(&g->entry, __ATOMIC_ACQUIRE);
  if (!innerspace_graph_prepare(g, s, g->build_width)) return false;
  if (entry != UINT64_MAX) {
    uint32_t top = (uint32_t)(entry >> 32), layer = level < top ? level : top;
    graph_probe probe = innerspace_graph_probe(g, node, s->query, true);
    s->evaluated = 0;
    innerspace_graph_descend(g, s, &probe, layer);
    for (;; layer--) {
      size_t count = 0;
      graph_entry start = s->found[0];
      if (layer == 0 && g->uneven) {
        if (!look(g, s, node, layer, false, &count)) return false;
        s->found[0] = start;
      }
      if (!look(g, s, node, layer, true, &count)) return false;
      count = set(g, s, node, layer, count);
      memcpy(s->batch, s->links, count * sizeof *s->links);  // linking back uses the other
      for (size_t i = 0; i < count; i++) link_back(g, s, s->batch[i], node, layer);
      if (layer == 0) break;
    }
  }
  innerspace_graph_lock(&g->entry_lock);
  uint64_t now = g->entry;
  if (now == UINT64_MAX || level > now >> 32) __atomic_store_n(&g->entry, (uint64_t)level << 32 | node, __ATOMIC_RELEASE);
  innerspace_graph_unlock(&g->entry_lock);
  return true;
}
