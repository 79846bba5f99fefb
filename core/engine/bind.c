/* bind.c - see bind.h. A pack's tensors may come from anybody: kinds are checked here in full, the
 * tensors of a family by its own bind door. */
#include "bind.h"

#include "caps.h"
#include "fault.h"
#include "tensors_bind.h"
#include "utf8.h"

#include "base.h"

#define TEXT(words) { words, sizeof(words) - 1 }
#define NAME(words) ((ink_text)TEXT(words))

/* -------------------------------------------------------------------- kinds */

static const char standard_bytes[] = "view" "click" "like" "purchase" "dislike" "rating" "hide";
static const uint32_t standard_ends[] = { 4, 9, 13, 21, 28, 34, 38 };
static const float standard_weights[] = { 1, 1, 5, 10, -5, 1, 0 };

static ink_text kind_name(const ink_kinds *kinds, uint32_t i) {
  const uint32_t start = i == 0 ? 0 : kinds->ends[i - 1];
  return (ink_text){ kinds->bytes + start, kinds->ends[i] - start };
}

uint32_t ink_kinds_find(const ink_kinds *kinds, ink_text kind) {
  for (uint32_t i = 0; i < kinds->n; i++)
    if (ink_text_equal(kind_name(kinds, i), kind)) return i;
  return INK_NONE;
}

float ink_kinds_weight(const ink_kinds *kinds, uint32_t kind) {
  return kind == INK_NONE ? 1.0f : kinds->weights[kind];
}

/* A vector that must be there; n INK_NONE = any length, which is handed out. */
static ink_status need(const ink_tensor_source *tensors, ink_text name, uint32_t dtype, uint32_t n, ink_tensor *out,
                       ink_fault *fault) {
  if (!tensors->find(tensors->ctx, name, out)) return ink_refuse(fault, INK_E_PACK_MISSING, name, "a tensor of this name");
  if (out->dtype != dtype) return ink_refuse_dtype(fault, out, ink_dtype_name(dtype));
  if (out->rank != 1 || (n != INK_NONE && out->shape[0] != n)) return ink_refuse_shape(fault, out, 1, &n);
  return INK_OK;
}

static ink_status check_ends(const ink_kinds *kinds, uint32_t n_bytes, ink_fault *fault) {
  const ink_text name = NAME("events.kinds.ends");
  uint32_t start = 0;
  for (uint32_t i = 0; i < kinds->n; start = kinds->ends[i++]) {
    const uint32_t end = kinds->ends[i];
    if (end > start && end - start <= INK_CAP_KIND_BYTES && end <= n_bytes) continue;
    ink_refuse(fault, INK_E_PACK_ENDS, name, "ends that rise by 1 to 32 and stay within events.kinds.bytes");
    return ink_refuse_at(fault, INK_E_PACK_ENDS, "kind", i);
  }
  return start == n_bytes ? INK_OK : ink_refuse_range(fault, INK_E_PACK_ENDS, name, start, n_bytes, n_bytes);
}

static ink_status check_names(const ink_kinds *kinds, ink_fault *fault) {
  for (uint32_t i = 0; i < kinds->n; i++) {
    const ink_text name = kind_name(kinds, i);
    for (uint32_t b = 0; b < name.n; b++) {
      const char c = name.bytes[b];
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-') continue;
      ink_refuse_text(fault, INK_E_PACK_VALUE, NAME("events.kinds.bytes"), name, "names of [a-z0-9_-]");
      return ink_refuse_at(fault, INK_E_PACK_VALUE, "kind", i);
    }
    if (ink_kinds_find(kinds, name) == i) continue;
    ink_refuse_text(fault, INK_E_PACK_DUPLICATE, NAME("events.kinds.bytes"), name, "each kind once");
    return ink_refuse_at(fault, INK_E_PACK_DUPLICATE, "kind", i);
  }
  return INK_OK;
}

