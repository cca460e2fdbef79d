#include <math.h>

#include "graph.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "graphs are stored as they lie in memory, which is little-endian"
#endif

static bool links_fit(const graph *g, graph_links links, uint32_t layer) {
  if (*links.count > links.most) return false;
  for (uint32_t i = 0; i < *links.count; i++)
    if (links.links[i] >= g->nodes.count || graph_node(g, links.links[i])->level < layer) return false;
  return true;
}

static bool head_fits(const graph *g, uint32_t node, uint32_t rows, uint32_t lists) {
  graph_head *head = graph_node(g, node);
  const uint8_t *code = graph_code(g, node);
  int32_t sum = 0;
  for (size_t i = 0; i < g->code_bytes; i++) sum += code[i] - 128;
  return isfinite(head->scale) && head->scale >= 0 && isfinite(head->direction) && head->direction >= 0 && head->offset == 128 * sum &&
         (head->row < rows || head->row == GRAPH_NONE) && head->level <= GRAPH_MAX_LEVEL && head->lock == 0 &&
         head->upper == (head->level > 0 ? lists : GRAPH_NONE) && g->lists.count - lists >= head->level;
}

bool innerspace_graph_check(const graph *g, uint32_t rows) {
  uint32_t lists = 0;
  // All heads first: what links are checked against are levels, which must be right.
  for (uint32_t node = 0; node < g->nodes.count; node++) {
    if (!head_fits(g, node, rows, lists)) return false;
    lists += graph_node(g, node)->level;
  }
  if (lists != g->lists.count) return false;
  for (uint32_t node = 0; node < g->nodes.count; node++)
    for (uint32_t layer = 0; layer <= graph_node(g, node)->level; layer++)
      if (!links_fit(g, graph_links_of(g, node, layer), layer)) return false;
  if (g->entry == UINT64_MAX) return innerspace_graph_best_entry(g) == UINT64_MAX;
  uint32_t node = (uint32_t)g->entry;
  return node < g->nodes.count && g->entry >> 32 == graph_node(g, node)->level;
}
