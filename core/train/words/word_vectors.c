/* word_vectors.c - see word_vectors.h. The first singular direction is the first eigenvector of the rows' d x d products, found
 * by squaring: each product of the matrix with itself squares the ratios of its eigenvalues. */
#include "word_vectors.h"

#include "blocks.h"
#include "fault.h"
#include "fmath.h"
#include "mem.h"
#include "term_matrix.h"
#include "text_words.h"
#include "utf8.h"
#include "base.h"

#define SQUARINGS 30u             /* ratios of eigenvalues to the power 2^30 */

typedef struct known {
  uint32_t *word;                 /* [terms] INK_NONE: no vector */
  double *count;                  /* [words] in the whole catalogue */
  double total;
} known;

/* A term's word: itself, or the one that a tag consists of. */
static uint32_t find_word(const ink_word_vectors *words, ink_text term) {
  ink_words walk;
  ink_text word, more;
  uint32_t at = 0;
  while (at < term.n && term.bytes[at] != ':') at++;
  if (at == term.n) return ink_names_find(&words->names, term);
  ink_words_open(&walk, (ink_text){ term.bytes + at + 1, term.n - at - 1 });
  if (!ink_words_next(&walk, &word)) return INK_NONE;
  const uint32_t found = ink_names_find(&words->names, word);
  return ink_words_next(&walk, &more) ? INK_NONE : found;
}

static ink_status find_known(const ink_terms *terms, const ink_word_vectors *words, const ink_train_env *env, known *k) {
  INK_NEW(&env->allocator, terms->names.n, &k->word);
  INK_NEW(&env->allocator, words->names.n, &k->count);
  for (uint32_t w = 0; w < words->names.n; w++) k->count[w] = 0.0;
  for (uint32_t t = 0; t < terms->names.n; t++) k->word[t] = find_word(words, ink_names_at(&terms->names, t));
  for (uint64_t e = 0; e < terms->rows.n_values; e++) {
    const uint32_t word = k->word[terms->rows.cols[e]];
    if (word == INK_NONE) continue;
    k->count[word] += (double)terms->rows.values[e];
    k->total += (double)terms->rows.values[e];
  }
  return k->total > 0.0 ? INK_OK
                        : ink_refuse(env->fault, INK_E_DATA_EMPTY, ink_text_of("vectors"), "vectors of words that stand in the items file");
}

static void mean_rows(const ink_terms *terms, const ink_word_vectors *words, const known *k, double a, float *rows) {
  const ink_matrix *m = &terms->rows;
  for (uint32_t i = 0; i < m->n_rows; i++) {
    float *row = rows + (size_t)i * words->d;
    double n = 0.0;
    for (uint32_t c = 0; c < words->d; c++) row[c] = 0.0f;
    for (uint64_t e = m->starts[i]; e < m->starts[i + 1]; e++) {
      const uint32_t word = k->word[m->cols[e]];
      if (word == INK_NONE) continue;
      const float *vector = words->rows + (size_t)word * words->d;
      const double weight = (double)m->values[e] * a / (a + k->count[word] / k->total);
      n += (double)m->values[e];
      for (uint32_t c = 0; c < words->d; c++) row[c] += (float)(weight * (double)vector[c]);
    }
    for (uint32_t c = 0; c < words->d && n > 0.0; c++) row[c] = (float)((double)row[c] / n);
  }
}

/* products [d, d], symmetric, to its square, scaled to a trace of 1. False for zeros. */
static bool square(double *products, double *next, uint32_t d) {
  double trace = 0.0;
  for (uint32_t r = 0; r < d; r++)
    for (uint32_t c = 0; c < d; c++) {
      double sum = 0.0;
      for (uint32_t j = 0; j < d; j++) sum += products[(size_t)r * d + j] * products[(size_t)j * d + c];
      next[(size_t)r * d + c] = sum;
    }
  for (uint32_t r = 0; r < d; r++) trace += next[(size_t)r * d + r];
  if (!(trace > 0.0)) return false;
  for (size_t x = 0; x < (size_t)d * d; x++) products[x] = next[x] / trace;
  return true;
}

/* Column of the largest diagonal element: along the eigenvector, once all other ratios have vanished. */
static void read_axis(const double *products, uint32_t d, double *axis) {
  uint32_t best = 0;
  double length = 0.0;
  for (uint32_t r = 1; r < d; r++)
    if (products[(size_t)r * d + r] > products[(size_t)best * d + best]) best = r;
  for (uint32_t r = 0; r < d; r++) length += products[(size_t)r * d + best] * products[(size_t)r * d + best];
  for (uint32_t r = 0; r < d; r++) axis[r] = length > 0.0 ? products[(size_t)r * d + best] / ink_sqrt_f64(length) : 0.0;
}

static void take_off(float *rows, uint32_t n, uint32_t d, const double *axis) {
  for (uint32_t i = 0; i < n; i++) {
    float *row = rows + (size_t)i * d;
    double along = 0.0, length = 0.0;
    for (uint32_t c = 0; c < d; c++) along += (double)row[c] * axis[c];
    for (uint32_t c = 0; c < d; c++) row[c] = (float)((double)row[c] - along * axis[c]);
    for (uint32_t c = 0; c < d; c++) length += (double)row[c] * (double)row[c];
    const double scale = length > 0.0 ? 1.0 / ink_sqrt_f64(length) : 0.0;
    for (uint32_t c = 0; c < d; c++) row[c] = (float)((double)row[c] * scale);
  }
}

static void centre(float *rows, uint32_t n, uint32_t d, double *products, double *next) {
  ink_mem_fill(products, 0, (size_t)d * d * sizeof *products);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t r = 0; r < d; r++)
      for (uint32_t c = 0; c < d; c++) products[(size_t)r * d + c] += (double)rows[(size_t)i * d + r] * (double)rows[(size_t)i * d + c];
  for (uint32_t k = 0; k < SQUARINGS && square(products, next, d); k++) continue;
  read_axis(products, d, next);
  take_off(rows, n, d, next);
}

ink_status ink_sif_rows(const ink_terms *terms, const ink_word_vectors *words, double a, const ink_train_env *env, float *rows) {
  const uint32_t d = words->d;
  known k = { .total = 0.0 };
  double *products = ink_block_resize(&env->allocator, NULL, 2 * (uint64_t)d * d, sizeof *products);
  ink_status status = products == NULL ? INK_E_NO_MEMORY : find_known(terms, words, env, &k);
  if (status == INK_OK) {
    mean_rows(terms, words, &k, a, rows);
    centre(rows, terms->rows.n_rows, d, products, products + (size_t)d * d);
  }
  ink_block_free(&env->allocator, k.word);
  ink_block_free(&env->allocator, k.count);
  ink_block_free(&env->allocator, products);
  return status;
}
