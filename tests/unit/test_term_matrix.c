/* test_term_matrix.c - terms, TF-IDF and BM25 against scikit-learn and rank-bm25; pruning, cutting, no memory; and
 * the tensors of the content trainer. */
#include "columns.h"
#include "fit_content.h"
#include "hosted.h"
#include "term_matrix.h"
#include "testlib.h"
#include "text_words.h"
#include "utf8.h"

#include "golden/content_truth.h"

static hosted h;
static ink_dataset data;

static ink_status read_text(const char *text, bool items) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "file.csv", 0 };
  if (!items) return ink_dataset_read(&data, &source, &(ink_read_options){ 0 }, NULL, &h.env);
  return ink_dataset_read_items(&data, &source, &(ink_items_options){ .types = "title=text,tags=tags" }, &h.env);
}

static void open_data(void) {
  hosted_init(&h);
  ink_dataset_init(&data, &h.env.allocator);
  CHECK_EQ(read_text("user,item\nu,i0\nu,i1\nu,i2\nu,i3\nv,i4\nv,i5\nv,i6\nv,i7\n", false), INK_OK);
  CHECK_EQ(read_text(truth_items, true), INK_OK);
}

static void done(void) {
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

static const ink_term_rule all_terms = { 1, 1.0, 1000, INK_STOP_NONE };

static void compare(ink_term_weighting w, const float truth[][TRUTH_TERMS]) {
  ink_terms terms;
  open_data();
  CHECK_EQ(ink_terms_count(data.columns, data.items.n, &all_terms, &h.env, &terms), INK_OK);
  CHECK(terms.names.n == TRUTH_TERMS && terms.rows.n_rows == TRUTH_ITEMS && terms.rows.n_cols == TRUTH_TERMS);
  for (uint32_t t = 0; t < TRUTH_TERMS; t++) CHECK(ink_text_equal(ink_names_at(&terms.names, t), ink_text_of(truth_terms[t])));
  CHECK_EQ(ink_terms_weigh(&terms, &w, &h.env), INK_OK);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
    float row[TRUTH_TERMS] = { 0 };
    for (uint64_t e = terms.rows.starts[i]; e < terms.rows.starts[i + 1]; e++) row[terms.rows.cols[e]] = terms.rows.values[e];
    for (uint32_t t = 0; t < TRUTH_TERMS; t++) CHECK_NEAR((double)row[t], (double)truth[i][t], 4e-7);      /* idf, weight and norm round to float once each */
  }
  ink_terms_free(&terms, &h.env.allocator);
  done();
}

TEST(tf_idf_is_scikit_learns) {
  compare((ink_term_weighting){ .scheme = INK_TERMS_TFIDF, .tag_weight = 1 }, truth_tfidf);
  compare((ink_term_weighting){ .scheme = INK_TERMS_TFIDF, .sublinear = true, .tag_weight = 1 }, truth_sublinear);
}

TEST(bm25_is_rank_bm25s) {
  compare((ink_term_weighting){ .scheme = INK_TERMS_BM25, .k1 = 1.2f, .b = 0.75f, .tag_weight = 1 }, truth_bm25);
}

TEST(rare_and_frequent_terms_go) {
  ink_terms terms;
  char got[256] = "";
  open_data();
  CHECK_EQ(ink_terms_count(data.columns, data.items.n, &(ink_term_rule){ 3, 0.5, 1000, INK_STOP_NONE }, &h.env, &terms), INK_OK);
  for (uint32_t t = 0; t < terms.names.n; t++) {
    const ink_text name = ink_names_at(&terms.names, t);
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", t ? " " : "", (int)name.n, name.bytes);
    uint32_t df = 0;
    for (uint64_t e = 0; e < terms.rows.n_values; e++) df += terms.rows.cols[e] == t;
    CHECK_EQ(df, terms.df[t]);
  }
  CHECK(strcmp(got, truth_pruned) == 0);
  ink_terms_free(&terms, &h.env.allocator);
  CHECK_EQ(ink_terms_count(data.columns, data.items.n, &(ink_term_rule){ 1, 1.0, 2, INK_STOP_BOTH }, &h.env, &terms), INK_OK);
  CHECK(terms.names.n == 2);                            /* of df 4: bus, fools ..., by bytes */
  ink_terms_free(&terms, &h.env.allocator);
  CHECK_EQ(ink_terms_count(data.columns, data.items.n, &(ink_term_rule){ 9, 1.0, 10, INK_STOP_NONE }, &h.env, &terms), INK_E_DATA_EMPTY);
  CHECK_EQ(ink_terms_count(NULL, data.items.n, &all_terms, &h.env, &terms), INK_E_DATA_EMPTY);
  done();
}

