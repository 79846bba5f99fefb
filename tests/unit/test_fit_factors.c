/* test_fit_factors.c - the trainers pure-svd, svd, svdpp and nmf, against numpy, Surprise and scikit-learn (golden/factors_truth.h).
 *
 * Singular vectors are compared by their projector, which has no signs: subspace iteration leaves (s6/s5)^(2 passes) of what is
 * foreign, below 1e-6 here, and rounding leaves some 20 * 2^-24 of each product: 1e-4 holds both. Descents differ in
 * their order, so their objectives are compared: ours may lie a hundredth above the library's, which has converged as little. */
#define _POSIX_C_SOURCE 200809L
#include "hosted.h"

#include "factor.h"
#include "fit_nmf.h"
#include "fit_pure_svd.h"
#include "fit_svd.h"
#include "golden/factors_truth.h"
#include "rating_model.h"
#include "testlib.h"
#include "utf8.h"

static hosted h;
static ink_dataset data;
static ink_trained out;
static double values[32];
static char text[1 << 17];

/* `copies` times the sixty people: ratings, or choices; all of them or those that were seen. */
static const char *lines(uint32_t copies, bool rated, bool all) {
  size_t at = 0;
  for (uint32_t u = 0; u < copies * TRUTH_PEOPLE; u++)
    for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
      const char stars = truth_ratings[u % TRUTH_PEOPLE][i];
      if (!all && truth_seen[u % TRUTH_PEOPLE][i] == '0') continue;
      at += (size_t)(rated ? snprintf(text + at, sizeof text - at, "u%u,i%u,%c\n", u, i, stars) : snprintf(text + at, sizeof text - at, "u%u,i%u\n", u, i));
    }
  return text;
}

static void read_text(const char *events) {
  hosted_init(&h);
  ink_trained_init(&out, &h.env.allocator);
  CHECK_EQ(hosted_read_events(&h, &data, events, INK_FORMAT_RATINGS), INK_OK);
}

static void standard(const ink_trainer *trainer) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) values[i] = trainer->settings[i].standard;
}

static void set(const ink_trainer *trainer, const char *name, double value) {
  for (uint32_t i = 0; i < trainer->n_settings; i++)
    if (strcmp(trainer->settings[i].name, name) == 0) {
      CHECK(value >= trainer->settings[i].low && value <= trainer->settings[i].high);
      values[i] = value;
      return;
    }
  const bool is_a_setting = false;
  CHECK(is_a_setting);
}

static const float *floats(const char *name) {
  for (uint32_t i = 0; i < out.n_tensors; i++)
    if (ink_text_equal(out.tensors[i].name, ink_text_of(name))) return out.tensors[i].data;
  return NULL;
}

static void done(void) {
  ink_trained_free(&out);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* The number of item "i<k>". */
static uint32_t item(uint32_t k) {
  char id[16];
  snprintf(id, sizeof id, "i%u", k);
  return ink_names_find(&data.items, ink_text_of(id));
}

/* Shards backwards, by three workers in turn. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t s = n_shards; s-- > 0;) body(arg, s, s % 3);
}

/* ---------------------------------------------------------------- pure-svd */

TEST(singular_vectors_are_numpys) {
  enum { K = 5 };
  read_text(lines(1, false, false));
  standard(&ink_trainer_pure_svd);
  set(&ink_trainer_pure_svd, "factors", K);
  set(&ink_trainer_pure_svd, "popularity_discount", 0);
  set(&ink_trainer_pure_svd, "passes", 60);
  CHECK_EQ(ink_trainer_pure_svd.fit(&data, values, 3, &h.env, &out), INK_OK);
  const float *v = floats("pure_svd.items");
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t j = 0; j < TRUTH_ITEMS; j++) {
      double projector = 0;
      for (uint32_t k = 0; k < K; k++) projector += (double)v[item(i) * K + k] * (double)v[item(j) * K + k];
      CHECK_NEAR(projector, truth_projector[i][j], 1e-4);
    }
  for (uint32_t k = 0; k < K; k++) {              /* |A v_k| is the k-th singular value */
    double squares = 0;
    for (uint32_t u = 0; u < data.users.n; u++) {
      double sum = 0;
      for (uint64_t e = data.user_starts[u]; e < data.user_starts[u + 1]; e++) sum += (double)v[data.item[e] * K + k];
      squares += sum * sum;
    }
    CHECK_NEAR(sqrt(squares), truth_singular_values[k], 1e-4 * truth_singular_values[0]);
  }
  CHECK(floats("pure_svd.settings")[FACTOR_MODE] == (float)FACTOR_SUMS && floats("pure_svd.bias") == NULL);
  done();
}

