// Codes: vectors as bytes, with what it takes to bound how far they are off. codes.go has the layout and the bound.
#ifndef INNERSPACE_CODES_H
#define INNERSPACE_CODES_H

#include <stddef.h>
#include <stdint.h>

#define CODES_GROUP 16       // rows that lie interleaved
#define CODES_BLOCK 64       // entries that share a step
#define CODES_HEADER 64      // bytes before the bytes of a block: steps, residuals, lengths
#define CODES_RESIDUALS 32   // where in a header the residuals lie
#define CODES_LENGTHS 48     // and the lengths
#define CODES_ZERO 128       // the byte of 0
#define CODES_RESIDUAL_UNITS 60.0  // a residual of 60 is one step
#define CODES_LENGTH_UNIT 4.0      // a length of 1 is four steps
#define CODES_STEP_LEAST 0x1p-120  // no step is smaller: products of steps with anything counted stay normal

static inline size_t codes_blocks(size_t dimension) { return (dimension + CODES_BLOCK - 1) / CODES_BLOCK; }

// The entries of a block that lie in the codes: those of the last block are filled up to a multiple of four.
static inline size_t codes_width(size_t dimension, size_t block) {
  size_t rest = dimension - block * CODES_BLOCK;
  return rest >= CODES_BLOCK ? CODES_BLOCK : (rest + 3) & ~(size_t)3;
}

static inline size_t codes_group_bytes(size_t dimension) {
  return codes_blocks(dimension) * CODES_HEADER + ((dimension + 3) & ~(size_t)3) * CODES_GROUP;
}

// A step as it is stored: the upper half of a float's bits.
static inline float codes_step(const uint8_t *header, size_t lane) {
  union {
    uint32_t bits;
    float value;
  } step = {((uint32_t)header[2 * lane] | (uint32_t)header[2 * lane + 1] << 8) << 16};
  return step.value;
}

// Writes `rows` vectors of `dimension` floats as the rows from `first` on of codes. Returns an upper bound
// of their lengths: infinity where one is longer than any that codes are good for, or not finite.
float innerspace_codes_write(const float *vectors, size_t rows, size_t dimension, uint8_t *codes, size_t first);

#endif
