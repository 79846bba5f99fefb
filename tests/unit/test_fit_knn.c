/* test_fit_knn.c - neighbourhoods against SciPy, scikit-learn and Surprise (tests/golden/make_knn.py); the worked example of
 * three people from the side of the people. */
#include "hosted.h"

#include "../golden/chosen_truth.h"
#include "../golden/knn_truth.h"
#include "fit_ease.h"
#include "fit_item_knn.h"
#include "fit_neighbours.h"
#include "fit_slim.h"
#include "fit_spectral.h"
#include "fit_user_knn.h"
#include "fitted.h"
#include "linear_items.h"
#include "user_knn.h"

static const void *tensor(const char *name) {
  ink_tensor t = { .data = NULL };
  CHECK(fitted_find(NULL, ink_text_of(name), &t));
  return t.data;
}

/* A number of the pair (source, target), or 0. */
static float pair(const char *prefix, const char *part, uint32_t source, uint32_t target) {
  char name[64];
  snprintf(name, sizeof name, "%s.ends", prefix);
  const uint32_t *ends = tensor(name);
  snprintf(name, sizeof name, "%s.cols", prefix);
  const uint16_t *cols = tensor(name);
  snprintf(name, sizeof name, "%s.%s", prefix, part);
  for (uint32_t z = source ? ends[source - 1] : 0; z < ends[source]; z++)
    if (cols[z] == target) return ((const float *)tensor(name))[z];
  return 0;
}

static uint32_t truth_number(uint32_t item) {
  char id[16];
  snprintf(id, sizeof id, "i%u", item);
  return fitted_item(id);
}

/* Ratings are whole, so all sums are exact: what is left is one rounding to f32. */
TEST(scipy_and_scikit_learn_find_the_same_likeness) {
  for (size_t t = 0; t < sizeof truth_likeness / sizeof *truth_likeness; t++) {
    const ink_trainer *knn = &ink_trainer_item_knn;
    fitted_read(truth_ratings, INK_FORMAT_RATINGS);
    fitted_standard(knn);
    fitted_set(knn, "similarity", fitted_word(knn, "similarity", truth_likeness[t].name));
    fitted_set(knn, "shrink", 0);
    fitted_set(knn, "weights", 1);
    CHECK_EQ(fitted_fit(knn), INK_OK);
    CHECK_NEAR((double)pair("item_knn", "values", truth_number(0), truth_number(1)), truth_likeness[t].value, 1e-6);
    CHECK_NEAR((double)pair("item_knn", "values", truth_number(1), truth_number(0)), truth_likeness[t].value, 1e-6);
    fitted_close();
  }
}

/* Choices whose people count by the length of their history (tests/golden/make_chosen.py): Deshpande & Karypis' rows of length 1
 * among them. Sums of some ten numbers below 1. */
TEST(scipy_finds_the_same_likeness_of_weighed_people) {
  const ink_trainer *knn = &ink_trainer_item_knn;
  for (size_t t = 0; t < sizeof truth_alike / sizeof *truth_alike; t++) {
    fitted_read(truth_chosen, INK_FORMAT_ADJACENCY);
    fitted_standard(knn);
    fitted_set(knn, "similarity", fitted_word(knn, "similarity", truth_alike[t].similarity));
    fitted_set(knn, "person_power", truth_alike[t].power);
    fitted_set(knn, "shrink", truth_alike[t].shrink);
    fitted_set(knn, "weights", 1);
    CHECK_EQ(fitted_fit(knn), INK_OK);
    CHECK_NEAR((double)pair("item_knn", "values", truth_number(0), truth_number(1)), truth_alike[t].value, 1e-6);
    CHECK_NEAR((double)pair("item_knn", "values", truth_number(1), truth_number(0)), truth_alike[t].value, 1e-6);
    fitted_close();
  }
}

static uint32_t history_of(uint32_t person, ink_past *past) {
  char id[16];
  snprintf(id, sizeof id, "u%u", person);
  const uint32_t u = ink_names_find(&data.users, ink_text_of(id));
  uint32_t n = 0;
  for (uint64_t e = data.user_starts[u]; e < data.user_starts[u + 1]; e++, n++)
    past[n] = (ink_past){ .item = data.item[e], .value = data.value[e], .weight = 1, .rating = true, .seq = n + 1 };
  return n;
}