TEST(the_heaviest_terms_stay) {
  ink_terms terms;
  ink_term_weighting w = { .scheme = INK_TERMS_TFIDF, .tag_weight = 1 };
  open_data();
  CHECK_EQ(ink_terms_count(data.columns, data.items.n, &all_terms, &h.env, &terms), INK_OK);
  CHECK_EQ(ink_terms_weigh(&terms, &w, &h.env), INK_OK);
  CHECK_EQ(ink_terms_cut(&terms, 2, &h.env), INK_OK);
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
    double length = 0, least = 1;
    uint32_t heavier = 0, all = 0;
    for (uint64_t e = terms.rows.starts[i]; e < terms.rows.starts[i + 1]; e++) {
      const double kept = (double)truth_tfidf[i][terms.rows.cols[e]];
      length += (double)terms.rows.values[e] * (double)terms.rows.values[e];
      least = kept < least ? kept : least;
      CHECK(e == terms.rows.starts[i] || terms.rows.cols[e] > terms.rows.cols[e - 1]);
    }
    for (uint32_t t = 0; t < TRUTH_TERMS; t++) heavier += (double)truth_tfidf[i][t] > least + 1e-6, all += truth_tfidf[i][t] > 0;
    const uint64_t n = terms.rows.starts[i + 1] - terms.rows.starts[i];
    CHECK_EQ(n, all < 2 ? all : 2);
    CHECK(heavier < 2);
    if (n > 0) CHECK_NEAR(length, 1.0, 1e-6);
  }
  ink_terms_free(&terms, &h.env.allocator);
  done();
}

static const ink_tensor *tensor(const ink_trained *out, const char *name) {
  for (uint32_t i = 0; i < out->n_tensors; i++)
    if (ink_text_equal(out->tensors[i].name, ink_text_of(name))) return &out->tensors[i];
  printf("no tensor %s\n", name);
  exit(1);
}

static void standard(double *values) {
  for (uint32_t i = 0; i < ink_trainer_content.n_settings; i++) values[i] = ink_trainer_content.settings[i].standard;
}

TEST(the_trainer_writes_rows_and_terms) {
  double values[32];
  ink_trained out;
  open_data();
  standard(values);
  ink_trained_init(&out, &h.env.allocator);
  CHECK_EQ(ink_trainer_content.fit(&data, values, 1, &h.env, &out), INK_OK);
  const uint32_t *ends = tensor(&out, "content.ends")->data;
  const int8_t *rows = tensor(&out, "content.values")->data;
  const float *scale = tensor(&out, "content.scale")->data;
  for (uint32_t i = 0; i < TRUTH_ITEMS; i++) {
    double length = 0;
    for (uint32_t z = i ? ends[i - 1] : 0; z < ends[i]; z++) length += (double)(scale[i] * (float)rows[z]) * (double)(scale[i] * (float)rows[z]);
    if (ends[i] > (i ? ends[i - 1] : 0)) CHECK_NEAR(length, 1.0, 0.02);
  }
  CHECK_EQ(tensor(&out, "content.idf")->shape[0], tensor(&out, "content.terms.ends")->shape[0]);
  CHECK(tensor(&out, "content.cols")->dtype == INK_DTYPE_U16 && tensor(&out, "popular.scores")->shape[0] == TRUTH_ITEMS);
  values[0] = 2;                                        /* ratings, of which there are none */
  CHECK_EQ(ink_trainer_content.fit(&data, values, 1, &h.env, &out), INK_E_SETTING);
  ink_trained_free(&out);
  done();
}

TEST(no_memory) {
  bool failed = true;
  for (long n = 1; failed && n < 300; n++) {
    double values[32];
    ink_trained out;
    open_data();
    standard(values);
    ink_trained_init(&out, &h.env.allocator);
    h.memory.fail_at = n;
    const ink_status status = ink_trainer_content.fit(&data, values, 1, &h.env, &out);
    failed = status != INK_OK;
    CHECK(!failed || status == INK_E_NO_MEMORY);
    h.memory.fail_at = 0;
    ink_trained_free(&out);
    done();
  }
  CHECK(!failed);
}

TEST_MAIN(T(tf_idf_is_scikit_learns), T(bm25_is_rank_bm25s), T(rare_and_frequent_terms_go), T(the_heaviest_terms_stay),
          T(the_trainer_writes_rows_and_terms), T(no_memory))
