/* factor_tensors.c - see factor_tensors.h. */
#include "factor_tensors.h"

#include "fault.h"
#include "mem.h"
#include "pair_tensors.h"
#include "quantise.h"
#include "utf8.h"
#include "base.h"

static ink_status add_rows(const ink_factor_parts *p, const char *suffix, uint32_t precision, float *rows, const ink_train_env *env, ink_trained *out) {
  char name[40];
  size_t n = 0;
  for (const char *c = p->prefix; *c != '\0'; c++) name[n++] = *c;
  for (const char *c = suffix; *c != '\0'; c++) name[n++] = *c;
  name[n] = '\0';
  const ink_status status = ink_quantise_tensor(out, name, precision, rows, p->n, p->d);
  if (status != INK_E_DIVERGED) return status;
  return ink_refuse(env->fault, status, ink_text_of("precision"), "f32: vectors are too long for f16");
}

ink_status ink_factor_tensors(const ink_factor_parts *p, const ink_train_env *env, ink_trained *out) {
  void *data;
  INK_TRY(ink_pair_vector(out, p->prefix, ".settings", INK_DTYPE_F32, FACTOR_N_SETTINGS, &data));
  ink_mem_copy(data, p->settings, sizeof p->settings);
  INK_TRY(add_rows(p, ".items", p->precision, p->items, env, out));
  if (p->bias != NULL) {
    INK_TRY(ink_pair_vector(out, p->prefix, ".bias", INK_DTYPE_F32, p->n, &data));
    ink_mem_copy(data, p->bias, p->n * sizeof *p->bias);
  }
  if (p->fold == NULL) return INK_OK;
  return add_rows(p, ".fold", p->precision == INK_PRECISION_F32_I8 ? INK_PRECISION_F32 : p->precision, p->fold, env, out);
}