/* Baselines of f32 after ten passes, and weighted means of numbers below 5: a few units of 2^-22. */
TEST(surprise_predicts_the_same) {
  const ink_trainer *knn = &ink_trainer_knn_baseline;
  for (size_t t = 0; t < sizeof truth_predictions / sizeof *truth_predictions; t++) {
    fitted_read(truth_ratings, INK_FORMAT_RATINGS);
    fitted_standard(knn);
    fitted_set(knn, "similarity", fitted_word(knn, "similarity", truth_predictions[t].similarity));
    fitted_set(knn, "shrink", 0);
    fitted_set(knn, "mean_shrink", 0);
    fitted_set(knn, "positive_only", 1);
    fitted_set(knn, "weights", 1);
    CHECK_EQ(fitted_fit(knn), INK_OK);
    for (uint32_t m = 0; m < TRUTH_MISSING; m++) {
      ink_past past[TRUTH_ITEMS];
      float out[TRUTH_ITEMS];
      fitted_score(&ink_family_item_knn, past, history_of(truth_person[m], past), out);
      CHECK_NEAR((double)out[truth_number(truth_item[m])], truth_predictions[t].predicted[m], 1e-5);
    }
    fitted_close();
  }
}

/* What Surprise calls dev[i][j]: how much higher i is rated than j. */
TEST(surprise_finds_the_same_differences) {
  const ink_trainer *slope = &ink_trainer_slope_one;
  fitted_read(truth_ratings, INK_FORMAT_RATINGS);
  fitted_standard(slope);
  fitted_set(slope, "weights", 1);
  CHECK_EQ(fitted_fit(slope), INK_OK);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t j = 0; j < TRUTH_ITEMS; j++)
      CHECK_NEAR((double)pair("slope_one", "shifts", truth_number(j), truth_number(i)), truth_difference[i][j], 1e-6);
  fitted_close();
}

/* A chose the first film, B the second, C the first and the third. cosine(A, B) = 0, cosine(A, C) = 1 / sqrt(2): what A has
 * not seen scores what C's choice of it is worth. */
TEST(three_people_and_three_films) {
  const ink_trainer *knn = &ink_trainer_user_knn;
  const ink_past a = { .item = 0, .value = 1, .weight = 1 };
  float out[3];
  fitted_read("A one\nB two\nC one three\n", INK_FORMAT_ADJACENCY);
  fitted_standard(knn);
  fitted_set(knn, "rows", 1);
  fitted_set(knn, "weighting", 0);
  CHECK_EQ(fitted_fit(knn), INK_OK);
  fitted_score(&ink_family_user_knn, &a, 1, out);
  CHECK_EQ_BITS(out[fitted_item("two")], 0.0f);
  CHECK_NEAR((double)out[fitted_item("three")], 1 / sqrt(2), 1e-6);
  CHECK_NEAR((double)out[fitted_item("one")], 1 + 1 / sqrt(2), 1e-6);
  fitted_close();
}

/* Everybody's rows, asked by the nearest and by whom they reach (tests/golden/make_chosen.py): sums of some twenty products below 10. */
TEST(numpy_asks_the_same_people) {
  const ink_trainer *knn = &ink_trainer_user_knn;
  for (size_t t = 0; t < sizeof truth_asked / sizeof *truth_asked; t++) {
    fitted_read(truth_chosen, INK_FORMAT_ADJACENCY);
    fitted_standard(knn);
    fitted_set(knn, "rows", 1);
    fitted_set(knn, "neighbours", truth_asked[t].nearest);
    fitted_set(knn, "reverse", truth_asked[t].reverse);
    fitted_set(knn, "vote_power", truth_asked[t].power);
    fitted_set(knn, "weights", 1);
    CHECK_EQ(fitted_fit(knn), INK_OK);
    for (uint32_t u = 0; u < TRUTH_CHOOSERS; u++) {
      ink_past past[TRUTH_CHOICES];
      float out[TRUTH_CHOICES];
      uint32_t n = 0;
      for (uint64_t e = data.user_starts[u]; e < data.user_starts[u + 1]; e++, n++) past[n] = (ink_past){ .item = data.item[e], .value = 1, .weight = 1, .seq = n + 1 };
      fitted_score(&ink_family_user_knn, past, n, out);
      for (uint32_t i = 0; i < TRUTH_CHOICES; i++) CHECK_NEAR((double)out[truth_number(i)], truth_asked[t].score[u][i], 1e-5);
    }
    fitted_close();
  }
}

