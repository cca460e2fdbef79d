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
  float scale;      // an entry of the code times scale is an entry of the rotated vector
  float direction;  // the scale where the vector is brought to length 1; 0 for a vector of zeros
  int32_t offset;   // 128 times the sum of the signed code, what the unsigned kernels count too much
  uint32_t row;     // the caller's number; GRAPH_NONE: deleted, walked through but not found
  uint32_t upper;   // first of its lists of the upper layers; GRAPH_NONE where level is 0
  uint8_t level;    // the highest layer that it is in
  uint8_t lock;     // held while its lists are changed
  uint8_t bypassed; // of a deleted one: links to it may have been taken, so that it cannot be another row's
  uint8_t padding;
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
  float length;        // of the first vector that was not zero
  uint8_t uneven;      // lengths differ: nodes are linked by inner product as well as by direction
  float *signs;        // two rounds of code_bytes signs of the rotation
  graph_arena nodes, lists;
  uint64_t entry;      // level << 32 | node where walks begin; UINT64_MAX: the graph is empty
  uint8_t entry_lock;
} graph;

typedef struct {
  float key;  // the higher, the nearer
  uint32_t node;
} graph_entry;

typedef struct {
  uint32_t row;
  float key;
  float slack;  // four standard deviations of what rounding to codes adds to the key
} graph_candidate;

// What nodes are compared with: the key is the inner product, or that with the direction of the node.
typedef struct {
  const int8_t *code;
  int32_t offset;
  float factor;
  bool by_direction;
} graph_probe;

// What one goroutine needs while it searches or inserts. visited has a bit a node.
typedef struct {
  uint64_t *visited;
  size_t visited_words;
  graph_entry *frontier, *found, *chosen, *pool;
  size_t frontier_capacity, found_capacity, chosen_capacity, pool_capacity;
  size_t frontier_size, found_size;
  size_t evaluated;     // distances computed since the last reset
  float *floats;        // code_bytes of them
  int8_t *query;
  int8_t *codes;        // signed codes of the links that are kept, and
  graph_probe *probes;  // what compares with them
  uint32_t *batch, *links;
} graph_scratch;

// Which nodes a walk may find; the others are walked through.
typedef struct {
  bool all;                 // also deleted ones: insertion links to them too
  const uint64_t *allowed;  // a bit a row; NULL: all rows
  size_t words;
} graph_filter;

typedef int32_t (*graph_dot)(const uint8_t *x, const int8_t *y, size_t n, int32_t offset);

// kernel.c. The inner product of a code and a signed code; n is a multiple of GRAPH_CODE_ALIGN.
extern graph_dot innerspace_graph_dot;
int32_t innerspace_graph_multiply(const uint8_t *x, const int8_t *y, size_t n, int32_t offset);  // the same, for Go
int innerspace_graph_kernels(void);              // how many this machine can run; 0 is the portable one, the last the fastest
const char *innerspace_graph_use_kernel(int i);  // chooses one and returns its name

// memory.c
graph *innerspace_graph_new(size_t dimension, uint32_t neighbours, uint32_t build_width, uint64_t seed);
void innerspace_graph_free(graph *g);
size_t innerspace_graph_bytes(const graph *g);
size_t innerspace_graph_node_bytes(const graph *g);  // of a record, without what pads it
size_t innerspace_graph_list_bytes(const graph *g);
// Makes room for nodes and lists; false: no memory. Nobody else may use the graph meanwhile.
bool innerspace_graph_reserve(graph *g, size_t nodes, size_t lists);
// Gives a new node its layers, whose lists begin at list.
void innerspace_graph_place(graph *g, uint32_t node, uint8_t level, uint32_t list);
void innerspace_graph_forget(graph *g, uint32_t node);
void innerspace_graph_adopt(graph *g, uint32_t node, uint32_t row);  // gives a forgotten node a row again
void innerspace_graph_bypass(graph *g, uint32_t node);
uint32_t innerspace_graph_row(const graph *g, uint32_t node);
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
// Fills a node's record but for its layers, without links.
// Nobody else may use the graph meanwhile.
void innerspace_graph_encode(graph *g, graph_scratch *s, uint32_t node, uint32_t row, const float *vector);
int32_t innerspace_graph_offset(const int8_t *code, size_t n);
// Leaves in s->codes the code that the node of a vector has; returns the scale.
float innerspace_graph_code(const graph *g, graph_scratch *s, const float *vector);

