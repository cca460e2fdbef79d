#include <math.h>
#include <string.h>

#include "graph.h"

#define UNEVEN 0.02f  // rounding to codes changes lengths by less

// One round of the rotation: signs, then a Hadamard transform of the first and one of the last entries, as many as the largest power
// of two that fits. Being orthogonal it keeps inner products; it spreads what stands in a few entries over all of them, so that one
// scale for the whole vector is enough whatever the spaces in it hold.
static void transform(float *x, size_t n) {
  for (size_t half = 1; half < n; half *= 2) {
    for (size_t i = 0; i < n; i += 2 * half) {
      float *a = x + i, *b = x + i + half;
      for (size_t j = 0; j < half; j++) {
        float p = a[j], q = b[j];
        a[j] = p + q;
        b[j] = p - q;
      }
    }
  }
  float norm = 1 / sqrtf((float)n);
  for (size_t i = 0; i < n; i++) x[i] *= norm;
}

static void rotate(const graph *g, float *x) {
  size_t n = g->code_bytes, power = 1;
  while (power * 2 <= n) power *= 2;
  for (int round = 0; round < 2; round++) {
    const float *signs = g->signs + (size_t)round * n;
    for (size_t i = 0; i < n; i++) x[i] *= signs[i];
    transform(x, power);
    if (power < n) transform(x + n - power, power);
  }
}

float innerspace_graph_quantise(const graph *g, const float *vector, float *floats, int8_t *code) {
  size_t n = g->code_bytes;
  memcpy(floats, vector, g->dimension * sizeof *floats);
  memset(floats + g->dimension, 0, (n - g->dimension) * sizeof *floats);
  rotate(g, floats);
  float largest = 0;
  for (size_t i = 0; i < n; i++) {
    float size = fabsf(floats[i]);
    largest = size > largest ? size : largest;
  }
  if (!(largest > 1e-30f)) {  // one over it would be infinite
    memset(code, 0, n);
    return 0;
  }
  float inverse = 127 / largest;
  for (size_t i = 0; i < n; i++) code[i] = (int8_t)lrintf(floats[i] * inverse);
  return largest / 127;
}

int32_t innerspace_graph_offset(const int8_t *code, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; i++) sum += code[i];
  return 128 * sum;
}

float innerspace_graph_code(const graph *g, graph_scratch *s, const float *vector) {
  float scale = innerspace_graph_quantise(g, vector, s->floats, s->query);
  for (size_t i = 0; i < g->code_bytes; i++) s->codes[i] = (int8_t)(s->query[i] ^ -128);
  return scale;
}

void innerspace_graph_encode(graph *g, graph_scratch *s, uint32_t node, uint32_t row, const float *vector) {
  graph_head *head = graph_node(g, node);
  uint8_t *code = graph_code(g, node);
  head->scale = innerspace_graph_quantise(g, vector, s->floats, s->query);
  head->offset = innerspace_graph_offset(s->query, g->code_bytes);
  double square = 0;
  for (size_t i = 0; i < g->code_bytes; i++) {
    square += (double)s->query[i] * s->query[i];
    code[i] = (uint8_t)(s->query[i] + 128);
  }
  head->direction = square > 0 ? (float)(1 / sqrt(square)) : 0;
  float length = (float)(head->scale * sqrt(square));
  if (g->length == 0) g->length = length;
  if (fabsf(length - g->length) > UNEVEN * g->length) g->uneven = true;
  head->count = 0;
  head->bypassed = 0;
  for (uint32_t i = 0; i < head->level; i++) graph_upper(g, head->upper + i)->count = 0;
  graph_store(&head->row, row);
}