/* What each item says of each, of the few that are kept: by BM25 (shrink), by a walk (alpha, beta). */
TEST(numpy_keeps_the_same_sources) {
  for (size_t t = 0; t < sizeof truth_weights / sizeof *truth_weights; t++) {
    const bool bm25 = truth_weights[t].name[0] == 'b';
    const ink_trainer *trainer = bm25 ? &ink_trainer_item_knn : &ink_trainer_rp3;
    fitted_read(truth_chosen, INK_FORMAT_ADJACENCY);
    fitted_standard(trainer);
    fitted_set(trainer, "neighbours", truth_weights[t].keep);
    fitted_set(trainer, bm25 ? "shrink" : "alpha", truth_weights[t].first);
    fitted_set(trainer, bm25 ? "person_power" : "beta", truth_weights[t].second);
    fitted_set(trainer, bm25 ? "weighting" : "normalise", bm25 ? 2 : truth_weights[t].normalise);
    fitted_set(trainer, "weights", 1);
    CHECK_EQ(fitted_fit(trainer), INK_OK);
    for (uint32_t i = 0; i < TRUTH_CHOICES; i++)
      for (uint32_t j = 0; j < TRUTH_CHOICES; j++)
        CHECK_NEAR((double)pair(bm25 ? "item_knn" : "rp3", "values", truth_number(i), truth_number(j)), truth_weights[t].weight[i][j], 1e-6);
    fitted_close();
  }
}

/* What a choice of film one speaks for film three, by the formulas on the pages in docs/families. */
static const struct worked { const ink_trainer *trainer; const char *prefix, *name[2]; double value[2], weight; } worked[] = {
  { &ink_trainer_ease, "ease", { "regularization", "weights" }, { 1, 1 }, 1.0 / 3 },            /* 0.2 / 0.6 */
  { &ink_trainer_slim, "slim", { "l1", "l2" }, { 0.25, 0.5 }, 0.3 },                            /* (1 - 0.25) / (2 + 0.5) */
  { &ink_trainer_spectral, "spectral", { "factors", "passes" }, { 2, 40 }, 0.25 * 1.4142135623731 + 0.3 / 3 },
  { &ink_trainer_rp3, "rp3", { "normalise", "beta" }, { 0, 0 }, 0.5 },                          /* two steps: sqrt(1/2) sqrt(1/2) */
};

TEST(the_same_films_by_regression_and_filter) {
  for (size_t t = 0; t < sizeof worked / sizeof *worked; t++) {
    fitted_read("A one\nB two\nC one three\n", INK_FORMAT_ADJACENCY);
    fitted_standard(worked[t].trainer);
    fitted_set(worked[t].trainer, "weights", 1);
    for (int i = 0; i < 2; i++) fitted_set(worked[t].trainer, worked[t].name[i], worked[t].value[i]);
    CHECK_EQ(fitted_fit(worked[t].trainer), INK_OK);
    CHECK_NEAR((double)pair(worked[t].prefix, "values", fitted_item("one"), fitted_item("three")), worked[t].weight, 1e-6);
    CHECK_NEAR((double)pair(worked[t].prefix, "values", fitted_item("one"), fitted_item("two")), 0, 1e-6);
    fitted_close();
  }
}

/* Two people are no correlation of ratings that never differ. */
TEST(constant_ratings_leave_the_baseline) {
  const ink_trainer *knn = &ink_trainer_knn_baseline;
  const ink_past past = { .item = 0, .value = 3, .weight = 1, .rating = true };
  float out[2];
  fitted_read("a,p,3\na,q,3\nb,p,3\nb,q,3\nc,q,4\n", INK_FORMAT_RATINGS);
  fitted_standard(knn);
  fitted_set(knn, "similarity", fitted_word(knn, "similarity", "pearson"));
  CHECK_EQ(fitted_fit(knn), INK_OK);
  fitted_score(&ink_family_item_knn, &past, 1, out);
  CHECK(out[1] > 3.0f && out[1] < 3.5f);
  fitted_close();
  fitted_read("a p\n", INK_FORMAT_ADJACENCY);
  fitted_standard(knn);
  CHECK_EQ(fitted_fit(knn), INK_E_SETTING);
  ink_dataset_free(&data);
}

TEST_MAIN(T(scipy_and_scikit_learn_find_the_same_likeness), T(scipy_finds_the_same_likeness_of_weighed_people), T(surprise_predicts_the_same), T(surprise_finds_the_same_differences),
          T(three_people_and_three_films), T(numpy_asks_the_same_people), T(numpy_keeps_the_same_sources),
          T(the_same_films_by_regression_and_filter), T(constant_ratings_leave_the_baseline))
