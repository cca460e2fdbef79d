// The two passes of Pillow's resampler on 8-bit RGB: 32-bit sums of pixels times
// coefficients with RESAMPLE_BITS fractional bits, rounded and clipped.
#ifndef INNERSPACE_RESAMPLE_H
#define INNERSPACE_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define RESAMPLE_BITS 22

// int32 values of scratch that the horizontal pass takes for each source column.
#define RESAMPLE_SCRATCH 8

// What one output is made of: the sum over the counts[i] source pixels (or rows)
// from firsts[i] on, times coefficients[i * taps ...].
typedef struct {
  size_t outputs, taps;
  const int32_t *firsts, *counts, *coefficients;
} resample_axis;

// Resamples `rows` rows of source_width pixels to rows of axis->outputs pixels.
void innerspace_resample_horizontal(const uint8_t *source, size_t source_width, size_t rows, uint8_t *out, const resample_axis *axis,
                                    int32_t *scratch);

// Resamples rows of row_bytes bytes to axis->outputs rows.
void innerspace_resample_vertical(const uint8_t *source, size_t row_bytes, uint8_t *out, const resample_axis *axis);

#endif
