/* test_blend.c - weights of a blend: least squares by hand, a member that knows and one that does not, who stands in for whom,
 * a blend that is no better than its best member, threads, and memory that runs out. */
#include "hosted.h"

#include <math.h>

#include "blend_fit.h"
#include "catalogue_tensors.h"
#include "fit_als.h"
#include "fit_item_knn.h"
#include "memory_pack.h"
#include "rng.h"
#include "split.h"
#include "testlib.h"

enum { PEOPLE = 160, MOST_PEOPLE = 480, ITEMS = 80, EACH = 14, FEW = 5 };

static hosted h;
static ink_dataset data, part, held;

/* Two circles of taste; `rated`: own items 4 or 5, others 1 or 2, each item a little better or worse than others. Of four people
 * the first `n_short` have few events. Of eight events `strangers` are of the other circle (4: no taste at all). */
typedef struct shape { bool rated; uint32_t n_people, n_short, strangers; uint64_t seed; } shape;

static void make_data(shape s) {
  static char text[MOST_PEOPLE * EACH * 24];
  const bool rated = s.rated;
  size_t n = (size_t)sprintf(text, rated ? "user,item,rating\n" : "user,item\n");
  ink_rng rng;
  ink_rng_seed(&rng, s.seed, 1);
  for (uint32_t u = 0; u < s.n_people; u++) {
    const uint32_t each = u % 4 < s.n_short ? FEW : EACH;
    for (uint32_t k = 0; k < each; k++) {
      const bool own = ink_rng_below(&rng, 8) >= s.strangers;
      const uint32_t item = ink_rng_below(&rng, ITEMS / 2) * 2 + (own ? u % 2 : 1 - u % 2);
      if (rated) n += (size_t)sprintf(text + n, "u%u,i%u,%u\n", u, item, (own ? 4u : 1u) + (item / 2 + ink_rng_below(&rng, 3)) / 3 % 2);
      else n += (size_t)sprintf(text + n, "u%u,i%u\n", u, item);
    }
  }
  hosted_text t = { text, n, 0, 4096 };
  ink_dataset_init(&data, &h.env.allocator);
  CHECK_EQ(ink_dataset_read(&data, &(ink_source){ &t, hosted_text_read, "events", n }, &(ink_read_options){ .format = INK_FORMAT_CSV }, NULL, &h.env), INK_OK);
}

static void cut_data(void) {
  const ink_split_rule rule = { .how = INK_SPLIT_PAIRS, .fraction = 0.25, .seed = 3 };
  uint8_t *parts = malloc((size_t)data.n_events);
  CHECK_EQ(ink_split_parts(&data, &rule, &h.env, parts), INK_OK);
  CHECK_EQ(ink_dataset_part(&data, parts, 1u << INK_PART_TRAIN, &h.env, &part), INK_OK);
  CHECK_EQ(ink_dataset_part(&data, parts, 1u << INK_PART_TEST, &h.env, &held), INK_OK);
  free(parts);
}

static void start_shape(shape s) {
  hosted_init(&h);
  h.env.kernels = ink_kernels_best();
  make_data(s);
  cut_data();
}

static void start(bool rated) { start_shape((shape){ rated, PEOPLE, 1, 1, 5 }); }

static void finish(void) {
  ink_dataset_free(&data);
  ink_dataset_free(&part);
  ink_dataset_free(&held);
  CHECK_EQ(h.memory.live, 0);
}

static void add(const ink_trainer *trainer, ink_trained *out) {
  double values[64];
  for (uint32_t i = 0; i < trainer->n_settings; i++) {
    values[i] = trainer->settings[i].standard;
    if (strcmp(trainer->settings[i].name, "factors") == 0) values[i] = 6;
    if (strcmp(trainer->settings[i].name, "regularization") == 0) values[i] = 0.05;
    if (strcmp(trainer->settings[i].name, "fold_regularization") == 0) values[i] = 0.05;
  }
  CHECK_EQ(trainer->fit(&part, values, 1, &h.env, out), INK_OK);
}

static void open_pack(ink_memory_pack *pack) {
  ink_trained t;
  ink_trained_init(&t, &h.env.allocator);
  add(&ink_trainer_als, &t);
  add(&ink_trainer_item_knn, &t);
  CHECK_EQ(ink_catalogue_tensors(&data, &h.env, &t), INK_OK);
  CHECK_EQ(ink_trained_meta(&t, "models", "als,item-knn,popular"), INK_OK);
  CHECK_EQ(ink_memory_pack_open(pack, &t, &h.env), INK_OK);
  ink_trained_free(&t);
}

