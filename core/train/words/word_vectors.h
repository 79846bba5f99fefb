/* word_vectors.h - vectors of words that were learnt elsewhere (word2vec, GloVe), and what they say of items. */
#ifndef INK_WORD_VECTORS_H
#define INK_WORD_VECTORS_H

#include "dataset.h"

/* Borrowed by a data set (ink_dataset.words) for as long as it lives. */
typedef struct ink_word_vectors {
  ink_names names;                /* [n] as they stand in the file */
  const float *rows;              /* [n, d] */
  uint32_t d;
} ink_word_vectors;

struct ink_terms;

/* Smooth inverse frequency (Arora, Liang & Ma 2017): the mean of a item's word vectors, each times a / (a + p) where p is the
 * word's share of all words of the catalogue that have vectors; then the first singular direction of all items is taken
 * off, which holds what every text says; then length 1.
 *   terms  counts; tags take part by the words that they consist of one by one ("genres:Comedy" by "comedy")
 *   rows   [n_items, d] out; zeros for items without a known word
 * INK_E_NO_MEMORY, INK_E_DIVERGED; INK_E_DATA_EMPTY when no word of the catalogue has a vector. */
ink_status ink_sif_rows(const struct ink_terms *terms, const ink_word_vectors *words, double a, const ink_train_env *env, float *rows);

#endif
