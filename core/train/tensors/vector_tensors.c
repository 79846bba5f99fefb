/* vector_tensors.c - see vector_tensors.h. */
#include "vector_tensors.h"

#include "blocks.h"
#include "fault.h"
#include "fit_popular.h"
#include "mem.h"
#include "quantise.h"
#include "utf8.h"
#include "base.h"

/* "<family>.<part>" with '_' for '-', of at most 63 bytes. */
typedef struct name { char text[64]; } name;

static name named(const ink_vectors *v, const char *part) {
  const char *const pieces[] = { v->trainer->name, ".", part };
  name joined = { { 0 } };
  size_t n = 0;
  for (size_t p = 0; p < INK_COUNT_OF(pieces); p++)
    for (const char *c = pieces[p]; *c != '\0' && n + 1 < sizeof joined.text; c++) joined.text[n++] = *c == '-' ? '_' : *c;
  return joined;
}

/* Rows without their padding. */
static void tighten(const float *rows, size_t stride, uint32_t n, uint32_t d, float *out) {
  for (uint32_t r = 0; r < n; r++) ink_mem_copy(out + (size_t)r * d, rows + r * stride, d * sizeof *out);
}

static ink_status add_rows(const ink_vectors *v, const char *part, const float *from, const ink_train_env *env, ink_trained *out) {
  float *rows;
  INK_NEW(&env->allocator, (uint64_t)v->n_items * v->d, &rows);
  tighten(from, v->stride, v->n_items, v->d, rows);
  const ink_status status = ink_quantise_tensor(out, named(v, part).text, v->precision, rows, v->n_items, v->d);
  ink_block_free(&env->allocator, rows);
  if (status == INK_E_DIVERGED) return ink_refuse(env->fault, status, ink_text_of("precision"), "f32: vectors are too long for f16");
  return status;
}

static ink_status add_floats(const ink_vectors *v, const char *part, const float *from, uint32_t n, ink_trained *out) {
  void *data;
  INK_TRY(ink_trained_tensor(out, named(v, part).text, INK_DTYPE_F32, 1, &n, &data));
  ink_mem_copy(data, from, n * sizeof *from);
  return INK_OK;
}

static ink_status add_people(const ink_vectors *v, ink_trained *out) {
  void *vectors;
  if (v->people == NULL) return INK_OK;
  INK_TRY(ink_trained_block(out, (size_t)v->n_people * v->d * sizeof(float), &vectors));
  tighten(v->people, v->stride, v->n_people, v->d, vectors);
  out->people_vectors = vectors;
  out->n_people = v->n_people;
  out->people_d = v->d;
  return INK_OK;
}

/* Every setting of the trainer as `<family>.<setting>`. */
static ink_status add_metadata(const ink_vectors *v, ink_trained *out) {
  for (uint32_t i = 0; i < v->trainer->n_settings; i++) {
    const ink_setting *s = &v->trainer->settings[i];
    const name key = named(v, s->name);
    INK_TRY(s->words != NULL ? ink_trained_meta(out, key.text, s->words[(uint32_t)v->values[i]])
                             : ink_trained_meta_number(out, key.text, (float)v->values[i]));
  }
  return INK_OK;
}

ink_status ink_vector_tensors(const ink_vectors *v, const ink_dataset *data, const ink_train_env *env, ink_trained *out) {
  INK_TRY(add_rows(v, "items", v->items, env, out));
  if (v->fold != NULL) INK_TRY(add_rows(v, "fold", v->fold, env, out));
  if (v->bias != NULL) INK_TRY(add_floats(v, "bias", v->bias, v->n_items, out));
  INK_TRY(add_floats(v, "settings", v->settings, FACTOR_N_SETTINGS, out));
  INK_TRY(add_people(v, out));
  INK_TRY(add_metadata(v, out));
  return ink_popular_tensor(data, env, out);
}
