/* test_fit_neighbours.c - item-item weights worked out by hand: three people's films, Lemire's example of slope one, a
 * correlation; what memory that runs out leaves behind; threads. */
#include "hosted.h"

#include "fit_item_knn.h"
#include "fit_neighbours.h"
#include "linear_items.h"
#include "servelib.h"
#include "testlib.h"
#include "utf8.h"

static hosted h;
static ink_dataset data;
static ink_trained trained;

static void read_text(const char *text, uint32_t format) {
  CHECK_EQ(hosted_read_events(&h, &data, text, format), INK_OK);
}

static void fill(const ink_trainer *trainer, double *values, const char *name, double value) {
  for (uint32_t i = 0; i < trainer->n_settings; i++)
    if (strcmp(trainer->settings[i].name, name) == 0) values[i] = value;
}

static ink_status fit(const ink_trainer *trainer, const double *values) {
  ink_trained_init(&trained, &h.env.allocator);
  const ink_status status = trainer->fit(&data, values, 1, &h.env, &trained);
  if (status != INK_OK) ink_trained_free(&trained);
  return status;
}

static void standard(const ink_trainer *trainer, double *values) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) values[i] = trainer->settings[i].standard;
}

/* Scores of all items for a history, by the family that ships. */
static void score(const ink_family *family, const ink_past *events, uint32_t n, float *out) {
  static served now;
  CHECK_EQ(served_bind(&now, family, trained_source(&trained), data.items.n, 16, ink_kernels_best(), &h.fault), INK_OK);
  CHECK_EQ(served_fold(&now, events, n), INK_OK);
  family->score(now.bound.model, now.state, 0, data.items.n, out);
}

static uint32_t item(const char *id) { return ink_names_find(&data.items, ink_text_of(id)); }
static ink_past liked(const char *id) { return (ink_past){ .item = item(id), .weight = 1, .value = 1 }; }
static ink_past rated(const char *id, float stars) { return (ink_past){ .item = item(id), .weight = 1, .value = stars, .rating = true }; }

