/* dataset_kinds.c - what an event of each kind weighs: the usual table, and "like=3,share=2" over it. */
#include "blocks.h"
#include "caps.h"
#include "dataset_build.h"
#include "decimal.h"
#include "fault.h"
#include "fields.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

static const struct { const char *kind; float weight; } USUAL[] = {
  { "view", 1.0f }, { "click", 1.0f }, { "like", 5.0f }, { "purchase", 10.0f },
  { "dislike", -5.0f }, { "rating", 1.0f }, { "hide", 0.0f },
};

float ink_kind_weight(ink_text kind) {
  for (size_t i = 0; i < INK_COUNT_OF(USUAL); i++)
    if (ink_text_equal(kind, ink_text_of(USUAL[i].kind))) return USUAL[i].weight;
  return 1.0f;
}

ink_text ink_usual_kind(uint32_t i) {
  return i < INK_COUNT_OF(USUAL) ? ink_text_of(USUAL[i].kind) : (ink_text){ "", 0 };
}

bool ink_dataset_unusual_kinds(const ink_dataset *d) {
  for (uint32_t k = 0; k < d->kinds.n; k++)
    if (d->kind_weight[k] != ink_kind_weight(ink_names_at(&d->kinds, k))) return true;
  return false;
}

uint32_t ink_pack_kind(const ink_dataset *d, uint32_t k) {
  if (ink_dataset_unusual_kinds(d)) return k;
  for (uint32_t i = 0; i < INK_COUNT_OF(USUAL); i++)
    if (ink_text_equal(ink_names_at(&d->kinds, k), ink_text_of(USUAL[i].kind))) return i;
  return INK_NONE;
}

uint32_t ink_pack_kinds(const ink_dataset *d) {
  uint32_t n = d->kinds.n;
  if (!ink_dataset_unusual_kinds(d)) return (uint32_t)INK_COUNT_OF(USUAL);
  for (uint32_t i = 0; i < INK_COUNT_OF(USUAL); i++) n += ink_names_find(&d->kinds, ink_text_of(USUAL[i].kind)) == INK_NONE;
  return n;
}

bool ink_kind_is_legal(ink_text kind) {
  if (kind.n == 0 || kind.n > INK_CAP_KIND_BYTES) return false;
  for (uint32_t i = 0; i < kind.n; i++) {
    const char c = kind.bytes[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return false;
  }
  return true;
}

static ink_status weigh(ink_dataset *d, ink_text kind, ink_text weight, const ink_train_env *env) {
  uint32_t number;
  double x;
  if (!ink_kind_is_legal(kind))
    return ink_refuse_text(env->fault, INK_E_SETTING, NAME("kinds"), kind, "like=3,share=2: kinds of 1 to 32 [a-z0-9_-]");
  if (!ink_decimal_parse(weight, &x) || !(x >= -(double)INK_CAP_WEIGHT && x <= (double)INK_CAP_WEIGHT))
    return ink_refuse_text(env->fault, INK_E_SETTING, kind, weight, "a weight within +-1e6");
  const uint32_t n_before = d->kinds.n;
  INK_TRY(ink_names_add(&d->kinds, &d->allocator, kind, &number));
  if (d->kinds.n > INK_CAP_KINDS) return ink_refuse_range(env->fault, INK_E_LIMIT, NAME("kinds"), d->kinds.n, 1, INK_CAP_KINDS);
  if (d->kinds.n > n_before) INK_GROW(&d->allocator, d->kinds.n, &d->kind_weight);
  d->kind_weight[number] = (float)x;
  return INK_OK;
}

ink_status ink_dataset_weigh_kinds(ink_dataset *d, const ink_read_options *options, const ink_dataset *from,
                                   const ink_train_env *env) {
  const uint32_t n_from = from != NULL ? from->kinds.n : 0;    /* these stand first, under the same numbers */
  INK_GROW(&d->allocator, d->kinds.n, &d->kind_weight);
  for (uint32_t k = 0; k < d->kinds.n; k++)
    d->kind_weight[k] = k < n_from ? from->kind_weight[k] : ink_kind_weight(ink_names_at(&d->kinds, k));
  d->liked_from = from != NULL ? from->liked_from : -INK_CAP_MAGNITUDE;
  if (options->liked_from != NULL) d->liked_from = *options->liked_from;
  ink_text rest = ink_text_of(options->kind_weights), kind, weight;
  while (ink_fields_next_pair(&rest, &kind, &weight)) INK_TRY(weigh(d, kind, weight, env));
  return INK_OK;
}
