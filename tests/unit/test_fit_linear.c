/* test_fit_linear.c - ease, slim and spectral against numpy and scikit-learn (tests/golden/make_linear.py); blockwise and whole
 * are one where a block holds everything; what is refused; memory that runs out; weights in int8. */
#include "hosted.h"

#include "../golden/linear_truth.h"
#include "fit_ease.h"
#include "fit_slim.h"
#include "fit_spectral.h"
#include "testlib.h"
#include "utf8.h"

static hosted h;
static ink_dataset data;
static ink_trained trained;
static double values[16], dense[TRUTH_ITEMS][TRUTH_ITEMS];

static void read_text(const char *text) {
  CHECK_EQ(hosted_read_events(&h, &data, text, INK_FORMAT_ADJACENCY), INK_OK);
}

static void standard(const ink_trainer *trainer) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) values[i] = trainer->settings[i].standard;
}

static void set(const ink_trainer *trainer, const char *name, double value) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < trainer->n_settings; i++)
    if (strcmp(trainer->settings[i].name, name) == 0) values[i] = value, found++;
  CHECK_EQ(found, 1);
}

static ink_status fit(const ink_trainer *trainer) {
  ink_trained_init(&trained, &h.env.allocator);
  const ink_status status = trainer->fit(&data, values, 1, &h.env, &trained);
  if (status != INK_OK) ink_trained_free(&trained);
  return status;
}

static const void *tensor(const char *prefix, const char *part) {
  char name[64];
  snprintf(name, sizeof name, "%s.%s", prefix, part);
  for (uint32_t i = 0; i < trained.n_tensors; i++)
    if (ink_text_equal(trained.tensors[i].name, ink_text_of(name))) return trained.tensors[i].data;
  return NULL;
}

static uint32_t number(uint32_t item) {        /* the truth's number of the data set's item */
  const ink_text name = ink_names_at(&data.items, item);
  uint32_t n = 0;
  for (size_t i = 1; i < name.n; i++) n = n * 10 + (uint32_t)(name.bytes[i] - '0');
  return n;
}

/* What was stored, [source][target] in the truth's numbers. */
static void spread(const char *prefix) {
  const uint32_t *ends = tensor(prefix, "ends");
  const uint16_t *cols = tensor(prefix, "cols");
  const void *weights = tensor(prefix, "values");
  const float *scale = tensor(prefix, "scale");
  memset(dense, 0, sizeof dense);
  for (uint32_t i = 0, z = 0; i < TRUTH_ITEMS; i++)
    for (; z < ends[i]; z++)
      dense[number(i)][number(cols[z])] = scale != NULL ? (double)scale[i] * ((const int8_t *)weights)[z] : (double)((const float *)weights)[z];
}

static double furthest(const double truth[TRUTH_ITEMS][TRUTH_ITEMS]) {
  double most = 0;
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t j = 0; j < TRUTH_ITEMS; j++) most = fmax(most, fabs(dense[i][j] - truth[i][j]));
  return most;
}

static void open_truth(const ink_trainer *trainer) {
  hosted_init(&h);
  read_text(truth_choices);
  CHECK_EQ(data.items.n, TRUTH_ITEMS);
  standard(trainer);
  set(trainer, "weights", 1);
}

static void close_all(void) {
  ink_trained_free(&trained);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* ---------------------------------------------------------------- the truth */

/* Condition number below 20, so f32 is off by less than 20 * 14 * 2^-24 = 2e-5 of a weight below 1. */
TEST(ease_is_the_closed_form) {
  for (int blockwise = 0; blockwise < 2; blockwise++) {
    open_truth(&ink_trainer_ease);
    set(&ink_trainer_ease, "regularization", TRUTH_EASE_LAMBDA);
    set(&ink_trainer_ease, "blockwise", blockwise);
    CHECK_EQ(fit(&ink_trainer_ease), INK_OK);
    spread("ease");
    CHECK(furthest(truth_ease) < 2e-5);
    close_all();
  }
}

/* Stops when no weight moves by a part in 10^7; convergence is linear with a rate of about a half here. */
TEST(slim_is_the_elastic_net) {
  for (int nonnegative = 0; nonnegative < 2; nonnegative++) {
    open_truth(&ink_trainer_slim);
    set(&ink_trainer_slim, "l1", TRUTH_L1);
    set(&ink_trainer_slim, "l2", TRUTH_L2);
    set(&ink_trainer_slim, "nonnegative", nonnegative);
    set(&ink_trainer_slim, "tolerance", 1e-7);
    CHECK_EQ(fit(&ink_trainer_slim), INK_OK);
    spread("slim");
    CHECK(furthest(nonnegative ? truth_slim : truth_slim_signed) < 1e-5);
    close_all();
  }
}

/* Singular values 4 and 5 differ by some percent: after 60 products the subspace has settled to f32's rounding. */
TEST(spectral_is_the_filter) {
  open_truth(&ink_trainer_spectral);
  set(&ink_trainer_spectral, "factors", TRUTH_FACTORS);
  set(&ink_trainer_spectral, "alpha", TRUTH_ALPHA);
  set(&ink_trainer_spectral, "passes", 60);
  CHECK_EQ(fit(&ink_trainer_spectral), INK_OK);
  spread("spectral");
  CHECK(furthest(truth_spectral) < 2e-5);
  close_all();
}

/* A stored step is at most 1/127 of the row's largest weight, so half of it is what is lost. */
TEST(int8_loses_half_a_step) {
  open_truth(&ink_trainer_ease);
  set(&ink_trainer_ease, "regularization", TRUTH_EASE_LAMBDA);
  set(&ink_trainer_ease, "weights", 0);
  CHECK_EQ(fit(&ink_trainer_ease), INK_OK);
  spread("ease");
  double largest = 0;
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t j = 0; j < TRUTH_ITEMS; j++) largest = fmax(largest, fabs(truth_ease[i][j]));
  CHECK(furthest(truth_ease) < largest * 0.51 / 127);
  close_all();
}