static void close_all(void) {
  ink_trained_free(&trained);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* A chose film 1, B film 2, C films 1 and 3. cos(1, 2) = 0, cos(1, 3) = 1/sqrt(2), Jaccard(1, 3) = 1/2; where C, who
 * chose two films, counts 2^-.5, that cosine is 1/sqrt(2) of itself: 1/2; and the walk
 * 1 -> C -> 3: (1/2)^.5 * (1/2)^.5 = 1/2 by alpha .5, beta 0. */
TEST(three_people_and_three_films) {
  double values[32];
  float out[3];
  hosted_init(&h);
  read_text("A one\nB two\nC one three\n", INK_FORMAT_ADJACENCY);
  const ink_past one = liked("one");
  standard(&ink_trainer_item_knn, values);
  fill(&ink_trainer_item_knn, values, "shrink", 0);
  CHECK_EQ(fit(&ink_trainer_item_knn, values), INK_OK);
  score(&ink_family_item_knn, &one, 1, out);
  CHECK_NEAR((double)out[item("three")], 0.5, 1e-6);
  ink_trained_free(&trained);
  fill(&ink_trainer_item_knn, values, "person_power", 0);
  CHECK_EQ(fit(&ink_trainer_item_knn, values), INK_OK);
  score(&ink_family_item_knn, &one, 1, out);
  CHECK_NEAR((double)out[item("three")], 1 / sqrt(2), 1e-6);
  CHECK_EQ_BITS(out[item("two")], 0.0f);
  CHECK_EQ_BITS(out[item("one")], 0.0f);
  ink_trained_free(&trained);
  fill(&ink_trainer_item_knn, values, "similarity", 4);
  CHECK_EQ(fit(&ink_trainer_item_knn, values), INK_OK);
  score(&ink_family_item_knn, &one, 1, out);
  CHECK_NEAR((double)out[item("three")], 0.5, 1e-6);
  ink_trained_free(&trained);
  standard(&ink_trainer_rp3, values);
  fill(&ink_trainer_rp3, values, "alpha", 0.5);
  fill(&ink_trainer_rp3, values, "beta", 0);
  fill(&ink_trainer_rp3, values, "normalise", 0);
  CHECK_EQ(fit(&ink_trainer_rp3, values), INK_OK);
  score(&ink_family_rp3, &one, 1, out);
  CHECK_NEAR((double)out[item("three")], 0.5, 1e-6);
  close_all();
}

/* Lemire & Maclachlan 2005, as it is usually told: Lucy's rating of A is (2*(2 + 0.5) + 1*(5 + 3)) / 3 = 13/3. */
TEST(slope_one_by_hand) {
  double values[8];
  float out[3];
  hosted_init(&h);
  read_text("John\tA\t5\nJohn\tB\t3\nJohn\tC\t2\nMark\tA\t3\nMark\tB\t4\nLucy\tB\t2\nLucy\tC\t5\n", INK_FORMAT_RATINGS);
  standard(&ink_trainer_slope_one, values);
  CHECK_EQ(fit(&ink_trainer_slope_one, values), INK_OK);
  const ink_past lucy[] = { rated("B", 2), rated("C", 5) };
  score(&ink_family_slope_one, lucy, 2, out);
  CHECK_NEAR((double)out[item("A")], 13.0 / 3, 2e-2);       /* int8 differences: a step of 3/127 */
  close_all();
}

/* p and q rise together, r falls: correlations 1 and -1 of three people, significance 3/(3 + shrink). */
TEST(pearson_by_hand) {
  double values[32];
  hosted_init(&h);
  read_text("a,p,1\na,q,2\na,r,5\nb,p,2\nb,q,3\nb,r,3\nc,p,3\nc,q,4\nc,r,1\n", INK_FORMAT_RATINGS);
  standard(&ink_trainer_item_knn, values);
  fill(&ink_trainer_item_knn, values, "similarity", 1);
  fill(&ink_trainer_item_knn, values, "shrink", 3);
  CHECK_EQ(fit(&ink_trainer_item_knn, values), INK_OK);
  ink_tensor scale = { 0 }, pairs = { 0 }, cols = { 0 }, ends = { 0 };
  CHECK(trained_find(&trained, ink_text_of("item_knn.scale"), &scale) && trained_find(&trained, ink_text_of("item_knn.values"), &pairs));
  CHECK(trained_find(&trained, ink_text_of("item_knn.cols"), &cols) && trained_find(&trained, ink_text_of("item_knn.ends"), &ends));
  CHECK_EQ(pairs.shape[0], 6);
  for (uint32_t i = 0, z = 0; i < 3; i++)
    for (; z < ((const uint32_t *)ends.data)[i]; z++) {
      const uint32_t j = ((const uint16_t *)cols.data)[z];
      const double value = (double)((const float *)scale.data)[i] * ((const int8_t *)pairs.data)[z];
      CHECK_NEAR(value, (i == item("r")) != (j == item("r")) ? -0.5 : 0.5, 1e-2);
    }
  close_all();
}

TEST(constant_ratings_have_no_correlation_and_one_item_is_enough) {
  double values[32];
  hosted_init(&h);
  read_text("a,p,3\na,q,3\nb,p,3\nb,q,4\n", INK_FORMAT_RATINGS);
  standard(&ink_trainer_item_knn, values);
  fill(&ink_trainer_item_knn, values, "similarity", 1);
  CHECK_EQ(fit(&ink_trainer_item_knn, values), INK_OK);
  ink_tensor pairs = { 0 };
  CHECK(trained_find(&trained, ink_text_of("item_knn.values"), &pairs));
  CHECK_EQ(pairs.shape[0], 0);
  close_all();
  hosted_init(&h);
  read_text("a only\n", INK_FORMAT_ADJACENCY);
  standard(&ink_trainer_item_knn, values);
  CHECK_EQ(fit(&ink_trainer_item_knn, values), INK_OK);
  close_all();
}

TEST(ratings_that_are_asked_for_must_be_there) {
  double values[8];
  hosted_init(&h);
  read_text("A one\nB two\n", INK_FORMAT_ADJACENCY);
  standard(&ink_trainer_slope_one, values);
  CHECK_EQ(fit(&ink_trainer_slope_one, values), INK_E_SETTING);
  ink_dataset_free(&data);
}

TEST(no_memory_leaves_nothing_behind) {
  const ink_trainer *const trainers[] = { &ink_trainer_item_knn, &ink_trainer_rp3, &ink_trainer_slope_one };
  for (size_t t = 0; t < 3; t++) {
    double values[32];
    long requests = 0;
    hosted_init(&h);
    read_text("a,p,1\na,q,2\nb,p,2\nb,q,3\nb,r,3\nc,p,3\nc,r,1\n", INK_FORMAT_RATINGS);
    const long before = h.memory.live;
    standard(trainers[t], values);
    ink_status status;
    do {
      h.memory.fail_at = ++requests;
      status = fit(trainers[t], values);
      h.memory.fail_at = 0;
      if (status != INK_OK) {
        CHECK_EQ(status, INK_E_NO_MEMORY);
        CHECK_EQ(h.memory.live, before);
      }
    } while (status != INK_OK && requests < 1000);
    CHECK(requests > 10);
    close_all();
  }
}

TEST_MAIN(T(three_people_and_three_films), T(slope_one_by_hand), T(pearson_by_hand),
          T(constant_ratings_have_no_correlation_and_one_item_is_enough), T(ratings_that_are_asked_for_must_be_there),
          T(no_memory_leaves_nothing_behind))
