/* test_content_vectors.c - items as short vectors: SIF against numpy, LSA against scikit-learn, what is refused, no memory. */
#include "columns.h"
#include "fit_content_vectors.h"
#include "hosted.h"
#include "testlib.h"
#include "utf8.h"
#include "word_vectors.h"

#include "golden/content_truth.h"

static hosted h;
static ink_dataset data;
static ink_word_vectors words;
static ink_trained out;

static ink_status read_text(const char *text, bool items) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "file.csv", 0 };
  if (!items) return ink_dataset_read(&data, &source, &(ink_read_options){ 0 }, NULL, &h.env);
  return ink_dataset_read_items(&data, &source, &(ink_items_options){ .types = "title=text,tags=tags" }, &h.env);
}

static void open_data(void) {
  uint32_t number;
  hosted_init(&h);
  h.env.kernels = ink_kernels_best();
  ink_dataset_init(&data, &h.env.allocator);
  ink_trained_init(&out, &h.env.allocator);
  CHECK_EQ(read_text("user,item\nu,i0\nu,i1\nu,i2\nu,i3\nv,i4\nv,i5\nv,i6\nv,i7\n", false), INK_OK);
  CHECK_EQ(read_text(truth_items, true), INK_OK);
  words = (ink_word_vectors){ .rows = &truth_word_vectors[0][0], .d = 3 };
  for (size_t i = 0; i < sizeof truth_vector_words / sizeof *truth_vector_words; i++)
    CHECK_EQ(ink_names_add(&words.names, &h.env.allocator, ink_text_of(truth_vector_words[i]), &number), INK_OK);
}

static void done(void) {
  ink_names_free(&words.names, &h.env.allocator);
  ink_trained_free(&out);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

static ink_status fit(double method, double factors, double min_df, double max_df) {
  double values[32];
  for (uint32_t i = 0; i < ink_trainer_content_vectors.n_settings; i++) {
    const ink_setting *s = &ink_trainer_content_vectors.settings[i];
    values[i] = strcmp(s->name, "method") == 0 ? method : strcmp(s->name, "factors") == 0 ? factors : strcmp(s->name, "sif_weight") == 0 ? 0.01
              : strcmp(s->name, "min_df") == 0 ? min_df : strcmp(s->name, "max_df") == 0 ? max_df : s->standard;
  }
  return ink_trainer_content_vectors.fit(&data, values, 1, &h.env, &out);
}

static const float *items(uint32_t d) {
  for (uint32_t i = 0; i < out.n_tensors; i++)
    if (ink_text_equal(out.tensors[i].name, ink_text_of("content_vectors.items"))) {
      CHECK(out.tensors[i].shape[0] == TRUTH_ITEMS && out.tensors[i].shape[1] == d);
      return out.tensors[i].data;
    }
  printf("no vectors\n");
  exit(1);
}

/* Sums and roots in double, rows rounded to float: a few units of 6e-8, times at most 1/|row before it is scaled| = 30. */
TEST(sif_is_numpys) {
  open_data();
  data.words = &words;
  CHECK_EQ(fit(0, 64, 1, 1), INK_OK);                   /* auto */
  const float *rows = items(3);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t k = 0; k < 3; k++) CHECK_NEAR((double)rows[3 * i + k], (double)truth_sif[i][k], 1e-5);
  done();
}

/* Signs are free: cosines are not. */
TEST(lsa_is_scikit_learns) {
  open_data();
  CHECK_EQ(fit(1, 3, 2, 0.5), INK_OK);
  const float *rows = items(3);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++)
    for (uint32_t j = 0; j < TRUTH_ITEMS; j++) {
      double cosine = 0;
      for (uint32_t k = 0; k < 3; k++) cosine += (double)rows[3 * i + k] * (double)rows[3 * j + k];
      CHECK_NEAR(cosine, (double)truth_lsa_cosines[i][j], 2e-4);
    }
  done();
}

TEST(what_is_refused) {
  open_data();
  CHECK_EQ(fit(2, 64, 1, 1), INK_E_SETTING);            /* sif without vectors */
  CHECK_EQ(fit(1, 64, 99, 1), INK_E_DATA_EMPTY);
  ink_names_free(&words.names, &h.env.allocator);
  words.names = (ink_names){ 0 };
  uint32_t number;
  CHECK_EQ(ink_names_add(&words.names, &h.env.allocator, ink_text_of("nowhere"), &number), INK_OK);
  data.words = &words;
  CHECK_EQ(fit(2, 64, 1, 1), INK_E_DATA_EMPTY);
  done();
}

TEST(no_memory) {
  for (uint32_t method = 1; method < 3; method++) {
    bool failed = true;
    for (long n = 1; failed && n < 400; n++) {
      open_data();
      data.words = &words;
      h.memory.fail_at = n;
      const ink_status status = fit(method, 3, 1, 1);
      failed = status != INK_OK;
      CHECK(!failed || status == INK_E_NO_MEMORY);
      h.memory.fail_at = 0;
      done();
    }
    CHECK(!failed);
  }
}

TEST_MAIN(T(sif_is_numpys), T(lsa_is_scikit_learns), T(what_is_refused), T(no_memory))
