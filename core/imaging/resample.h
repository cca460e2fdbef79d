// The two passes of Pillow's resampler on 8-bit RGB: 32-bit sums of pixels times
// coefficients with RESAMPLE_BITS fractional bits, rounded and clipped.
#ifndef INNERSPACE_RESAMPLE_H
#define INNERSPACE_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define RESAMPLE_BITS 22

// Makes `outputs` pixels in each of `rows` rows. Output i is the sum over the
// counts[i] source pixels from firsts[i] on, times coefficients[i * taps ...].
void innerspace_resample_horizontal(const uint8_t *source, size_t source_width, size_t rows, uint8_t *out, size_t outputs, const int32_t *firsts,
                                    const int32_t *counts, const int32_t *coefficients, size_t taps);

// Makes `outputs` rows of row_bytes bytes; rows of the source in the place of pixels.
void innerspace_resample_vertical(const uint8_t *source, size_t row_bytes, uint8_t *out, size_t outputs, const int32_t *firsts,
                                  const int32_t *counts, const int32_t *coefficients, size_t taps);

#endif
