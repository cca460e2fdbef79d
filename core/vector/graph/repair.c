#include "graph.h"

static bool deleted(const graph *g, uint32_t node) { return graph_load(&graph_node(g, node)->row) == GRAPH_NONE; }

// Adds a node to s->chosen once.
static size_t offer(graph_scratch *s, size_t size, uint32_t node) {
  uint64_t bit = (uint64_t)1 << (node % 64);
  if (s->visited[node / 64] & bit) return size;
  s->visited[node / 64] |= bit;
  s->chosen[size].node = node;
  return size + 1;
}

static void repair(const graph *g, graph_scratch *s, uint32_t node, uint32_t layer) {
  graph_links links = graph_links_of(g, node, layer);
  uint32_t size = *links.count;
  bool broken = false;
  for (uint32_t i = 0; i < size && !broken; i++) broken = deleted(g, links.links[i]);
  if (!broken) return;
  // Deleted nodes keep their links: nobody repairs those.
  size_t offered = 0;
  for (uint32_t i = 0; i < size; i++) {
    uint32_t to = links.links[i];
    if (!deleted(g, to)) {
      offered = offer(s, offered, to);
      continue;
    }
    graph_links beyond = graph_links_of(g, to, layer);
    for (uint32_t j = 0, n = *beyond.count; j < n; j++)
      if (beyond.links[j] != node && !deleted(g, beyond.links[j])) offered = offer(s, offered, beyond.links[j]);
  }
  for (size_t i = 0; i < offered; i++) s->visited[s->chosen[i].node / 64] = 0;
  uint32_t kept = (uint32_t)innerspace_graph_choose(g, s, node, layer, offered);
  for (uint32_t i = 0; i < kept; i++) graph_store(&links.links[i], s->links[i]);
  graph_store(links.count, kept);
}

void innerspace_graph_repair(const graph *g, graph_scratch *s, uint32_t node) {
  if (deleted(g, node)) return;
  uint8_t level = graph_node(g, node)->level;
  for (uint32_t layer = 0; layer <= level; layer++) repair(g, s, node, layer);
}

uint64_t innerspace_graph_best_entry(const graph *g) {
  uint64_t best = UINT64_MAX;
  for (uint32_t node = 0; node < g->nodes.count; node++) {
    uint8_t level = graph_node(g, node)->level;
    if (!deleted(g, node) && (best == UINT64_MAX || level > best >> 32)) best = (uint64_t)level << 32 | node;
  }
  return best;
}
