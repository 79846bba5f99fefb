/* pair_tensors.c - see pair_tensors.h. */
#include "pair_tensors.h"

#include "mem.h"
#include "base.h"

static float magnitude(float x) { return x < 0.0f ? -x : x; }

static void name_into(char *to, const char *prefix, const char *suffix) {
  size_t n = 0;
  while (prefix[n]) to[n] = prefix[n], n++;
  for (size_t i = 0; suffix[i]; i++) to[n++] = suffix[i];
  to[n] = 0;
}

ink_status ink_pair_vector(ink_trained *out, const char *prefix, const char *suffix, uint32_t dtype, uint32_t n, void **data) {
  char name[64];
  name_into(name, prefix, suffix);
  return ink_trained_tensor(out, name, dtype, 1, &n, data);
}

ink_status ink_pair_ends(ink_trained *out, const char *prefix, uint32_t n_rows, uint32_t **ends) {
  void *data;
  INK_TRY(ink_pair_vector(out, prefix, ".ends", INK_DTYPE_U32, n_rows, &data));
  *ends = data;
  return INK_OK;
}

ink_status ink_pair_cols(ink_trained *out, const ink_pair_rows *rows, const uint32_t *cols) {
  const bool narrow = rows->n_cols <= 65536;
  const uint32_t n_pairs = rows->ends[rows->n_rows - 1];
  void *data;
  INK_TRY(ink_pair_vector(out, rows->prefix, ".cols", narrow ? INK_DTYPE_U16 : INK_DTYPE_U32, n_pairs, &data));
  for (uint32_t z = 0; z < n_pairs; z++) {
    if (narrow) ((uint16_t *)data)[z] = (uint16_t)cols[z];
    else ((uint32_t *)data)[z] = cols[z];
  }
  return INK_OK;
}

ink_status ink_pair_values(ink_trained *out, const ink_pair_rows *rows, const char *suffix, const char *scale_suffix, const float *numbers) {
  const uint32_t n_pairs = rows->ends[rows->n_rows - 1];
  void *data, *scales;
  INK_TRY(ink_pair_vector(out, rows->prefix, suffix, rows->f32 ? INK_DTYPE_F32 : INK_DTYPE_I8, n_pairs, &data));
  if (rows->f32) {
    ink_mem_copy(data, numbers, (size_t)n_pairs * sizeof(float));
    return INK_OK;
  }
  INK_TRY(ink_pair_vector(out, rows->prefix, scale_suffix, INK_DTYPE_F32, rows->n_rows, &scales));
  for (uint32_t i = 0; i < rows->n_rows; i++) {
    const uint32_t first = i ? rows->ends[i - 1] : 0;
    float most = 0.0f;
    for (uint32_t z = first; z < rows->ends[i]; z++) most = magnitude(numbers[z]) > most ? magnitude(numbers[z]) : most;
    const float scale = most / 127.0f;
    ((float *)scales)[i] = scale;
    for (uint32_t z = first; z < rows->ends[i]; z++) {
      const float steps = scale > 0.0f ? numbers[z] / scale : 0.0f;
      ((int8_t *)data)[z] = (int8_t)(steps + (steps < 0.0f ? -0.5f : 0.5f));
    }
  }
  return INK_OK;
}
