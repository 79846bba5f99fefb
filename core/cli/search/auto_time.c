/* auto_time.c - see auto_run.h: what is left of the time, and what training is likely to take, from what it took on fewer people. */
#include "auto_run.h"

#include <math.h>
#include <string.h>

#include "settings.h"

#define GROWTH 1.05               /* seconds grow as events to this power: pairs of items grow a little faster, small data costs more than its part */
#define STAND_INS 500u            /* shortened histories that stand in where few people have short ones, about */
#define ONE_BY_ONE 1.5            /* asking people one by one takes so much longer than measuring them together, which has costs of its own */
#define SPARE 1.15                /* of what the end is likely to take */
#define KEPT_FOR_MEMBERS 0.35     /* of the whole time, for training winners on everything */
#define KEPT_FOR_BLEND 0.12
#define LEAST_SECONDS 0.3         /* reading and writing packs in memory, the search of weights */

double auto_left(const auto_run *a) { return a->started + a->seconds - cli_seconds(); }

void auto_allow(auto_run *a, double seconds) {
  a->cap = seconds;
  a->deadline = cli_seconds() + seconds;
  a->stage = "";
  a->too_slow = false;
}

double auto_seconds_on(const auto_try *t, uint64_t events) {
  return t->events == 0 ? 0 : t->seconds * fmax(1, pow((double)events / (double)t->events, GROWTH));
}

/* The best tries of so many families, as they are likely to be gathered: out [AUTO_MOST_BLENDED], gives how many. */
static uint32_t likely(const auto_run *a, const auto_try **out) {
  const uint32_t most = auto_most_blended(a);
  uint32_t n = 0;
  for (uint32_t i = 0; i < a->n_tries; i++) {
    const auto_try *t = &a->tries[i];
    uint32_t at;
    if (!t->in_play) continue;
    for (at = 0; at < n && strcmp(cli_family_of(out[at]->trainer), cli_family_of(t->trainer)) != 0; at++) {}
    if (at < n && !auto_better(a, t->value, out[at]->value)) continue;
    if (at == n && n == most && !auto_better(a, t->value, out[n - 1]->value)) continue;
    if (at == n) at = n < most ? n++ : n - 1;
    for (; at > 0 && auto_better(a, t->value, out[at - 1]->value); at--) out[at] = out[at - 1];
    out[at] = t;
  }
  return n;
}

double auto_blend_seconds(const auto_run *a, uint32_t n_people) {
  const auto_try *t[AUTO_MOST_BLENDED] = { NULL };
  const uint32_t n = likely(a, t);
  double a_person = 0;
  for (uint32_t i = 0; i < n; i++) a_person += t[i]->measuring / fmax(a->n_tune, 1);
  return ONE_BY_ONE * a_person * (n_people + STAND_INS + a->n_choose);
}

/* What is known from an earlier run alone is trained on the part again before it is chosen. */
static double again(const auto_try *t) { return t->trained.n_tensors > 0 ? 0 : t->seconds; }

/* Training what is likely to be chosen. The best try at least is trained on everything; for the other members of a blend, and
 * for its weights, a part of the time is kept: where that is too short, fewer people are asked, and members stay as they
 * were measured. */
double auto_final_seconds(const auto_run *a) {
  const auto_try *t[AUTO_MOST_BLENDED] = { NULL };
  const uint32_t n = likely(a, t);
  double others = 0;
  for (uint32_t i = 1; i < n; i++) others += auto_seconds_on(t[i], a->data.n_events) + again(t[i]);
  const double best = n > 0 ? auto_seconds_on(t[0], a->data.n_events) + again(t[0]) : 0;
  return LEAST_SECONDS + SPARE * (best + fmin(others, fmax(KEPT_FOR_MEMBERS * a->seconds - best, 0)));
}

double auto_end_seconds(const auto_run *a) {
  return auto_final_seconds(a) + fmin(auto_blend_seconds(a, a->n_tune), KEPT_FOR_BLEND * a->seconds);
}

bool auto_has_time(const auto_run *a, double seconds, double whole) {
  return !a->stopped && seconds + SPARE * whole + auto_end_seconds(a) < auto_left(a);
}
