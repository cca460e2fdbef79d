// Comparisons of a column of numbers, 64 rows a word.
#ifndef INNERSPACE_NUMBERS_H
#define INNERSPACE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

// The paths. A path is there if innerspace_numbers_paths has its bit; all find the same.
enum { NUMBERS_PORTABLE, NUMBERS_AVX2, NUMBERS_AVX512, NUMBERS_PATHS };

unsigned innerspace_numbers_paths(void);

// Both have 64 values for each of the words. A bit of into is set where a row is needed, present, and its value is as asked for; the values of
// words where that cannot be are not even read.

// Finds values from low to low + width.
void innerspace_numbers_between(unsigned path, const int64_t *values, const uint64_t *present, const uint64_t *need, uint64_t *into, size_t words,
                                int64_t low, uint64_t width);

// Finds values for which table is 1 at value - low; it is 0 or 1 from 0 to width, and 0 at width, which stands for whatever is outside.
void innerspace_numbers_one_of(const int64_t *values, const uint64_t *present, const uint64_t *need, uint64_t *into, size_t words, int64_t low,
                               uint64_t width, const uint8_t *table);

#endif