static ink_status check_weights(const ink_kinds *kinds, ink_fault *fault) {
  for (uint32_t i = 0; i < kinds->n; i++) {
    const float w = kinds->weights[i];
    if (w >= -INK_CAP_WEIGHT && w <= INK_CAP_WEIGHT) continue;
    ink_refuse_range(fault, INK_E_PACK_VALUE, NAME("events.kinds.weights"), (double)w, (double)-INK_CAP_WEIGHT, (double)INK_CAP_WEIGHT);
    return ink_refuse_at(fault, INK_E_PACK_VALUE, "kind", i);
  }
  return INK_OK;
}

static ink_status bind_kinds(const ink_tensor_source *tensors, const ink_tensor *bytes, ink_kinds *out, ink_fault *fault) {
  ink_tensor ends, weights;
  if (bytes->dtype != INK_DTYPE_U8) return ink_refuse_dtype(fault, bytes, "U8");
  if (bytes->rank != 1) return ink_refuse_shape(fault, bytes, 1, &(const uint32_t){ INK_NONE });
  INK_TRY(need(tensors, NAME("events.kinds.ends"), INK_DTYPE_U32, INK_NONE, &ends, fault));
  if (ends.shape[0] > INK_CAP_KINDS) return ink_refuse_range(fault, INK_E_LIMIT, ends.name, ends.shape[0], 0, INK_CAP_KINDS);
  INK_TRY(need(tensors, NAME("events.kinds.weights"), INK_DTYPE_F32, ends.shape[0], &weights, fault));
  out->bytes = bytes->data;
  out->ends = ends.data;
  out->weights = weights.data;
  out->n = ends.shape[0];
  INK_TRY(check_ends(out, bytes->shape[0], fault));
  INK_TRY(check_names(out, fault));
  return check_weights(out, fault);
}

ink_status ink_kinds_bind(const ink_tensor_source *tensors, ink_kinds *out, ink_fault *fault) {
  ink_kinds kinds = { standard_bytes, standard_ends, standard_weights, INK_COUNT_OF(standard_ends), -INK_CAP_MAGNITUDE };
  ink_tensor bytes, rating;
  if (tensors->find(tensors->ctx, NAME("events.kinds.bytes"), &bytes)) INK_TRY(bind_kinds(tensors, &bytes, &kinds, fault));
  if (tensors->find(tensors->ctx, NAME("events.rating"), &rating)) {
    INK_TRY(need(tensors, NAME("events.rating"), INK_DTYPE_F32, 3, &rating, fault));
    const float *scale = rating.data;
    if (scale[1] < scale[0])
      return ink_refuse_range(fault, INK_E_PACK_VALUE, rating.name, (double)scale[1], (double)scale[0], (double)INK_CAP_MAGNITUDE);
    kinds.liked_from = scale[2];
  }
  *out = kinds;
  return INK_OK;
}

/* ----------------------------------------------------------------- families */

static bool find_in_pack(const void *ctx, ink_text name, ink_tensor *out) {
  return ink_pack_tensor(ctx, name, out) == INK_OK;
}

ink_tensor_source ink_bind_source(const ink_pack *pack) {
  return (ink_tensor_source){ pack, find_in_pack };
}

ink_status ink_bind_families(const ink_tensor_source *tensors, const ink_family **out, uint32_t *n, ink_fault *fault) {
  uint32_t kept = 0, with_tensors = 0;
  INK_ASSERT(ink_n_families <= INK_CAP_FAMILIES);
  for (uint32_t i = 0; i < ink_n_families; i++) {
    const bool present = ink_family_present(ink_families[i], tensors);
    if (present) with_tensors++;
    if (present || i == ink_n_families - 1) out[kept++] = ink_families[i];
  }
  if (with_tensors == 0)
    return ink_refuse(fault, INK_E_PACK_NO_MODEL, (ink_text){ 0 }, "als.items or popular.scores");
  *n = kept;
  return INK_OK;
}