// walk.c
bool innerspace_graph_prepare(const graph *g, graph_scratch *s, size_t width);  // false: no memory
// The nodes with the highest keys, best first in s->found, at most width; false: no memory. Ends early when it has computed more
// than budget distances; the caller sees that in s->evaluated.
bool innerspace_graph_walk(const graph *g, graph_scratch *s, const graph_probe *probe, uint32_t layer, size_t width,
                           const graph_filter *filter, size_t budget);
// Goes from the entry down to the layer by ever higher keys and leaves where it ended as the only found.
bool innerspace_graph_descend(const graph *g, graph_scratch *s, const graph_probe *probe, uint32_t layer);
float innerspace_graph_key(const graph *g, const graph_probe *probe, uint32_t node);
// The best rows for a query by inner product, best first, at most width. Returns how many, or -1: no memory.
long innerspace_graph_search(const graph *g, graph_scratch *s, const float *query, size_t width, const uint64_t *allowed, size_t words,
                             size_t budget, graph_candidate *found);

// link.c
// Links an encoded node on its layers, from several threads at once. False: no memory.
bool innerspace_graph_insert(graph *g, graph_scratch *s, uint32_t node);

// repair.c
// Replaces a node's links to deleted nodes by links to what those led to. Several threads may repair while others walk, but nobody
// inserts meanwhile. s->chosen has room for every link of every link, and s->visited is empty, before and after.
void innerspace_graph_repair(const graph *g, graph_scratch *s, uint32_t node);
bool innerspace_graph_prepare_repair(const graph *g, graph_scratch *s);  // sees to that; false: no memory
uint64_t innerspace_graph_best_entry(const graph *g);                    // among nodes that are not deleted

// check.c
// Whether what was read from outside can be walked: nothing in it leads out of the graph, rows are below rows.
bool innerspace_graph_check(const graph *g, uint32_t rows);

// select.c
graph_probe innerspace_graph_probe(const graph *g, uint32_t node, int8_t *code, bool by_direction);
// Keeps of s->chosen[0..size), which are sorted by their key with some node, those that are nearer to it than to any that is kept,
// at most most of them, at its beginning; returns how many.
size_t innerspace_graph_select(const graph *g, graph_scratch *s, size_t size, size_t most, bool by_direction);
// Chooses among the nodes s->chosen[0..size) the links of a node in a layer, at most as many as there is room for, into s->links.
size_t innerspace_graph_choose(const graph *g, graph_scratch *s, uint32_t node, uint32_t layer, size_t size);
// Adds what is not there yet to s->links, which has count of them; returns how many it has then.
size_t innerspace_graph_merge(graph_scratch *s, size_t count, const graph_entry *entries, size_t size, size_t most);

static inline uint32_t graph_load(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void graph_store(uint32_t *p, uint32_t value) { __atomic_store_n(p, value, __ATOMIC_RELEASE); }

// A node's links in a layer.
typedef struct {
  uint32_t *count, *links, most;
} graph_links;

static inline graph_links graph_links_of(const graph *g, uint32_t node, uint32_t layer) {
  graph_head *head = graph_node(g, node);
  if (layer == 0) return (graph_links){&head->count, head->links, 2 * g->neighbours};
  graph_list *list = graph_upper(g, head->upper + layer - 1);
  return (graph_links){&list->count, list->links, g->neighbours};
}

void innerspace_graph_lock(uint8_t *flag);
void innerspace_graph_unlock(uint8_t *flag);

#endif