/* Fits with five vectors that have settled. */
static const float *five_vectors(double centre) {
  standard(&ink_trainer_pure_svd);
  set(&ink_trainer_pure_svd, "factors", 5);
  set(&ink_trainer_pure_svd, "popularity_discount", 0);
  set(&ink_trainer_pure_svd, "centre", centre);
  set(&ink_trainer_pure_svd, "passes", 60);
  CHECK_EQ(ink_trainer_pure_svd.fit(&data, values, 3, &h.env, &out), INK_OK);
  return floats("pure_svd.items");
}

/* V V^T between the items of two ids. */
static double between(const float *v, uint32_t i, uint32_t j) {
  double sum = 0;
  for (uint32_t k = 0; k < 5; k++) sum += (double)v[item(i) * 5 + k] * (double)v[item(j) * 5 + k];
  return sum;
}

TEST(centred_vectors_are_principal_components) {
  read_text(lines(1, false, false));
  const float *v = five_vectors(1), *bias = floats("pure_svd.bias");
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t j = 0; j < TRUTH_ITEMS; j++) CHECK_NEAR(between(v, i, j), truth_components[i][j], 1e-4);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)          /* what a newcomer's choices score is scikit-learn's reconstruction of them */
    CHECK_NEAR((double)bias[item(i)] + between(v, 1, i) + between(v, 4, i) + between(v, 6, i), truth_reconstruction[i], 1e-4);
  done();
}

TEST(centring_wants_a_plain_sum) {
  read_text(lines(1, false, false));
  standard(&ink_trainer_pure_svd);
  set(&ink_trainer_pure_svd, "factors", 2);
  set(&ink_trainer_pure_svd, "centre", 1);
  set(&ink_trainer_pure_svd, "length_exponent", 0.5);
  CHECK_EQ(ink_trainer_pure_svd.fit(&data, values, 3, &h.env, &out), INK_E_SETTING);
  done();
}

/* ----------------------------------------------------- gradients of ratings */

/* The objective as make_factors.py has it. */
static double objective(const ink_rating_model *m, const ink_als_matrix *rows) {
  double total = 0;
  for (uint32_t u = 0; u < rows->n_rows; u++) {
    double v[TRUTH_RANK] = { 0 }, size_y = 0;
    const double n = (double)(rows->starts[u + 1] - rows->starts[u]);
    for (uint64_t e = rows->starts[u]; m->implicit != NULL && e < rows->starts[u + 1]; e++)
      for (uint32_t k = 0; k < TRUTH_RANK; k++) {
        const double y = (double)m->implicit[rows->cols[e] * TRUTH_RANK + k];
        v[k] += y / sqrt(n);
        size_y += y * y;
      }
    for (uint64_t e = rows->starts[u]; e < rows->starts[u + 1]; e++) {
      const uint32_t i = rows->cols[e];
      const double b_u = (double)m->person_bias[u], b_i = (double)m->item_bias[i];
      double away = (double)rows->b[e] - b_u - b_i, size = b_u * b_u + b_i * b_i + size_y;
      for (uint32_t k = 0; k < TRUTH_RANK; k++) {
        const double p = (double)m->people[u * TRUTH_RANK + k], q = (double)m->items[i * TRUTH_RANK + k];
        away -= (p + v[k]) * q;
        size += p * p + q * q;
      }
      total += away * away + TRUTH_REGULARIZATION * size;
    }
  }
  return total;
}

