/* tensors_bind.c - see tensors_bind.h. Names are put together on the stack: no family carries a table of them. */
#include "tensors_bind.h"

#include "fault.h"

#include "base.h"

#define MOST_BYTES 64u            /* prefix, part and tail are words of this code: the longest has some 40 bytes */

typedef struct full_name {
  char bytes[MOST_BYTES];
  uint32_t n;
} full_name;

static void put(full_name *name, const char *words) {
  while (*words != '\0' && name->n < MOST_BYTES) name->bytes[name->n++] = *words++;
}

/* The family's name with '_' for '-', a point, part and tail. */
static ink_text name_of(full_name *name, const char *family, const char *part, const char *tail) {
  name->n = 0;
  put(name, family);
  for (uint32_t i = 0; i < name->n; i++)
    if (name->bytes[i] == '-') name->bytes[i] = '_';
  put(name, ".");
  put(name, part);
  put(name, tail);
  return (ink_text){ name->bytes, name->n };
}

bool ink_family_present(const ink_family *family, const ink_tensor_source *tensors) {
  full_name name;
  ink_tensor t;
  return tensors->find(tensors->ctx, name_of(&name, family->name, family->leads, ""), &t);
}

bool ink_bind_find(const ink_bind *b, const char *part, const char *tail, ink_tensor *out) {
  full_name name;
  return b->tensors->find(b->tensors->ctx, name_of(&name, b->family, part, tail), out);
}

ink_status ink_bind_get(const ink_bind *b, const char *part, const char *tail, ink_tensor *out) {
  full_name name;
  if (ink_bind_find(b, part, tail, out)) return INK_OK;
  return ink_refuse(b->fault, INK_E_PACK_MISSING, name_of(&name, b->family, part, tail), "a tensor of this name");
}

ink_status ink_bind_need(const ink_bind *b, const char *part, const char *tail, uint32_t dtype, uint32_t rows, uint32_t columns,
                         ink_tensor *out) {
  const uint32_t want[] = { rows, columns }, rank = columns ? 2 : 1;
  *out = (ink_tensor){ .rank = 0 };
  INK_TRY(ink_bind_get(b, part, tail, out));
  if (out->dtype != dtype) return ink_refuse_dtype(b->fault, out, ink_dtype_name(dtype));
  if (out->rank != rank || out->shape[0] != rows || (rank == 2 && out->shape[1] != columns))
    return ink_refuse_shape(b->fault, out, rank, want);
  return INK_OK;
}

ink_status ink_bind_refuse_value(const ink_bind *b, const ink_tensor *t, const char *unit, uint32_t i, float got, float low, float high) {
  ink_refuse_range(b->fault, INK_E_PACK_VALUE, t->name, (double)got, (double)low, (double)high);
  return ink_refuse_at(b->fault, INK_E_PACK_VALUE, unit, i);
}

ink_status ink_bind_settings(const ink_bind *b, const ink_bounds *bounds, uint32_t n, ink_tensor *out) {
  INK_TRY(ink_bind_need(b, "settings", "", INK_DTYPE_F32, n, 0, out));
  const float *s = out->data;
  for (uint32_t i = 0; i < n; i++)
    if (!(s[i] >= bounds[i].low && s[i] <= bounds[i].high))
      return ink_bind_refuse_value(b, out, "setting", i, s[i], bounds[i].low, bounds[i].high);
  return INK_OK;
}
