// The graph in C memory: records of nodes, the walk that searches them, the links that an insertion makes.
// Go decides when these run and holds the locks that the comments ask for.
#ifndef INNERSPACE_GRAPH_H
#define INNERSPACE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAPH_NONE UINT32_MAX  // no node, no row, no list
#define GRAPH_MAX_LEVEL 15
#define GRAPH_CODE_ALIGN 64  // codes are padded to whole cache lines, which are the kernels' steps

// A node's record is its code, then this, then its links of the bottom layer. Links, counts and rows are read while others write
// them; they are accessed atomically.
typedef struct {
  float scale;     // an entry of the code times scale is an entry of the rotated vector
  float square;    // squared length of what the code stands for
  int32_t offset;  // 128 times the sum of the signed code, what the unsigned kernels count too much
  uint32_t row;    // the caller's number; GRAPH_NONE: deleted, walked through but not found
  uint32_t upper;  // first of its lists of the upper layers; GRAPH_NONE where level is 0
  uint8_t level;   // the highest layer that it is in
  uint8_t lock;    // held while its lists are changed
  uint16_t padding;
  uint32_t count;
  uint32_t links[];
} graph_head;

// Links of one node in one upper layer.
typedef struct {
  uint32_t count;
  uint32_t links[];
} graph_list;

// Equal pieces of memory, found by number, that never move.
typedef struct {
  uint8_t **chunks;
  size_t chunk_count;
  size_t stride;    // bytes of a piece
  uint32_t shift;   // pieces in a chunk: 1 << shift
  uint32_t count;   // pieces in use
} graph_arena;

typedef struct {
  size_t dimension;    // floats of a vector
  size_t code_bytes;   // dimension rounded up to GRAPH_CODE_ALIGN
  uint32_t neighbours; // links in an upper layer; the bottom layer has twice as many
  uint32_t build_width;
  float *signs;        // two rounds of code_bytes signs of the rotation
  graph_arena nodes, lists;
  uint64_t entry;      // level << 32 | node where walks begin; UINT64_MAX: the graph is empty
  uint8_t entry_lock;
} graph;

typedef struct {
  float key;  // the higher, the nearer
  uint32_t node;
} graph_entry;

// What one goroutine needs while it searches or inserts. visited has a bit a node.
typedef struct {
  uint64_t *visited;
  size_t visited_words;
  graph_entry *frontier, *found, *chosen;
  size_t frontier_capacity, found_capacity, chosen_capacity;
  size_t frontier_size, found_size;
  size_t evaluated;     // distances computed since the last reset
  float *floats;        // code_bytes of them
  int8_t *query, *other;
  uint32_t *batch;
} graph_scratch;

// What a walk compares nodes with: key = linear * node.scale * dot(node, code) - square * node.square.
typedef struct {
  const int8_t *code;
  int32_t offset;
  float linear, square;
} graph_probe;

// Which nodes a walk may find; the others are walked through.
typedef struct {
  bool all;                 // also deleted ones: insertion links to them too
  const uint64_t *allowed;  // a bit a row; NULL: all rows
  size_t words;
} graph_filter;

typedef int32_t (*graph_dot)(const uint8_t *x, const int8_t *y, size_t n, int32_t offset);

// kernel.c. The inner product of a code and a signed code; n is a multiple of GRAPH_CODE_ALIGN.
extern graph_dot innerspace_graph_dot;
int innerspace_graph_kernels(void);              // how many this machine can run; 0 is the portable one, the last the fastest
const char *innerspace_graph_use_kernel(int i);  // chooses one and returns its name

// memory.c
graph *innerspace_graph_new(size_t dimension, uint32_t neighbours, uint32_t build_width, uint64_t seed);
void innerspace_graph_free(graph *g);
size_t innerspace_graph_bytes(const graph *g);
// Makes room for nodes and lists; false: no memory. Nobody else may use the graph meanwhile.
bool innerspace_graph_reserve(graph *g, size_t nodes, size_t lists);
graph_scratch *innerspace_graph_scratch_new(const graph *g);
void innerspace_graph_scratch_free(graph_scratch *s);

static inline uint8_t *graph_piece(const graph_arena *a, uint32_t i) {
  return a->chunks[i >> a->shift] + (size_t)(i & ((1u << a->shift) - 1)) * a->stride;
}
static inline uint8_t *graph_code(const graph *g, uint32_t node) { return graph_piece(&g->nodes, node); }
static inline graph_head *graph_node(const graph *g, uint32_t node) { return (graph_head *)(graph_code(g, node) + g->code_bytes); }
static inline graph_list *graph_upper(const graph *g, uint32_t list) { return (graph_list *)graph_piece(&g->lists, list); }

// code.c
// Writes the rotated, quantised vector to signed bytes; returns the scale.
float innerspace_graph_quantise(const graph *g, const float *vector, float *floats, int8_t *code);
// Fills a node's record but for its level and links.
void innerspace_graph_encode(const graph *g, graph_scratch *s, uint32_t node, uint32_t row, const float *vector);
int32_t innerspace_graph_offset(const int8_t *code, size_t n);

// walk.c
bool innerspace_graph_prepare(const graph *g, graph_scratch *s, size_t width);  // false: no memory
// The nodes with the highest keys, best first in s->found, at most width; false: no memory. Ends early when it has computed more
// than budget distances; the caller sees that in s->evaluated.
bool innerspace_graph_walk(const graph *g, graph_scratch *s, const graph_probe *probe, uint32_t layer, size_t width,
                           const graph_filter *filter, size_t budget);
// Goes from the entry down to the layer by ever higher keys and leaves where it ended as the only found.
bool innerspace_graph_descend(const graph *g, graph_scratch *s, const graph_probe *probe, uint32_t layer);
float innerspace_graph_key(const graph *g, const graph_probe *probe, uint32_t node);
// Rows and keys of the best nodes for a query by inner product. Returns how many, or -1: no memory.
long innerspace_graph_search(const graph *g, graph_scratch *s, const float *query, size_t width, const uint64_t *allowed, size_t words,
                             size_t budget, uint32_t *rows, float *keys);

// link.c
// Links an encoded node that has its level, from several threads at once. False: no memory.
bool innerspace_graph_insert(graph *g, graph_scratch *s, uint32_t node);
// Keeps of s->chosen[0..size), sorted by key, those that no kept one is nearer to than base is; returns how many.
size_t innerspace_graph_select(const graph *g, graph_scratch *s, float base_square, size_t size, size_t most);

// repair.c
// Replaces links to deleted nodes by links to what those led to. False: no memory.
bool innerspace_graph_repair(graph *g, graph_scratch *s, uint32_t node);

static inline uint32_t graph_load(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void graph_store(uint32_t *p, uint32_t value) { __atomic_store_n(p, value, __ATOMIC_RELEASE); }

#endif