static void check_objective(bool implicit, double theirs) {
  static float work[2 * TRUTH_RANK + TRUTH_PEOPLE];
  const ink_rating_options o = { .d = TRUTH_RANK, .epochs = TRUTH_EPOCHS, .rate = (float)TRUTH_RATE, .decay = 1, .lambda = (float)TRUTH_REGULARIZATION,
                                 .bias_lambda = (float)TRUTH_REGULARIZATION, .init_scale = 0.1f, .implicit = implicit, .seed = 4 };
  ink_als_rule rule = { .is_explicit = true };
  ink_als_matrix rows;
  ink_rating_model m;
  read_text(lines(1, true, false));
  CHECK_EQ(ink_als_observe(&data, &rule, &h.env, &rows), INK_OK);
  CHECK_EQ(ink_rating_new(&o, rows.n_rows, rows.n_cols, false, &h.env.allocator, &m), INK_OK);
  for (uint32_t epoch = 0; epoch < o.epochs; epoch++) CHECK(ink_rating_epoch(&o, &rows, epoch, work, &m));
  const double ours = objective(&m, &rows);
  CHECK(ours < 1.01 * theirs && ours > 0.8 * theirs);
  ink_rating_free(&m, &h.env.allocator);
  ink_als_matrix_free(&rows, &h.env.allocator);
  done();
}

TEST(gradient_descent_comes_as_low_as_surprise) {
  check_objective(false, TRUTH_SVD_OBJECTIVE);
  check_objective(true, TRUTH_SVDPP_OBJECTIVE);
}

/* Koren's rule as it is written: every y of the person moves at each of the ratings. In double; one person, one epoch. */
TEST(choices_move_as_koren_wrote) {
  enum { N = 5, D = TRUTH_RANK };
  static uint64_t starts[] = { 0, N };
  static uint32_t cols[] = { 3, 0, 2, 4, 1 };
  static float a[] = { 1, 1, 1, 1, 1 }, b[] = { 1.5f, -1, 0.5f, 2, -0.5f }, work[2 * D + 1];
  const ink_als_matrix rows = { 1, N, N, starts, cols, a, b };
  const ink_rating_options o = { .d = D, .epochs = 1, .rate = 0.1f, .decay = 1, .lambda = 0.3f, .bias_lambda = 0.2f, .init_scale = 0.5f, .implicit = true };
  double p[D], q[N][D], y[N][D], b_u = 0, b_i[N] = { 0 };
  ink_rating_model m;
  hosted_init(&h);
  CHECK_EQ(ink_rating_new(&o, 1, N, false, &h.env.allocator, &m), INK_OK);
  for (uint32_t i = 0; i < N * D; i++) m.implicit[i] = (float)(i % 7) / 8 - 0.3f;
  for (uint32_t k = 0; k < D; k++) p[k] = (double)m.people[k];
  for (uint32_t i = 0; i < N * D; i++) q[i / D][i % D] = (double)m.items[i], y[i / D][i % D] = (double)m.implicit[i];
  for (uint32_t e = 0; e < N; e++) {
    const uint32_t i = cols[e];
    double w[D], away = (double)b[e] - b_u - b_i[i];
    for (uint32_t k = 0; k < D; k++) {
      w[k] = p[k];
      for (uint32_t j = 0; j < N; j++) w[k] += y[j][k] / sqrt(N);
      away -= w[k] * q[i][k];
    }
    b_u += 0.1 * (away - 0.2 * b_u);
    b_i[i] += 0.1 * (away - 0.2 * b_i[i]);
    for (uint32_t k = 0; k < D; k++) {
      const double old = q[i][k];
      q[i][k] += 0.1 * (away * w[k] - 0.3 * old);
      p[k] += 0.1 * (away * old - 0.3 * p[k]);
      for (uint32_t j = 0; j < N; j++) y[j][k] += 0.1 * (away / sqrt(N) * old - 0.3 * y[j][k]);
    }
  }
  CHECK(ink_rating_epoch(&o, &rows, 0, work, &m));
  for (uint32_t k = 0; k < D; k++) CHECK_NEAR(m.people[k], p[k], 1e-5);
  for (uint32_t i = 0; i < N * D; i++) {
    CHECK_NEAR(m.items[i], q[i / D][i % D], 1e-5);
    CHECK_NEAR(m.implicit[i], y[i / D][i % D], 1e-5);
  }
  CHECK_NEAR(m.person_bias[0], b_u, 1e-5);
  for (uint32_t i = 0; i < N; i++) CHECK_NEAR(m.item_bias[i], b_i[i], 1e-5);
  ink_rating_free(&m, &h.env.allocator);
  CHECK_EQ(h.memory.live, 0);
}

