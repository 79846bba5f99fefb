/* fit_popular.c - how many people chose each item. Every trainer adds this tensor to its pack: it answers when a
 * history is empty or names no item that the pack knows.
 *
 * People are counted, not events: one person who plays a song a thousand times is one listener. */
#include "fit_popular.h"

#include "blocks.h"
#include "utf8.h"
#include "base.h"

/* One person's items: their weights are summed up, then those above 0 counted; `sum` is left as it was found. */
static void count_person(const ink_dataset *d, uint32_t person, float *sum, uint8_t *met, float *scores) {
  const uint64_t first = d->user_starts[person], end = d->user_starts[person + 1];
  for (uint64_t e = first; e < end; e++) {
    sum[d->item[e]] += ink_event_weight(d, e);
    met[d->item[e]] = 1;
  }
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = d->item[e];
    if (!met[item]) continue;
    if (sum[item] > 0.0f) scores[item] += 1.0f;
    sum[item] = 0.0f;
    met[item] = 0;
  }
}

static bool has_scores(const ink_trained *out) {
  for (uint32_t i = 0; i < out->n_tensors; i++)
    if (ink_text_equal(out->tensors[i].name, ink_text_of("popular.scores"))) return true;
  return false;
}

ink_status ink_popular_tensor(const ink_dataset *data, const ink_train_env *env, ink_trained *out) {
  const uint32_t n = data->items.n;
  void *scores;
  if (has_scores(out)) return INK_OK;
  INK_TRY(ink_trained_tensor(out, "popular.scores", INK_DTYPE_F32, 1, &n, &scores));
  float *sum = ink_block_resize(&env->allocator, NULL, n, sizeof *sum);
  uint8_t *met = ink_block_resize(&env->allocator, NULL, n, sizeof *met);
  const ink_status status = sum != NULL && met != NULL ? INK_OK : INK_E_NO_MEMORY;
  for (uint32_t i = 0; i < n && status == INK_OK; i++) {
    sum[i] = 0.0f;
    met[i] = 0;
  }
  for (uint32_t p = 0; p < data->users.n && status == INK_OK; p++) count_person(data, p, sum, met, scores);
  ink_block_free(&env->allocator, sum);
  ink_block_free(&env->allocator, met);
  return status;
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  (void)values;
  (void)seed;
  return ink_popular_tensor(data, env, out);
}

const ink_trainer ink_trainer_popular = { .name = "popular", .about = "what most people chose, the same for everybody", .fit = fit };
