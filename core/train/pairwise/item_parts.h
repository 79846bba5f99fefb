/* item_parts.h - rows of items as sums, learnt together: y_i = o_i + the sum of t_k over i's tags k, biases alike (Kula 2015,
 * "Metadata embeddings for user and item cold-start recommendations", LightFM).
 *
 * Steps move whole rows. ink_item_parts_settle() then hands each row's move m_i since the last time to its parts and adds up
 * again, so that shared parts change at fixed points only, each tag's in the order of its items, whatever the threads:
 *
 *   o_i += m_i / 2        t_k += mean over the items i of k of  m_i / (2 n_i)        n_i tags; an item without tags keeps m_i
 *
 * With A the 0/1 matrix of items by tags these are means of moves, 1/2 + A C^-1 A' N^-1 / 2 (SART, Andersen & Kak 1984): of
 * norm 1 at most however many tags there are, and items that move alike move by all of m.
 *
 * Items that nobody chose but have tags are silent: their own part is 0 and stays so, and they count in no mean. */
#ifndef INK_ITEM_PARTS_H
#define INK_ITEM_PARTS_H

#include "columns.h"
#include "positives.h"

/* Parts of one kind of row: vectors, or biases (width 1). */
typedef struct ink_parts {
  float *rows;                    /* [n_items, width] the sums: the caller's */
  float *own, *before;            /* [n_items, width] own parts; sums when last settled */
  float *tags;                    /* [n_tags, width] */
  size_t width;
} ink_parts;

typedef struct ink_item_parts {
  ink_allocator allocator;
  const ink_matrix *by_item;      /* [n_items, n_tags] borrowed; only places count */
  ink_matrix by_tag;              /* [n_tags, n_items] what a tag takes of a move: 1 / (2 n_i items of k), silent ones 0 */
  uint8_t *silent;                /* [n_items] */
  ink_parts vectors, biases;      /* biases.rows NULL: none */
} ink_item_parts;

/* All tags of all tag columns, each column's numbered behind those of the one before. INK_E_SETTING (told) where there are none,
 * INK_E_LIMIT over 2^32-1 tags, INK_E_NO_MEMORY; on failure *out is empty. */
ink_status ink_item_tags(const ink_columns *columns, uint32_t n_items, const ink_train_env *env, ink_matrix *out);

/* rows [n_items, stride] and bias [n_items] (or NULL) become own parts, 0 for silent items; parts of tags start at 0. Free it
 * whatever comes back. */
ink_status ink_item_parts_new(ink_item_parts *p, const ink_matrix *tags, const ink_positives *choices, float *rows, size_t stride,
                              float *bias, const ink_train_env *env);
void ink_item_parts_settle(const ink_item_parts *p, const ink_threads *threads);
void ink_item_parts_free(ink_item_parts *p);

#endif