TEST(biases_alone_are_surprises) {
  read_text(lines(1, true, false));
  standard(&ink_trainer_svd);
  set(&ink_trainer_svd, "factors", 0);
  CHECK_EQ(ink_trainer_svd.fit(&data, values, 3, &h.env, &out), INK_OK);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++) CHECK_NEAR(floats("svd.bias")[item(i)], truth_baseline[i], 1e-5);
  done();
}

/* --------------------------------------------------------------------- nmf */

TEST(parts_come_as_low_as_scikit_learns) {
  enum { K = 4 };
  read_text(lines(1, true, true));
  const ink_rating_options o = { .d = K, .init_scale = 1, .seed = 2 };
  ink_als_rule rule = { .is_explicit = true };
  ink_als_matrix people, items;
  double best = 1e9;
  CHECK_EQ(ink_als_observe(&data, &rule, &h.env, &people), INK_OK);
  for (uint64_t e = 0; e < people.n_values; e++) people.b[e] += rule.mean;
  CHECK_EQ(ink_als_transpose(&people, &h.env, &items), INK_OK);
  for (uint64_t seed = 1; seed <= 4; seed++) {
    ink_rating_model m;
    ink_rating_options with = o;
    double total = 0;
    with.seed = seed;
    CHECK_EQ(ink_rating_new(&with, people.n_rows, people.n_cols, true, &h.env.allocator, &m), INK_OK);
    for (uint32_t pass = 0; pass < 300; pass++) {
      CHECK_EQ(ink_rating_positive_pass(&people, m.items, K, 0, &h.env, m.people), INK_OK);
      CHECK_EQ(ink_rating_positive_pass(&items, m.people, K, 0, &h.env, m.items), INK_OK);
    }
    for (uint32_t i = 0; i < TRUTH_ITEMS * K; i++) CHECK(m.items[i] >= 0);
    for (uint32_t u = 0; u < people.n_rows; u++)
      for (uint64_t e = people.starts[u]; e < people.starts[u + 1]; e++) {
        double away = (double)people.b[e];
        for (uint32_t k = 0; k < K; k++) away -= (double)m.people[u * K + k] * (double)m.items[people.cols[e] * K + k];
        total += away * away;
      }
    best = fmin(best, total);
    ink_rating_free(&m, &h.env.allocator);
  }
  CHECK(best < 1.01 * TRUTH_NMF_OBJECTIVE);
  ink_als_matrix_free(&people, &h.env.allocator);
  ink_als_matrix_free(&items, &h.env.allocator);
  done();
}

/* -------------------------------------------------------------- all trainers */

static const struct { const ink_trainer *trainer; const char *items; bool rated; } all[] = {
  { &ink_trainer_pure_svd, "pure_svd.items", false }, { &ink_trainer_svd, "svd.items", true },
  { &ink_trainer_svdpp, "svdpp.fold", true }, { &ink_trainer_nmf, "nmf.items", true } };

