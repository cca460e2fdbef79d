// Codes: vectors as bytes, with what it takes to bound how far they are off. codes.go has the layout and the bound.
#ifndef INNERSPACE_CODES_H
#define INNERSPACE_CODES_H

#include <stddef.h>
#include <stdint.h>

#define CODES_ROWS 64    // room is made for a multiple of so many
#define CODES_BLOCK 64   // entries that share a step
#define CODES_HALF 32    // half of them: bytes of a block among upper or lower halves
#define CODES_NARROW 16  // bytes of a last block of few entries there
#define CODES_ZERO 128   // the byte of 0
#define CODES_UPPER 16   // what the upper half of a byte counts
#define CODES_UPPER_ZERO 7.5        // the upper half that stands for 0: that of the middle between its bytes
#define CODES_LOWER_ZERO 8          // the lower half of that middle
#define CODES_RESIDUAL_UNITS 60.0   // a residual of 60 is one step
#define CODES_UPPER_UNITS 3.5       // a residual of the upper halves of 3.5 is one step
#define CODES_LENGTH_UNIT 4.0       // a length of 1 is four steps
#define CODES_UPPER_LENGTH 64.0     // steps by which leaving out the lower halves may change a length: 8 for each entry
#define CODES_STEP_LEAST 0x1p-120   // no step is smaller: products of steps with anything counted stay normal

static inline size_t codes_blocks(size_t dimension) { return (dimension + CODES_BLOCK - 1) / CODES_BLOCK; }

// The bytes of a row's upper halves, and of its lower ones.
static inline size_t codes_halves(size_t dimension) { return (dimension + 2 * CODES_NARROW - 1) / (2 * CODES_NARROW) * CODES_NARROW; }

// The bytes of a block among them: a half of its entries, those of the last block filled up.
static inline size_t codes_half(size_t dimension, size_t block) {
  size_t rest = codes_halves(dimension) - block * CODES_HALF;
  return rest < CODES_HALF ? rest : CODES_HALF;
}

// Codes of rows one after the other: their upper halves in the one place, their lower halves in the other.
typedef struct {
  uint8_t *uppers, *lowers;
} codes_rows;

// How many bytes a row has in each, and what lies where in them.
typedef struct {
  size_t blocks;
  size_t upper;                   // bytes of a row: first the steps of its blocks,
  size_t residuals, lengths, uppers;  // then the residuals of its upper halves, its lengths, and the upper halves
  size_t lower;                   // bytes of a row: first its residuals,
  size_t lowers;                  // then the lower halves
} codes_layout;

static inline codes_layout codes_layout_of(size_t dimension) {
  size_t blocks = codes_blocks(dimension), halves = codes_halves(dimension);
  return (codes_layout){blocks, 4 * blocks + halves, 2 * blocks, 3 * blocks, 4 * blocks, blocks + halves, blocks};
}

// The step of a block, as it is stored: the upper half of a float's bits.
static inline float codes_step(const uint8_t *upper, size_t block) {
  union {
    uint32_t bits;
    float value;
  } step = {((uint32_t)upper[2 * block] | (uint32_t)upper[2 * block + 1] << 8) << 16};
  return step.value;
}

// Writes `rows` vectors of `dimension` floats as the rows from `first` on of codes. Returns an upper bound
// of their lengths: infinity where one is longer than any that codes are good for, or not finite.
float innerspace_codes_write(const float *vectors, size_t rows, size_t dimension, uint8_t *uppers, uint8_t *lowers, size_t first);

#endif