/* ---------------------------------------------------------------- bad input */

static const ink_trainer *const trainers[] = { &ink_trainer_ease, &ink_trainer_slim, &ink_trainer_spectral };

TEST(one_item_and_one_person_are_enough) {
  for (size_t t = 0; t < 3; t++) {
    hosted_init(&h);
    read_text("a only\n");
    standard(trainers[t]);
    CHECK_EQ(fit(trainers[t]), INK_OK);
    close_all();
  }
}

/* Two items that everybody chose together, and nothing that keeps the system apart. */
TEST(a_singular_system_asks_for_regularization) {
  hosted_init(&h);
  read_text("a p q\nb p q\n");
  for (int blockwise = 0; blockwise < 2; blockwise++) {
    standard(&ink_trainer_ease);
    set(&ink_trainer_ease, "regularization", 0);
    set(&ink_trainer_ease, "blockwise", blockwise);
    const ink_status status = fit(&ink_trainer_ease);
    CHECK(status == (blockwise ? INK_OK : INK_E_SINGULAR));       /* one partner is no singular block */
    if (status == INK_OK) ink_trained_free(&trained);
  }
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* The default of 1 GB is enough for 113 panels of 192 items, where there are as many people. */
TEST(a_square_too_large_is_refused_with_its_size) {
  const uint32_t n = 113 * 192 + 1;
  char *text = malloc(n * 16), sentence[400];
  size_t at = 0;
  for (uint32_t i = 0; i < n; i++) at += (size_t)sprintf(text + at, "u%05u i%05u\n", i, i);
  hosted_init(&h);
  read_text(text);
  standard(&ink_trainer_ease);
  CHECK_EQ(fit(&ink_trainer_ease), INK_E_SETTING);
  CHECK(ink_fault_text(&h.fault, sentence, sizeof sentence) > 0);
  CHECK(strstr(sentence, "memory") != NULL && strstr(sentence, "blockwise") != NULL && strstr(sentence, "1.00019") != NULL);
  ink_dataset_free(&data);
  free(text);
  CHECK_EQ(h.memory.live, 0);
}

/* 4 items are a panel of 192 x 192 and two blocks of a sweep: 442 KB. */
TEST(memory_is_counted_to_the_byte) {
  hosted_init(&h);
  read_text("a p q r\nb p q\nc q r s\n");
  standard(&ink_trainer_ease);
  set(&ink_trainer_ease, "memory", 3 * 192 * 192 * 4e-9);
  CHECK_EQ(fit(&ink_trainer_ease), INK_OK);
  ink_trained_free(&trained);
  set(&ink_trainer_ease, "memory", 3 * 192 * 192 * 4e-9 - 1e-9);
  CHECK_EQ(fit(&ink_trainer_ease), INK_E_SETTING);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

TEST(no_memory_leaves_nothing_behind) {
  for (size_t t = 0; t < 4; t++) {
    const ink_trainer *trainer = trainers[t % 3];
    ink_status status = INK_E_NO_MEMORY;
    long requests = 0;
    hosted_init(&h);
    read_text("a p q r\nb p q\nc q r s\n");
    standard(trainer);
    if (t == 3) set(trainer, "blockwise", 1);
    const long before = h.memory.live;
    while (status != INK_OK && requests < 1000) {
      h.memory.fail_at = ++requests;
      status = fit(trainer);
      h.memory.fail_at = 0;
      if (status == INK_OK) continue;
      CHECK_EQ(status, INK_E_NO_MEMORY);
      CHECK_EQ(h.memory.live, before);
    }
    CHECK(requests > 10);
    close_all();
  }
}

TEST_MAIN(T(ease_is_the_closed_form), T(slim_is_the_elastic_net), T(spectral_is_the_filter), T(int8_loses_half_a_step),
          T(one_item_and_one_person_are_enough), T(a_singular_system_asks_for_regularization),
          T(a_square_too_large_is_refused_with_its_size), T(memory_is_counted_to_the_byte), T(no_memory_leaves_nothing_behind))
