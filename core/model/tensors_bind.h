/* tensors_bind.h - a family's tensors by the part of their name behind the prefix: "items" is `als.items` while als is
 * bound and `pure_svd.items` while pure-svd is. So families that share their doors differ in one word. */
#ifndef INK_TENSORS_BIND_H
#define INK_TENSORS_BIND_H

#include "model.h"

/* Is the family in these tensors at all? Looks for its leading part only. */
bool ink_family_present(const ink_family *family, const ink_tensor_source *tensors);
/* The tensor `<prefix>.<part><tail>`. `tail` is "" or what the parts of one matrix differ in (".scale"). */
bool ink_bind_find(const ink_bind *b, const char *part, const char *tail, ink_tensor *out);
/* The same, and INK_E_PACK_MISSING where there is none. */
ink_status ink_bind_get(const ink_bind *b, const char *part, const char *tail, ink_tensor *out);
/* A tensor that must be there, of this type and shape (rank 1, or 2 when `columns` is not 0). */
ink_status ink_bind_need(const ink_bind *b, const char *part, const char *tail, uint32_t dtype, uint32_t rows, uint32_t columns,
                         ink_tensor *out);
/* INK_E_PACK_VALUE: element `i` of t, called `unit`, is `got`; allowed is low to high. */
ink_status ink_bind_refuse_value(const ink_bind *b, const ink_tensor *t, const char *unit, uint32_t i, float got, float low, float high);

/* Least and most of one setting. */
typedef struct ink_bounds { float low, high; } ink_bounds;
/* `settings` F32 [n], each within its bounds (both ends allowed). */
ink_status ink_bind_settings(const ink_bind *b, const ink_bounds *bounds, uint32_t n, ink_tensor *out);

#endif
