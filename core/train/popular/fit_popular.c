/* fit_popular.c - how many people chose each item, of late or ever. Every trainer adds this tensor to its pack: it answers
 * when a history is empty or names no item that the pack knows.
 *
 * People are counted, not events: one person who plays a song a thousand times is one listener. With a half-life h a person
 * counts 2^(-age / h), age being that of the newest of her events with the item, reckoned from the newest event of all.
 * Trending: how much more of late than an item's share of all lets expect, (recent - expected) / sqrt(expected + 1):
 * the deviation of a count from its mean in units of its own spread (Poisson). */
#include "fit_popular.h"

#include "blocks.h"
#include "diverse.h"
#include "fault.h"
#include "fmath.h"
#include "utf8.h"
#include "base.h"

enum { COUNT, TRENDING };
static const char *const rank_words[] = { "count", "trending", NULL };

enum { RANK, HALF_LIFE, DIVERSITY, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [RANK] = { "rank", "count: what most people chose; trending: what more chose of late than ever before", COUNT, 0, 1, true, rank_words },
  [HALF_LIFE] = { "half_life", "days after which a person counts half; 0: never (count), 7 (trending)", 0, 0, 36500, false, NULL },
  [DIVERSITY] = { "diversity", "how much an item falls behind one that it resembles (words, tags); 0: not at all", 0.3, 0, 1, false, NULL },
};

#define DAY_MS 86400000.0
#define TRENDING_DAYS 7.0

typedef struct counting {
  const ink_dataset *d;
  double half_life;               /* ms; 0: none */
  int64_t newest;                 /* of all events */
  float *sum;                     /* [n_items] of the weights of one person's events, */
  int64_t *time;                  /* [n_items]   and the newest of their times */
  uint8_t *met;                   /* [n_items] */
  double *all, *recent;           /* [n_items] people; people by age */
} counting;

static double age_weight(const counting *c, int64_t time) {
  if (c->half_life == 0.0) return 1.0;
  return time == INK_NO_TIME ? 0.0 : ink_exp_f64(-0.6931471805599453 * ((double)c->newest - (double)time) / c->half_life);
}

/* One person's items: their weights are summed up, then those above 0 counted; `sum` is left as it was found. */
static void count_person(counting *c, uint32_t person) {
  const ink_dataset *d = c->d;
  const uint64_t first = d->user_starts[person], end = d->user_starts[person + 1];
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = d->item[e];
    c->sum[item] += ink_event_weight(d, e);
    if (!c->met[item] || d->time[e] > c->time[item]) c->time[item] = d->time[e];
    c->met[item] = 1;
  }
  for (uint64_t e = first; e < end; e++) {
    const uint32_t item = d->item[e];
    if (!c->met[item]) continue;
    if (c->sum[item] > 0.0f) {
      c->all[item] += 1.0;
      c->recent[item] += age_weight(c, c->time[item]);
    }
    c->sum[item] = 0.0f;
    c->met[item] = 0;
  }
}

static void count_all(counting *c) {
  const ink_dataset *d = c->d;
  for (uint32_t i = 0; i < d->items.n; i++) {
    c->sum[i] = 0.0f;
    c->met[i] = 0;
    c->all[i] = c->recent[i] = 0.0;
  }
  for (uint64_t e = 0; e < d->n_events; e++)
    if (d->time[e] > c->newest) c->newest = d->time[e];
  for (uint32_t p = 0; p < d->users.n; p++) count_person(c, p);
}

static void put_scores(const counting *c, bool trending, float *scores) {
  const uint32_t n = c->d->items.n;
  double all = 0.0, recent = 0.0;
  for (uint32_t i = 0; i < n; i++) {
    all += c->all[i];
    recent += c->recent[i];
  }
  for (uint32_t i = 0; i < n; i++) {
    const double expected = all > 0.0 ? c->all[i] * recent / all : 0.0;
    scores[i] = (float)(trending ? (c->recent[i] - expected) / ink_sqrt_f64(expected + 1.0) : c->recent[i]);
  }
}

static ink_status count(counting *c, const ink_train_env *env) {
  const uint32_t n = c->d->items.n;
  INK_NEW(&env->allocator, n, &c->sum);
  INK_NEW(&env->allocator, n, &c->time);
  INK_NEW(&env->allocator, n, &c->met);
  INK_NEW(&env->allocator, n, &c->all);
  INK_NEW(&env->allocator, n, &c->recent);
  count_all(c);
  return INK_OK;
}

/* A pack whose family has brought these scores along keeps them. */
static bool has_scores(const ink_trained *out) {
  for (uint32_t i = 0; i < out->n_tensors; i++)
    if (ink_text_equal(out->tensors[i].name, ink_text_of("popular.scores"))) return true;
  return false;
}

static ink_status fit(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  const bool trending = values[RANK] == (double)TRENDING;
  const double days = values[HALF_LIFE] > 0.0 || !trending ? values[HALF_LIFE] : TRENDING_DAYS;
  counting c = { .d = data, .half_life = days * DAY_MS, .newest = INK_NO_TIME };
  void *scores = NULL;
  (void)seed;
  if (has_scores(out)) return INK_OK;
  if (days > 0.0 && !data->has_time)
    return ink_refuse_found(env->fault, INK_E_SETTING, ink_text_of("half_life"), "0 and rank=count", "events without times");
  ink_status status = count(&c, env);
  if (status == INK_OK) status = ink_trained_tensor(out, "popular.scores", INK_DTYPE_F32, 1, &data->items.n, &scores);
  if (status == INK_OK) put_scores(&c, trending, scores);
  void *const blocks[] = { c.sum, c.time, c.met, c.all, c.recent };
  for (size_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&env->allocator, blocks[i]);
  return status == INK_OK ? ink_diversify(data, values[DIVERSITY], env, scores) : status;
}

ink_status ink_popular_tensor(const ink_dataset *data, const ink_train_env *env, ink_trained *out) {
  double values[N_SETTINGS];
  for (uint32_t i = 0; i < N_SETTINGS; i++) values[i] = settings[i].standard;
  return fit(data, values, 0, env, out);
}

const ink_trainer ink_trainer_popular = { .name = "popular", .about = "what most people chose, the same for everybody",
                                          .settings = settings, .n_settings = N_SETTINGS, .fit = fit };
