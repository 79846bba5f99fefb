/* test_reasons.c - reasons add up to the bits of the score, in the listed order, whatever the parts are. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "reasons.h"
#include "rng.h"
#include "testlib.h"

enum { MOST = 400 };
static ink_past events[MOST];
static ink_part parts[MOST], given[MOST];
static ink_reason out[MOST + INK_REASONS_MORE];

static float sum_of(const ink_reason *reasons, uint32_t n) {
  double sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += reasons[i].weight;
  return (float)sum;
}

static float from_bits(uint32_t u) {
  float x;
  memcpy(&x, &u, 4);
  return x;
}

/* A finite float of any size, zeros among them; never -0, which no family gives. */
static float any_float(ink_rng *rng) {
  const float x = from_bits((uint32_t)ink_rng_u64(rng));
  return ink_rng_below(rng, 20) == 0 || !(x - x == 0) ? 0.0f : x + 0.0f;
}

static double any_weight(ink_rng *rng) {
  switch (ink_rng_below(rng, 4)) {
    case 0: return (double)any_float(rng);
    case 1: return ink_rng_normal(rng) * 1e-30;
    default: return ink_rng_normal(rng);
  }
}

static int larger(const void *a, const void *b) {
  const ink_part *x = a, *y = b;
  const double size_x = fabs(x->weight), size_y = fabs(y->weight);
  return size_x != size_y ? (size_x < size_y ? 1 : -1) : events[x->past].seq < events[y->past].seq ? -1 : 1;
}

/* One random case: n events, perhaps base and person, at most `most` listed. */
static void check(ink_rng *rng, uint32_t n, uint32_t most, bool near) {
  uint32_t n_parts = 0, n_events = n;
  double total = 0;
  for (uint32_t i = 0; i < n; i++) {
    events[i] = (ink_past){ .item = i * 3, .seq = 1000 - i * 2 };
    const double w = ink_rng_below(rng, 6) == 0 ? 0.5 : near ? ink_rng_normal(rng) : any_weight(rng);     /* ties, too */
    parts[n_parts++] = (ink_part){ INK_REASON_EVENT, i, w };
    total += w;
  }
  const bool base = ink_rng_below(rng, 2), person = ink_rng_below(rng, 2);
  if (base) parts[n_parts] = (ink_part){ INK_REASON_BASE, INK_NONE, ink_rng_normal(rng) }, total += parts[n_parts++].weight;
  if (person) parts[n_parts] = (ink_part){ INK_REASON_PERSON, INK_NONE, ink_rng_normal(rng) }, total += parts[n_parts++].weight;
  const float score = near ? (float)(total * (1 + 1e-7 * ink_rng_normal(rng))) + 0.0f : any_float(rng);
  memcpy(given, parts, sizeof given);
  const uint32_t n_out = ink_reasons_compose(parts, n_parts, events, score, most, out);
  const uint32_t listed = n_events < most ? n_events : most;
  CHECK(n_out <= most + INK_REASONS_MORE);
  CHECK_EQ_BITS(sum_of(out, n_out), score);
  qsort(given, n_events, sizeof *given, larger);
  for (uint32_t i = 0; i < listed; i++) {
    CHECK_EQ(out[i].kind, INK_REASON_EVENT);
    CHECK_EQ(out[i].event, events[given[i].past].seq);
    CHECK_EQ(out[i].item, events[given[i].past].item);
    CHECK(out[i].weight == given[i].weight);
  }
  uint32_t at = listed;
  if (n_events > most) {
    double others = 0;
    for (uint32_t i = listed; i < n_events; i++) others += given[i].weight;
    CHECK_EQ(out[at].kind, INK_REASON_OTHERS);
    CHECK_EQ(out[at].event, n_events - listed);
    if (near) CHECK_NEAR(out[at].weight, others, 1e-12 * n_events);
    at++;
  }
  if (base) CHECK_EQ(out[at++].kind, INK_REASON_BASE);
  if (person) CHECK_EQ(out[at++].kind, INK_REASON_PERSON);
  for (; at < n_out; at++) CHECK_EQ(out[at].kind, INK_REASON_REST);
}

TEST(thousands_of_random_cases_add_up) {
  ink_rng rng;
  ink_rng_seed(&rng, 1, 2);
  for (int round = 0; round < 20000; round++)
    check(&rng, ink_rng_below(&rng, round % 50 ? 20 : MOST - 2), 1 + ink_rng_below(&rng, 12), round % 2);
}

TEST(nothing_is_listed_when_nothing_is_missing) {
  CHECK_EQ(ink_reasons_close(0.25, 0.25f, out), 0);
  CHECK_EQ(ink_reasons_close(0.0, 0.0f, out), 0);
  CHECK_EQ(ink_reasons_close(0.25, 0.5f, out), 1);
  CHECK(out[0].weight == 0.25 && out[0].kind == INK_REASON_REST && out[0].item == INK_NONE);
}

/* A sum whose last bit outweighs the score cannot be closed by one number. */
TEST(a_sum_out_of_all_proportion_is_closed_by_two) {
  const double sums[] = { 1e20, -1e30, 3e38, 1.5e300, 9007199254740993.0 * 1e4 };
  const float scores[] = { 1.5f, -1e-30f, 1e-45f, FLT_MAX, 3.14159f };
  uint32_t twos = 0;
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++) {
      out[0] = (ink_reason){ .kind = INK_REASON_EVENT, .weight = sums[i] };
      const uint32_t n = ink_reasons_close(sums[i], scores[j], out + 1);
      twos += n == 2;
      CHECK_EQ_BITS(sum_of(out, n + 1), scores[j]);
    }
  CHECK(twos > 10);
}

/* What a network says of its rest is not believed: closing finds it. */
TEST(a_rest_of_the_family_is_replaced) {
  parts[0] = (ink_part){ INK_REASON_REST, INK_NONE, 99.0 };
  parts[1] = (ink_part){ INK_REASON_EVENT, 0, 0.5 };
  events[0] = (ink_past){ .item = 1, .seq = 7 };
  CHECK_EQ(ink_reasons_compose(parts, 2, events, 0.75f, 8, out), 2);
  CHECK(out[0].kind == INK_REASON_EVENT && out[0].event == 7);
  CHECK(out[1].kind == INK_REASON_REST && out[1].weight == 0.25);
}

TEST_MAIN(T(thousands_of_random_cases_add_up), T(nothing_is_listed_when_nothing_is_missing),
          T(a_sum_out_of_all_proportion_is_closed_by_two), T(a_rest_of_the_family_is_replaced))