static ink_blend_options options_of(bool rated, uint32_t n_members) {
  ink_blend_options o = { .n_members = n_members, .members = { "item-knn", rated ? "als" : "popular", "als" }, .is_explicit = rated,
                          .n_buckets = 3, .buckets = { 0, 3, 8 }, .n_people = 1000, .seed = 4 };
  uint32_t n;
  ink_metric found[INK_MAX_METRICS];
  CHECK_EQ(ink_metrics_parse((ink_text){ "ndcg@10", 7 }, found, &n, NULL), INK_OK);
  o.metric = found[0];
  return o;
}

TEST(least_squares_without_negative_weights_by_hand) {
  const double m[] = { 2, 1, 1, 2 }, b[] = { 1, -1 }, c[] = { 3, 3 };
  double w[2] = { 0, 0 };
  ink_blend_nonnegative(m, b, 2, w);               /* unbound: 1, -1 */
  CHECK(fabs(w[0] - 0.5) < 1e-12 && w[1] == 0.0);
  ink_blend_nonnegative(m, c, 2, w);
  CHECK(fabs(w[0] - 1) < 1e-9 && fabs(w[1] - 1) < 1e-9);
}

TEST(who_knows_weighs_and_a_blend_is_no_worse) {
  ink_memory_pack pack;
  ink_blend blend;
  start(false);
  open_pack(&pack);
  const ink_blend_options o = options_of(false, 2);
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend), INK_OK);
  CHECK(blend.alone[0] > blend.alone[1] + 0.05);                      /* item-knn knows the circles */
  CHECK(blend.blended > blend.alone[0] - 0.02 && blend.is_blend == (blend.blended > blend.alone[0]));
  for (uint32_t b = 0; b < 3; b++) {
    CHECK(blend.n_samples[b] > 10);
    CHECK(fabs(blend.weights[b][0] + blend.weights[b][1] - 1) < 1e-9 && blend.weights[b][2] == 0.0);
    CHECK(blend.weights[b][0] > blend.weights[b][1] && blend.weights[b][1] >= 0);
  }
  ink_blend_options lots = o;
  lots.drawn_only = true;
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &lots, &h.env, &blend), INK_OK);
  CHECK(blend.alone[0] > blend.alone[1] && blend.weights[2][0] > blend.weights[2][1]);
  ink_memory_pack_close(&pack);
  finish();
}

/* Real people of each length of history, counted from the data. */
static void count_real(const ink_blend_options *o, uint32_t *counts) {
  for (uint32_t u = 0; u < held.users.n; u++) {
    const uint64_t n = ink_dataset_user_events(&part, u);
    if (ink_dataset_user_events(&held, u) == 0) continue;
    for (uint32_t b = o->n_buckets; b-- > 0;) {
      if (n < o->buckets[b]) continue;
      counts[b]++;
      break;
    }
  }
}

TEST(others_stand_in_only_where_people_are_few) {
  ink_memory_pack pack;
  ink_blend blend;
  uint32_t real[3] = { 0 };
  start_shape((shape){ false, MOST_PEOPLE, 3, 1, 5 });
  open_pack(&pack);
  const ink_blend_options o = options_of(false, 2);
  count_real(&o, real);
  CHECK(real[0] < 10 && real[1] > INK_BLEND_ENOUGH && real[2] > 50);
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend), INK_OK);
  CHECK_EQ(blend.n_samples[0], real[0] + real[1] + real[2]);          /* everybody stands in once, for there are fewer than INK_BLEND_FILLED */
  CHECK_EQ(blend.n_samples[1], real[1]);                              /* enough of its own */
  CHECK_EQ(blend.n_samples[2], real[2]);                              /* nobody has more */
  ink_memory_pack_close(&pack);
  finish();
}

/* Without any taste in the data it is luck whether a blend is better than its best member on people whom it was not fitted
 * on. Where it is not, that member has all the weight. */
TEST(where_no_blend_is_better_the_best_member_is_taken) {
  uint32_t n_blends = 0, n_alone = 0;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    ink_memory_pack pack;
    ink_blend blend;
    start_shape((shape){ false, PEOPLE, 1, 4, seed });
    open_pack(&pack);
    const ink_blend_options o = options_of(false, 2);
    CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend), INK_OK);
    const uint32_t best = blend.alone[1] > blend.alone[0];
    CHECK(blend.is_blend == (blend.blended > blend.alone[best]));
    for (uint32_t b = 0; b < 3 && !blend.is_blend; b++) CHECK(blend.weights[b][best] == 1.0 && blend.weights[b][1 - best] == 0.0);
    CHECK(ink_blend_speaks(&blend, &o, best) && ink_blend_speaks(&blend, &o, 1 - best) == (blend.is_blend && blend.weights[0][1 - best] > 0.0));
    n_blends += blend.is_blend;
    n_alone += !blend.is_blend;
    ink_memory_pack_close(&pack);
    finish();
  }
  CHECK(n_alone > 0 && n_blends + n_alone == 6);
}

