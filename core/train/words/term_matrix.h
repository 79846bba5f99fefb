/* term_matrix.h - what the catalogue's texts and tags say of each item, as a sparse matrix of items by terms.
 *
 * Terms are words of text columns (text_words.h; all text columns share them) and tags, each under its column's name
 * ("genres:Comedy"): so a tag is never taken for a word. Number columns give none.
 *
 *   TF-IDF   tf (1 + ln tf when sublinear) * (ln((1 + n) / (1 + df)) + 1)       Salton & Buckley 1988, smoothed as
 *                                                                              scikit-learn does
 *   BM25     tf (k1 + 1) / (tf + k1 (1 - b + b length / average)) * ln(1 + (n - df + 0.5) / (df + 0.5))
 *                                                                              Robertson & Zaragoza 2009, idf as Lucene
 * Rows then have length 1 (or are zero, where an item has no term that was kept). */
#ifndef INK_TERM_MATRIX_H
#define INK_TERM_MATRIX_H

#include "columns.h"
#include "dataset.h"

typedef struct ink_term_rule {
  uint32_t min_df;                /* in at least so many items */
  double max_df;                  /* in at most this part of them, 0..1 */
  uint32_t max_terms;             /* of the vocabulary: those of most items stay, ties by bytes */
  uint32_t stop;                  /* INK_STOP_* */
} ink_term_rule;

enum { INK_TERMS_TFIDF, INK_TERMS_BM25 };

/* How counts become weights; new items on a device are weighed by the same numbers. */
typedef struct ink_term_weighting {
  uint32_t scheme;                /* INK_TERMS_* */
  bool sublinear;                 /* TF-IDF */
  float k1, b;                    /* BM25 */
  float average;                  /* out: mean sum of counts of an item */
  float tag_weight;               /* weights of tags are multiplied by it before rows get length 1 */
} ink_term_weighting;

typedef struct ink_terms {
  ink_names names;                /* [T] ordered by bytes */
  ink_matrix rows;                /* [n_items, T] counts, then weights; columns ascending */
  uint32_t *df;                   /* [T] items that have the term */
  float *idf;                     /* [T] after weighing */
} ink_terms;

/* Counts terms. `columns` may be NULL (no terms). INK_E_DATA_EMPTY when no term is kept, INK_E_LIMIT over 2^31 terms,
 * INK_E_NO_MEMORY; on failure *out is empty. */
ink_status ink_terms_count(const ink_columns *columns, uint32_t n_items, const ink_term_rule *rule, const ink_train_env *env,
                           ink_terms *out);
/* Counts to weights, in place. */
ink_status ink_terms_weigh(ink_terms *terms, ink_term_weighting *weighting, const ink_train_env *env);
/* Keeps the `most` heaviest terms of each item (ties: the lower term), scaled to length 1 again. */
ink_status ink_terms_cut(ink_terms *terms, uint32_t most, const ink_train_env *env);
void ink_terms_free(ink_terms *terms, const ink_allocator *allocator);

/* Is it a tag ("column:tag")? No word holds a colon. */
bool ink_term_is_tag(ink_text term);

#endif
