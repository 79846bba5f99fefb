/* quant.h - rows of floats to int8 with one scale a row, and queries to 7 bits.
 * row: scale = max|x|/127, q = round half to even of x/scale, err = norm of (x - scale*q), rounded up.
 * query: scale = max|q|/63, signed step in -63..63, offset by 64 to 1..127 (what VNNI and relaxed SIMD
 * need to be exact). dot of the offset query = dot of the signed one + 64 * sum(row). */
#ifndef INK_QUANT_H
#define INK_QUANT_H

#include "inkling.h"

#define INK_QUERY_OFFSET 64

/* One row x [d] to out [d]; scale, sum of out, and err. A row of zeros has scale 0. */
void ink_quant_row(const float *x, size_t d, int8_t *out, float *scale, int32_t *sum, float *err);
/* Norm of scale*row, rounded up: what the bound of a certified scan needs (computed when a model is bound). */
float ink_quant_norm(const int8_t *row, size_t d, float scale);
/* q [d] to out [d] in 1..127. lost = upper bound of the norm of (q - scale*(out-64)). */
void ink_quant_query(const float *q, size_t d, uint8_t *out, float *scale, float *lost);

#endif