TEST(one_rating_model_alone_keeps_its_constant_and_factor) {
  ink_memory_pack pack;
  ink_blend blend;
  start(true);
  open_pack(&pack);
  const ink_blend_options o = options_of(true, 1);
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend), INK_OK);
  CHECK(!blend.is_blend && blend.blended == blend.alone[0] && blend.blended > 0.0 && blend.weights[2][0] > 0.0);
  ink_memory_pack_close(&pack);
  finish();
}

TEST(ratings_are_fitted_by_least_squares) {
  ink_memory_pack pack;
  ink_blend blend;
  start(true);
  open_pack(&pack);
  ink_blend_options o = options_of(true, 2);
  o.n_buckets = 1;                                                      /* no drawing together: the least there is */
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend), INK_OK);
  CHECK(blend.is_blend == (blend.blended < blend.alone[0] && blend.blended < blend.alone[1]));
  CHECK(blend.blended < blend.alone[0] + 0.02 && blend.blended < blend.alone[1] + 0.02);
  CHECK(blend.weights[0][0] >= 0 && blend.weights[0][1] >= 0 && blend.weights[0][0] + blend.weights[0][1] > 0.5);
  ink_memory_pack_close(&pack);
  finish();
}

/* Shards in the reverse order, by workers in turn: what threads may do. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t i = n_shards; i > 0; i--) body(arg, i - 1, i % 3);
}

TEST(threads_do_not_show) {
  ink_memory_pack pack;
  ink_blend one, three;
  start(false);
  open_pack(&pack);
  const ink_blend_options o = options_of(false, 3);
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &one), INK_OK);
  h.env.threads = (ink_threads){ NULL, 3, backwards };
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &three), INK_OK);
  CHECK(memcmp(&one, &three, sizeof one) == 0);
  ink_memory_pack_close(&pack);
  finish();
}

TEST(a_family_that_is_not_there_and_data_that_does_not_belong) {
  ink_memory_pack pack;
  ink_blend blend;
  start(false);
  open_pack(&pack);
  ink_blend_options o = options_of(false, 2);
  o.members[1] = "rp3";
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend), INK_E_UNKNOWN_FAMILY);
  ink_dataset empty;
  uint8_t *none = calloc((size_t)data.n_events, 1);
  CHECK_EQ(ink_dataset_part(&data, none, 1u << INK_PART_TEST, &h.env, &empty), INK_OK);
  o = options_of(false, 2);
  CHECK_EQ(ink_blend_fit(pack.pack, &part, &empty, &o, &h.env, &blend), INK_E_DATA_EMPTY);
  ink_dataset_free(&empty);
  free(none);
  ink_memory_pack_close(&pack);
  finish();
}

TEST(memory_that_runs_out_leaves_nothing_behind) {
  ink_memory_pack pack;
  ink_blend blend;
  start(false);
  open_pack(&pack);
  ink_blend_options o = options_of(false, 2);
  o.n_people = 5;
  const long live = h.memory.live;
  bool done = false;
  for (long fail = 1; fail < 400 && !done; fail += 3) {
    h.memory.fail_at = fail;
    const ink_status status = ink_blend_fit(pack.pack, &part, &held, &o, &h.env, &blend);
    done = h.memory.fail_at > 0;
    CHECK(status == (done ? INK_OK : INK_E_NO_MEMORY));
    CHECK_EQ(h.memory.live, live);
  }
  h.memory.fail_at = 0;
  CHECK(done);
  ink_memory_pack_close(&pack);
  finish();
}

TEST_MAIN(T(least_squares_without_negative_weights_by_hand), T(who_knows_weighs_and_a_blend_is_no_worse), T(others_stand_in_only_where_people_are_few),
          T(where_no_blend_is_better_the_best_member_is_taken), T(one_rating_model_alone_keeps_its_constant_and_factor), T(ratings_are_fitted_by_least_squares),
          T(threads_do_not_show), T(a_family_that_is_not_there_and_data_that_does_not_belong), T(memory_that_runs_out_leaves_nothing_behind))
