/* quantise.h - a trained table of vectors as tensors of a pack: f32, f16, bf16 or int8 rows, or f32 rows with an
 * int8 copy beside them that shortens an exact scan (core/rank/quant.h has the int8 rule). */
#ifndef INK_QUANTISE_H
#define INK_QUANTISE_H

#include "train.h"

enum { INK_PRECISION_F32 = 0, INK_PRECISION_F16, INK_PRECISION_BF16, INK_PRECISION_I8, INK_PRECISION_F32_I8 };
extern const char *const ink_precision_words[];   /* "f32", "f16", "bf16", "int8", "f32+int8", NULL */

/* Adds `<name>` [n, d] in that precision and, for int8, `<name>.scale`, `.sum`, `.err` [n]; for INK_PRECISION_F32_I8 also
 * `<name>8` with its three. `rows` [n, d] in; out: the values that the stored rows stand for, to compute a Gram
 * matrix from. Rounding is to nearest, ties to even; INK_E_DIVERGED when a value does not fit into 16 bits.
 * `name`: at most 40 bytes. */
ink_status ink_quantise_tensor(ink_trained *out, const char *name, uint32_t precision, float *rows, uint32_t n, uint32_t d);

/* The nearest f16 and bf16, ties to even; too large becomes infinite. Not for NaN. */
uint16_t ink_f16_of(float x);
uint16_t ink_bf16_of(float x);
/* Exact. Not for NaN. */
float ink_f16_to_f32(uint16_t h);
float ink_bf16_to_f32(uint16_t h);

#endif