/* Enough people for some to be set aside. */
static void read_many(bool rated) { read_text(lines(4, rated, false)); }

TEST(workers_do_not_show_and_seeds_do) {
  static float first[64 * 256];
  for (size_t a = 0; a < 4; a++)
    for (uint32_t run = 0; run < 3; run++) {
      read_many(all[a].rated);
      standard(all[a].trainer);
      set(all[a].trainer, "factors", 4);
      if (run == 1) h.env.threads = (ink_threads){ NULL, 3, backwards };
      CHECK_EQ(all[a].trainer->fit(&data, values, run == 2 ? 8 : 7, &h.env, &out), INK_OK);
      const float *rows = floats(all[a].items);
      if (run == 0) memcpy(first, rows, TRUTH_ITEMS * 4 * sizeof *rows);
      else CHECK_EQ(memcmp(first, rows, TRUTH_ITEMS * 4 * sizeof *rows) == 0, run == 1);
      done();
    }
}

/* The ridge is measured where people can be set aside, kept where it is given. */
TEST(the_ridge_of_folding_is_fitted_or_taken) {
  for (size_t a = 1; a < 4; a++)
    for (uint32_t given = 0; given < 2; given++) {
      char name[24];
      read_many(true);
      standard(all[a].trainer);
      set(all[a].trainer, "factors", 4);
      if (given) set(all[a].trainer, "fold_regularization", 0.375);
      CHECK_EQ(all[a].trainer->fit(&data, values, 7, &h.env, &out), INK_OK);
      snprintf(name, sizeof name, "%s.settings", all[a].trainer->name);
      const float lambda = floats(name)[FACTOR_LAMBDA];
      CHECK(given ? lambda == 0.375f : lambda != 0.5f && lambda > 0);
      done();
    }
}

static bool stop(void *ctx, const ink_progress *p) {
  (void)ctx;
  (void)p;
  return false;
}

TEST(refusals_stops_and_no_memory_leave_nothing) {
  for (size_t a = 1; a < 4; a++) {
    read_text("a,x\nb,y\n");
    standard(all[a].trainer);
    CHECK_EQ(all[a].trainer->fit(&data, values, 7, &h.env, &out), INK_E_SETTING);       /* no ratings */
    done();
    read_text(lines(1, true, false));
    h.env.progress = stop;
    CHECK_EQ(all[a].trainer->fit(&data, values, 7, &h.env, &out), INK_E_STOPPED);
    done();
  }
  read_text(lines(1, true, false));
  standard(&ink_trainer_svd);
  set(&ink_trainer_svd, "learning_rate", 1);
  CHECK_EQ(ink_trainer_svd.fit(&data, values, 7, &h.env, &out), INK_E_DIVERGED);
  done();
  for (size_t a = 0; a < 4; a++) {
    ink_status status = INK_E_NO_MEMORY;
    for (long at = 1; status == INK_E_NO_MEMORY; at++) {
      read_many(all[a].rated);
      standard(all[a].trainer);
      set(all[a].trainer, "factors", 2);
      if (a > 0) set(all[a].trainer, "epochs", 2);
      h.memory.fail_at = at;
      status = all[a].trainer->fit(&data, values, 7, &h.env, &out);
      CHECK(status == INK_OK || status == INK_E_NO_MEMORY);
      h.memory.fail_at = 0;
      done();
    }
  }
}

TEST_MAIN(T(singular_vectors_are_numpys), T(centred_vectors_are_principal_components), T(centring_wants_a_plain_sum),
          T(gradient_descent_comes_as_low_as_surprise), T(choices_move_as_koren_wrote), T(biases_alone_are_surprises), T(parts_come_as_low_as_scikit_learns), T(workers_do_not_show_and_seeds_do), T(the_ridge_of_folding_is_fitted_or_taken),
          T(refusals_stops_and_no_memory_leave_nothing))
